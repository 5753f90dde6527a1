#!/usr/bin/env bash
# Builds dlkit for graphics cards and for Burn's older processor backend and compares both with the default
# device (see test_gpu.py). If Vulkan finds no adapter, it installs Mesa's software Vulkan (Debian and Ubuntu,
# as root). The first build takes twenty minutes or more on two cores. Afterward, target/release/dlkit is this
# build until the next `cargo build`.
#
#   scripts/test-gpu.sh [--device wgpu:N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    printf 'error: %s\n' "$@" >&2
    exit 2
}

card=wgpu
case $#${1:-} in
    0) ;;
    2--device)
        [[ $2 =~ ^wgpu(:[0-9]+)?$ ]] || fail "--device $2: not a graphics device; use wgpu or wgpu:N"
        card=$2 ;;
    *-h | *--help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit ;;
    *) fail "unknown arguments '$*'; allowed: --device wgpu:N" ;;
esac
command -v cargo >/dev/null || fail "cargo not found; install Rust from https://rustup.rs"
command -v python3 >/dev/null || fail "python3 not found; it compares the figures"

cargo build --release --locked --features wgpu,ndarray
dlkit=${CARGO_TARGET_DIR:-target}/release/dlkit

# Mesa prints a warning if this is not set.
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
if ! "$dlkit" devices | grep -q '^wgpu:0'; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        fail "no adapter found; install a Vulkan driver (Debian and Ubuntu: apt-get install mesa-vulkan-drivers)"
    fi
    echo "no adapter found; installing Mesa's software Vulkan"
    { apt-get update -qq && apt-get install -y -qq mesa-vulkan-drivers; } >/dev/null ||
        fail "apt-get could not install mesa-vulkan-drivers"
fi
"$dlkit" devices
exec python3 scripts/test_gpu.py "$dlkit" "$card"
