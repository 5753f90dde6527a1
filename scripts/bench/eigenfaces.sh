#!/usr/bin/env bash
# Compares fits of eigenfaces with scikit-learn's PCA in one run: time and eigenvalues.
#
# Usage: [THREADS=2] scripts/bench/eigenfaces.sh
# Needs Rust and Python 3. Installs scikit-learn in target/bench-sklearn; writes nothing elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

place=target/bench-sklearn
mkdir -p "$place"
if [[ ! -x $place/venv/bin/python ]]; then
    python3 -m venv "$place/venv"
    "$place/venv/bin/pip" install --quiet scikit-learn numpy
fi
bench=$(cargo bench --locked -p dlkit-vision --no-run --message-format=json |
    "$place/venv/bin/python" -c 'import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "eigenfaces" and message["target"]["kind"] == ["bench"]:
        print(message["executable"])')
export THREADS="${THREADS:-2}"
export OMP_NUM_THREADS="$THREADS" OPENBLAS_NUM_THREADS="$THREADS"
"$place/venv/bin/python" scripts/bench/eigenfaces.py "$bench" "$place"
