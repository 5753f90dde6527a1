#!/usr/bin/env bash
# Trains the MNIST multilayer perceptron with every activation of the RReLU paper, with and without
# batch normalisation, over several seeds, and compares the runs. Finished runs are skipped, cut ones
# go on. Ctrl-C ends the trainings cleanly; the same command goes on. Exit code 1 when a run failed or
# is being trained by another process.
#
#   scripts/mnist-activation-study.sh [--small] [--seeds N] [--jobs N] [--output DIR] [-- ARGUMENTS]
#
#   --small       the 6,000 shipped digits and one epoch: to try it out
#   --seeds N     seeds 1 to N (default 3)
#   --jobs N      runs at a time, one thread each if more than one (default 1, with all threads)
#   --output DIR  where runs and comparison go (default runs/mnist-activation-study)
#   -- ARGUMENTS  more arguments of `dlkit train` for every new run, such as --set training.epochs=20;
#                 a run that goes on keeps its recipe
set -euo pipefail
cd "$(dirname "$0")/.."

small=false seeds=3 jobs=1 output= more=()
while [ $# -gt 0 ]; do
    case $1 in
        --small) small=true; shift ;;
        --seeds | --jobs)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || { echo "error: $1 needs a whole number of 1 or more, not '${2:-}'" >&2; exit 2; }
            declare "${1#--}=$2"; shift 2 ;;
        --output) output=${2:?--output needs a directory}; shift 2 ;;
        --) shift; more=("$@"); break ;;
        *) echo "error: unknown argument '$1'; allowed: --small, --seeds N, --jobs N, --output DIR, -- ARGUMENTS" >&2; exit 2 ;;
    esac
done

settings=()
if $small; then
    output=${output:-runs/mnist-activation-study-small}
    settings+=(--set data.path=datasets/mnist-small --set data.validation=0.1 --set training.epochs=1)
else
    output=${output:-runs/mnist-activation-study}
    [ -e datasets/mnist ] || scripts/fetch-mnist.sh
fi

# The binary of a checkout is built when needed; DLKIT names another.
if [ -z "${DLKIT:-}" ]; then
    cargo build --release --locked
    DLKIT=${CARGO_TARGET_DIR:-target}/release/dlkit
fi
export DLKIT output
export threads=
[ "$jobs" -eq 1 ] || threads="--threads 1"

# name and value of network.activation
activations=(
    'relu relu'
    'leaky-relu leaky-relu'
    'prelu prelu'
    'rrelu-framework {kind="rrelu",mode="framework"}'
    'rrelu-paper {kind="rrelu",mode="paper"}'
    'rrelu-post {kind="rrelu",mode="post"}'
    'elu elu'
)

# One run: RUN ARGUMENTS...
train() {
    local run=$output/$1 log=$output/logs/$1.log status=0
    shift
    # An interrupt is for dlkit to handle; what follows it still says what became of the run.
    trap : INT TERM
    if grep -qsE '"outcome": "(finished|stopped-early)"' "$run/run.json"; then
        echo "$run: finished before"
        return
    fi
    local arguments=(--config configs/mnist/mlp-full.toml --output "$run" "$@")
    [ ! -e "$run/run.json" ] || arguments=(--resume "$run")
    # Appended: the log of a run another process trains is that process's.
    # shellcheck disable=SC2086 # $threads is two words or none
    "$DLKIT" train "${arguments[@]}" $threads </dev/null >>"$log" 2>&1 || status=$?
    case $status in
        0) echo "$run: $(grep '^test accuracy' "$log" | tail -n 1)" ;;
        130) echo "$run: interrupted" >&2 ;;
        *)
            if tail -n 5 "$log" | grep -q 'another process is training'; then
                echo "$run: another process is training it, left alone" >&2
            else
                echo "$run: failed, see $log" >&2
                # The last error, with its causes.
                tac "$log" | sed '/^error: /q' | tac | head -n 3 | sed 's/^/  /' >&2
            fi
            ;;
    esac
    return "$status"
}

# Ends what is still being trained, after its current step, and then the script with this exit code.
interrupted() {
    trap 'end_runs KILL' INT TERM
    echo "stopping the trainings; the same command goes on, another Ctrl-C kills them" >&2
    end_runs INT
    exit "$1"
}

# The groups of the runs that are going on get a signal, and are waited for.
end_runs() {
    local group
    for group in $(jobs -rp); do
        kill -s "$1" -- "-$group" 2>/dev/null || true
    done
    wait || true
}

trap 'interrupted 130' INT
trap 'interrupted 143' TERM HUP
trap 'end_runs INT' EXIT

mkdir -p "$output/logs"
failed=0
for seed in $(seq "$seeds"); do
    for activation in "${activations[@]}"; do
        read -r name value <<<"$activation"
        for norm in false true; do
            run=$name$($norm && echo -batch-norm || true)-seed$seed
            printf '%s\0' "$run" --set "network.activation=$value" --set "network.batch_norm=$norm" \
                --set "seed=$seed" ${settings[@]+"${settings[@]}"} ${more[@]+"${more[@]}"}
            printf '%s\0' END
        done
    done
done >"$output/logs/runs"

# Splits the list into runs and keeps as many going as asked for.
running=0
arguments=()
while IFS= read -r -d '' word; do
    if [ "$word" != END ]; then
        arguments+=("$word")
        continue
    fi
    if [ "$running" -ge "$jobs" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    # Each run is a process group of its own, so that Ctrl-C reaches it once: by the trap.
    set -m
    train "${arguments[@]}" &
    set +m
    running=$((running + 1))
    arguments=()
done <"$output/logs/runs"
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done

# Where every run failed there is nothing to compare.
compared=0
"$DLKIT" compare "$output" --by network.activation --by network.batch_norm --output "$output/comparison" ||
    compared=$?
[ "$failed" -eq 0 ] || exit 1
exit "$compared"
