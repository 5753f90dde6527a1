#!/usr/bin/env bash
# Fits a noisy line with outliers by a network of linear layers, without a penalty, with L1, with L2 and with
# both, over several seeds; then prunes the L1 network and trains it again. Finished runs are skipped. The exit
# code is 1 if a run failed.
#
#   scripts/regularization-study.sh [--small] [--seeds N] [--output DIR] [-- ARGUMENTS]
#
#   --small       try it: two epochs and one seed
#   --seeds N     seeds 1 to N (default 5): of the data, the weights and the order of samples
#   --output DIR  where runs, tables and pictures go (default runs/regularization-study)
#   -- ARGUMENTS  more arguments of `dlkit train` for every new run, such as --set penalty.l1=0.1
set -euo pipefail
cd "$(dirname "$0")/.."

small=false seeds= output= more=()
while [ $# -gt 0 ]; do
    case $1 in
        --small) small=true; shift ;;
        --seeds)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "error: $1 needs a positive integer, not '${2:-}'" >&2; exit 2; }
            seeds=$2; shift 2 ;;
        --output) output=${2:?--output needs a directory}; shift 2 ;;
        --) shift; more=("$@"); break ;;
        *) echo "error: unknown argument '$1'; allowed: --small, --seeds N, --output DIR, -- ARGUMENTS" >&2; exit 2 ;;
    esac
done
settings=()
if $small; then
    output=${output:-runs/regularization-study-small}
    seeds=${seeds:-1}
    settings+=(--set training.epochs=2)
else
    output=${output:-runs/regularization-study}
    seeds=${seeds:-5}
fi

# Builds the binary of this checkout unless DLKIT names another.
if [ -z "${DLKIT:-}" ]; then
    cargo build --release --locked
    DLKIT=${CARGO_TARGET_DIR:-target}/release/dlkit
fi

mkdir -p "$output/logs"
failed=0

# One run: NAME ARGUMENTS...
train() {
    local run=$output/runs/$1 log=$output/logs/$1.log status=0
    shift
    if grep -qsE '"outcome": "(finished|stopped-early)"' "$run/run.json"; then
        echo "$run: finished before"
        return
    fi
    local arguments=(--output "$run" "$@" ${settings[@]+"${settings[@]}"} ${more[@]+"${more[@]}"})
    [ ! -e "$run/run.json" ] || arguments=(--resume "$run")
    "$DLKIT" train "${arguments[@]}" </dev/null >"$log" 2>&1 || status=$?
    case $status in
        0) echo "$run: $(grep -o '^test absolute error.*test root' "$log" | sed 's/, test root$//')" ;;
        130) echo "$run: interrupted; run the same command again to continue" >&2; exit 130 ;;
        *)
            echo "$run: failed, see $log" >&2
            tac "$log" | sed '/^error: /q' | tac | head -n 3 | sed 's/^/  /' >&2
            failed=1
            ;;
    esac
}

for seed in $(seq "$seeds"); do
    for penalty in none l1 l2 elastic-net; do
        # The first run of each penalty becomes an animation.
        keep=()
        [ "$seed" -ne 1 ] || keep=(--set training.weights_every=1)
        train "$penalty-seed$seed" --config "configs/regression/$penalty.toml" --set "seed=$seed" \
            --set "data.seed=$seed" ${keep[@]+"${keep[@]}"}
    done
done

# The pruned L1 network of the first seed is trained again, with and without the penalty.
if grep -qs '"outcome": "finished"' "$output/runs/l1-seed1/run.json"; then
    [ -e "$output/shrunk/run.json" ] ||
        "$DLKIT" prune "$output/runs/l1-seed1" --output "$output/shrunk" | tee "$output/shrunk.txt"
    recipe=$output/shrunk/config.toml
    for seed in $(seq "$seeds"); do
        train "shrunk-seed$seed" --config "$recipe" --set "seed=$seed" --set "data.seed=$seed" \
            --set training.weights_every=0
        train "shrunk-free-seed$seed" --config "$recipe" --set "seed=$seed" \
            --set "data.seed=$seed" --set training.weights_every=0 --set penalty.l1=0.0
    done
fi

compare() {
    "$DLKIT" compare "$output/runs" --by penalty.l1 --by penalty.l2 --by network.layers.0.units \
        --metric "$1" --output "$output/$1" --force >"$output/$1.txt" || failed=1
    cat "$output/$1.txt"
}
compare test_total_absolute_error
compare zero_weights

for penalty in none l1 l2 elastic-net; do
    run=$output/runs/$penalty-seed1
    grep -qs '"outcome": "finished"' "$run/run.json" || continue
    "$DLKIT" weights plot "$run" --output "$output/$penalty-weights.png" --force --quiet || failed=1
    "$DLKIT" weights animate "$run" --output "$output/$penalty-weights.gif" --force --quiet || failed=1
done
exit "$failed"
