#!/usr/bin/env bash
# Compares homographies and warps with OpenCV's in one run: speed, differences on photographs, and the
# overlap of graf1 and graf3 under the published matrix.
#
# Usage: scripts/bench/homography.sh [PHOTO...]
# Needs Rust, Python 3, and for graf1 and graf3 apt-get and dpkg-deb (Debian package opencv-doc).
# Installs OpenCV in target/bench-opencv and fetches the pictures there; writes nothing elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

place=target/bench-opencv
mkdir -p "$place"
if [[ ! -x $place/venv/bin/python ]]; then
    python3 -m venv "$place/venv"
    "$place/venv/bin/pip" install --quiet 'opencv-python-headless<5' numpy
fi
if [[ ! -f $place/graf3.png ]]; then
    if (cd "$place" && apt-get download opencv-doc && dpkg-deb -x opencv-doc_*.deb doc) >/dev/null 2>&1; then
        cp "$place"/doc/usr/share/doc/opencv-doc/examples/data/{graf1.png,graf3.png,H1to3p.xml} "$place"
        rm -r "$place/doc" "$place"/opencv-doc_*.deb
    else
        echo "note: the Debian package opencv-doc cannot be downloaded; graf1 and graf3 are skipped" >&2
    fi
fi
cargo build --release --locked --workspace
bench=$(cargo bench --locked -p dlkit-vision --no-run --message-format=json |
    "$place/venv/bin/python" -c 'import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "homography" and message["target"]["kind"] == ["bench"]:
        print(message["executable"])')
exec "$place/venv/bin/python" scripts/bench/homography.py target/release/dlkit "$bench" "$place" "$@"
