#!/usr/bin/env bash
# Compares dlkit with PyTorch and onnxruntime on this machine's processor, in turns, and prints a
# table; `ratio` is the peer's time divided by ours. Without --only, the table is also written to
# docs/benchmarks.md.
# Needs Rust and python3 with venv. The first run downloads the peers (PyTorch is some gigabytes).
# Usage: scripts/bench/run.sh [--only NAME] [--json FILE] [--rounds N] [--threads N]
#   NAME: colorizer-train, colorizer-apply, cnn-128, mlp-60, mlp-256, or the path of a recipe such as
#   configs/colorizer/deeper.toml
# PYTHON=/path/to/python uses an interpreter that already has the peers.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

if ! command -v python3 >/dev/null; then
    echo "error: python3 not found; install Python from https://python.org" >&2
    exit 2
fi
python3 "$root/scripts/bench/compare.py" --check "$@" || exit
for argument in "$@"; do
    if [[ $argument == -h || $argument == --help ]]; then exit 0; fi
done

if [[ -z "${PYTHON:-}" ]]; then
    venv="$root/target/bench-venv"
    PYTHON="$venv/bin/python"
    if [[ ! -e "$venv/complete" ]]; then
        python3 -m venv "$venv"
        "$PYTHON" -m pip install --quiet -r "$root/scripts/bench/requirements.txt"
        touch "$venv/complete"
    fi
fi
(cd "$root" && cargo build --release --locked --workspace --examples --quiet)
exec "$PYTHON" "$root/scripts/bench/compare.py" "$root/target/release/examples/workload" "$PYTHON" "$@"
