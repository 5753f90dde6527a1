#!/usr/bin/env bash
# Compares whole commands of dlkit, and epochs of its trainings with the data they read, with Python programs
# that do the same, in turns, and prints a table; `ratio` is the peer's time divided by ours. Without
# --only, the table is also written to docs/benchmarks.md.
# Needs Rust and python3 with venv. The first run downloads the peers (PyTorch is some gigabytes).
# Usage: scripts/bench/usage.sh [--only NAME] [--json FILE] [--rounds N] [--threads N]
#   NAME: colorize, predict-mlp, predict-cnn, homography-12, homography-24, or the path of a recipe such as
#   configs/colorizer/deeper.toml
# PYTHON=/path/to/python uses an interpreter that already has the peers, DLKIT=/path/to/dlkit a program that
# is already built.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh" usage.py "$@"

if [[ -z "${DLKIT:-}" ]]; then
    (cd "$root" && cargo build --release --locked --workspace --quiet)
    DLKIT="$root/target/release/dlkit"
fi
exec "$PYTHON" "$root/scripts/bench/usage.py" "$DLKIT" "$PYTHON" "$@"
