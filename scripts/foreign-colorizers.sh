#!/usr/bin/env bash
# Builds the networks of four colorizers of other projects (ECCV16, SIGGRAPH17, DDColor, DeOldify) in PyTorch with
# random weights, exports them as ONNX, and colorizes a photo with dlkit and with onnxruntime. Prints how far their
# colors are apart, and time and peak memory of both.
# Needs Rust and python3 with venv. The first run downloads the peers (PyTorch is some gigabytes) and makes
# 0.9 GB of models below target/.
# Usage: scripts/foreign-colorizers.sh [--rounds N] [--threads N] [--photo FILE] [--write]
# PYTHON=/path/to/python uses an interpreter that already has the peers, DLKIT=/path/to/dlkit a program that is
# already built. --write puts the table into docs/benchmarks.md.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly PLACE=$root/target/foreign-colorizers
readonly REQUIREMENTS="numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 onnxscript==0.7.2 opencv-python-headless==4.14.0.94 torch==2.15.0"

if ! command -v python3 >/dev/null; then
    echo "error: python3 not found; install Python from https://python.org" >&2
    exit 2
fi
python3 "$root/scripts/foreign-colorizers/compare.py" --check "$@" || exit
for argument in "$@"; do
    if [[ $argument == -h || $argument == --help ]]; then exit 0; fi
done

if [[ -z "${PYTHON:-}" ]]; then
    PYTHON=$PLACE/venv/bin/python
    # The file `installed` is written last, so an interrupted installation starts again.
    if [[ "$(cat "$PLACE/installed" 2>/dev/null)" != "$REQUIREMENTS" ]]; then
        mkdir -p "$PLACE"
        python3 -m venv "$PLACE/venv"
        # Unquoted on purpose: one word for each package.
        # shellcheck disable=SC2086
        "$PYTHON" -m pip install --quiet --disable-pip-version-check $REQUIREMENTS
        printf '%s\n' "$REQUIREMENTS" >"$PLACE/installed"
    fi
fi
if [[ -z "${DLKIT:-}" ]]; then
    (cd "$root" && cargo build --release --locked --workspace --quiet)
    DLKIT="${CARGO_TARGET_DIR:-$root/target}/release/dlkit"
fi
mkdir -p "$PLACE/models"
exec "$PYTHON" "$root/scripts/foreign-colorizers/compare.py" "$DLKIT" "$PYTHON" "$PLACE/models" "$@"
