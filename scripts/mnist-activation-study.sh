#!/usr/bin/env bash
# Trains the MNIST multilayer perceptron with every activation of the RReLU paper, with and without
# batch normalization, over several seeds, and compares the runs. Finished runs are skipped, cut ones
# go on. Ctrl-C ends the trainings cleanly; the same command goes on. Exit code 1 when a run failed or
# is being trained by another process.
#
#   scripts/mnist-activation-study.sh [--small] [--seeds N] [--jobs N] [--device NAME] [--output DIR] [-- ARGUMENTS]
#
#   --small        the 6,000 shipped digits and one epoch: to try it out
#   --seeds N      seeds 1 to N (default 3)
#   --jobs N       runs at a time, one thread each if more than one (default 1, with all threads)
#   --device NAME  where to compute, as of dlkit train, also for runs that go on; devices that need a
#                  feature need the binary that has it: DLKIT=/path/to/dlkit
#   --output DIR   where runs and comparison go (default runs/mnist-activation-study)
#   -- ARGUMENTS   more arguments of `dlkit train` for every new run, such as --set training.epochs=20;
#                  a run that goes on keeps its recipe
set -euo pipefail

fail() {
    echo "error: $1" >&2
    exit 2
}

# Paths are meant from where the script was called.
from_here() {
    case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac
}

small=false seeds=3 jobs=1 output= device=() more=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit ;;
        --small) small=true; shift ;;
        --seeds | --jobs)
            [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a whole number of 1 or more, not '${2:-}'"
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

# The binary of a checkout is built when needed; DLKIT names another.
if [ -z "${DLKIT:-}" ]; then
    command -v cargo >/dev/null || fail "cargo is not there; install Rust from https://rustup.rs"
    cargo build --release --locked
    DLKIT=${CARGO_TARGET_DIR:-target}/release/dlkit
fi
threads=()
[ "$jobs" -eq 1 ] || threads=(--threads 1)

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

# One run: NAME ARGUMENTS...
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
                    echo "  ended by signal or without a word, status $status" >&2
                fi
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
trap 'interrupted 143' TERM
trap 'interrupted 129' HUP
trap 'end_runs INT' EXIT

mkdir -p "$output/logs"
failed=0
running=0

# Starts a run as soon as fewer than asked for are going on. Each is a process group of its own, so that
# Ctrl-C reaches it once: by the trap.
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

# Where every run failed there is nothing to compare.
compared=0
"$DLKIT" compare "$output" --by network.activation --by network.batch_norm --output "$output/comparison" --force ||
    compared=$?
[ "$failed" -eq 0 ] || exit 1
exit "$compared"
