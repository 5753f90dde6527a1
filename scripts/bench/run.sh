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
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh" compare.py "$@"

(cd "$root" && cargo build --release --locked --workspace --examples --quiet)
exec "$PYTHON" "$root/scripts/bench/compare.py" "$root/target/release/examples/workload" "$PYTHON" "$@"
