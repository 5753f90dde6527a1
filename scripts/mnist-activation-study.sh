#!/usr/bin/env bash
# Trains the MNIST multilayer perceptron with every activation of the RReLU paper, with and without
# batch normalization, over several seeds, and compares the runs. Finished runs are skipped, interrupted ones
# resumed. Ctrl-C stops the trainings cleanly; run the same command again to continue. The exit code is 1 if a
# run failed or is being trained by another process.
#
#   scripts/mnist-activation-study.sh [--small] [--seeds N] [--jobs N] [--device NAME] [--output DIR] [-- ARGUMENTS]
#
#   --small        try it: the 6,000 shipped digits and one epoch
#   --seeds N      seeds 1 to N (default 3)
#   --jobs N       runs at a time, one thread each if more than one (default 1, with all threads)
#   --device NAME  device, as for dlkit train, also for resumed runs; a device that needs a feature needs a
#                  binary with that feature: DLKIT=/path/to/dlkit
#   --output DIR   where runs and comparison go (default runs/mnist-activation-study)
#   -- ARGUMENTS   more arguments of `dlkit train` for every new run, such as --set training.epochs=20;
#                  a resumed run keeps its recipe
set -euo pipefail

fail() {
    echo "error: $1" >&2
    exit 2
}

# Paths are relative to the caller's directory.
from_here() {
    case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac
}

small=false seeds=3 jobs=1 output= device=() more=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit ;;
        --small) small=true; shift ;;
        --seeds | --jobs)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive integer, not '${2:-}'"
            declare "${1#--}=$2"; shift 2 ;;
        --device) [ -n "${2:-}" ] || fail "--device needs a name, see dlkit devices"; device=("$1" "$2"); shift 2 ;;
        --output) [ -n "${2:-}" ] || fail "--output needs a directory"; output=$(from_here "$2"); shift 2 ;;
        --) shift; more=("$@"); break ;;
        *) fail "unknown argument '$1'; allowed: --small, --seeds N, --jobs N, --device NAME, --output DIR, -- ARGUMENTS" ;;
    esac
done
[ -z "${DLKIT:-}" ] || DLKIT=$(from_here "$DLKIT")
cd "$(dirname "$0")/.."

settings=()
if $small; then
    output=${output:-runs/mnist-activation-study-small}
    settings+=(--set data.path=datasets/mnist-small --set data.validation=0.1 --set training.epochs=1)
else
    output=${output:-runs/mnist-activation-study}
    [ -e datasets/mnist ] || scripts/fetch-mnist.sh
fi

# Builds the binary of this checkout unless DLKIT names another.
if [ -z "${DLKIT:-}" ]; then
    command -v cargo >/dev/null || fail "cargo not found; install Rust from https://rustup.rs"
    cargo build --release --locked
    DLKIT=${CARGO_TARGET_DIR:-target}/release/dlkit
fi
threads=()
[ "$jobs" -eq 1 ] || threads=(--threads 1)

# Name, and value of network.activation.
activations=(
    'relu relu'
    'leaky-relu leaky-relu'
    'prelu prelu'
    'rrelu-framework {kind="rrelu",mode="framework"}'
    'rrelu-paper {kind="rrelu",mode="paper"}'
    'rrelu-post {kind="rrelu",mode="post"}'
    'elu elu'
)

# One run: NAME ARGUMENTS...
train() {
    local run=$output/$1 log=$output/logs/$1.log status=0
    shift
    # dlkit handles the interrupt; the code after it still reports the run.
    trap : INT TERM
    if grep -qsE '"outcome": "(finished|stopped-early)"' "$run/run.json"; then
        echo "$run: finished before"
        return
    fi
    local arguments=(--config configs/mnist/mlp-full.toml --output "$run" "$@")
    [ ! -e "$run/run.json" ] || arguments=(--resume "$run")
    # Appends: if another process trains this run, the log belongs to it.
    local before
    before=$(wc -c 2>/dev/null <"$log" || echo 0)
    "$DLKIT" train "${arguments[@]}" ${device[@]+"${device[@]}"} ${threads[@]+"${threads[@]}"} \
        </dev/null >>"$log" 2>&1 || status=$?
    local said
    said=$(tail -c "+$((before + 1))" "$log")
    case $status in
        0) echo "$run: $(grep '^test accuracy' <<<"$said" | tail -n 1)" ;;
        130) echo "$run: interrupted" >&2 ;;
        *)
            if grep -q 'another process is training' <<<"$said"; then
                echo "$run: another process is training it, left alone" >&2
            else
                echo "$run: failed, see $log" >&2
                # The error, with its causes.
                if grep -q '^error: ' <<<"$said"; then
                    sed -n '/^error: /,$p' <<<"$said" | head -n 3 | sed 's/^/  /' >&2
                else
                    echo "  ended without an error message, status $status" >&2
                fi
            fi
            ;;
    esac
    return "$status"
}

# Stops the trainings after their current steps, then exits with this code.
interrupted() {
    trap 'end_runs KILL' INT TERM
    echo "stopping the trainings; the same command goes on later; press Ctrl-C again to kill them" >&2
    end_runs INT
    exit "$1"
}

# Sends a signal to the process groups of all running trainings and waits for them.
end_runs() {
    local group
    for group in $(jobs -rp); do
        kill -s "$1" -- "-$group" 2>/dev/null || true
    done
    wait || true
}

trap 'interrupted 130' INT
trap 'interrupted 143' TERM
trap 'interrupted 129' HUP
trap 'end_runs INT' EXIT

mkdir -p "$output/logs"
failed=0
running=0

# Starts a run as soon as a job is free. Each run is a process group of its own, so that Ctrl-C reaches it only
# once, through the trap.
start() {
    if [ "$running" -ge "$jobs" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    set -m
    train "$@" &
    set +m
    running=$((running + 1))
}

for seed in $(seq "$seeds"); do
    for activation in "${activations[@]}"; do
        read -r name value <<<"$activation"
        for norm in false true; do
            run=$name-seed$seed
            ! $norm || run=$name-batch-norm-seed$seed
            start "$run" --set "network.activation=$value" --set "network.batch_norm=$norm" \
                --set "seed=$seed" ${settings[@]+"${settings[@]}"} ${more[@]+"${more[@]}"}
        done
    done
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done

# If every run failed, there is nothing to compare.
compared=0
"$DLKIT" compare "$output" --by network.activation --by network.batch_norm --output "$output/comparison" --force ||
    compared=$?
[ "$failed" -eq 0 ] || exit 1
exit "$compared"
