#!/usr/bin/env bash
# Freezes a network for each activation, each layer and each recipe, and checks the files against the
# reference implementation: onnx.checker must accept them, and onnxruntime must compute the same outputs
# as dlkit. Before that, compares the Python programs of freeze --python with dlkit predict, on 400 pictures and on
# tables. The first run installs what is needed into target/check-onnx (or below CARGO_TARGET_DIR).
# Usage: scripts/check-onnx.sh [python|onnx]   one part only
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TARGET=${CARGO_TARGET_DIR:-target}
readonly PLACE=$TARGET/check-onnx
readonly REQUIREMENTS="numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 pillow==13.0.0"

fail() {
    printf 'check-onnx: %s\n' "$@" >&2
    exit 2
}

case "${1:-}" in
"" | python | onnx) ;;
*) fail "$1: no such part; give python, onnx or nothing" ;;
esac
command -v cargo >/dev/null || fail "cargo not found; install Rust from https://rustup.rs"
command -v python3 >/dev/null || fail "python3 not found; version 3.11 or later is needed"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "python3 is $(python3 --version 2>&1 | cut -d " " -f 2); version 3.11 or later is needed"

# The file `installed` is written last, so an interrupted installation starts again.
if [[ "$(cat "$PLACE/installed" 2>/dev/null)" != "$REQUIREMENTS" ]]; then
    echo "check-onnx: installing $REQUIREMENTS into $PLACE"
    rm -rf "$PLACE"
    mkdir -p "$PLACE"
    if ! python3 -m venv "$PLACE/venv" >"$PLACE/log" 2>&1; then
        if [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; then
            { apt-get update && apt-get install -y python3-venv; } >>"$PLACE/log" 2>&1 || true
        fi
        rm -rf "$PLACE/venv"
        python3 -m venv "$PLACE/venv" >>"$PLACE/log" 2>&1 ||
            fail "python3 cannot make a virtual environment (see $PLACE/log)" \
                "on Debian and Ubuntu: apt-get install python3-venv"
    fi
    # Unquoted on purpose: one word for each package.
    # shellcheck disable=SC2086
    "$PLACE/venv/bin/pip" install --quiet --disable-pip-version-check $REQUIREMENTS ||
        fail "pip could not install $REQUIREMENTS (its message is above)" \
            "check the network connection and the index of pip"
    printf '%s\n' "$REQUIREMENTS" >"$PLACE/installed"
fi

cargo build --release --workspace --locked --quiet
for part in python onnx; do
    if [[ "${1:-$part}" == "$part" ]]; then
        "$PLACE/venv/bin/python" "scripts/check_$part.py" "$TARGET/release/dlkit"
    fi
done
