#!/usr/bin/env bash
# Runs all checks, cheapest first: order, format, lints, documentation, tests, frozen files and their programs in onnxruntime.
# All steps share one build profile.
# Usage: scripts/check.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$1"; }

if ! command -v cargo >/dev/null; then
    echo "error: cargo not found; install Rust from https://rustup.rs" >&2
    exit 2
fi
if ! command -v python3 >/dev/null; then
    echo "error: python3 not found; version 3.11 or later is needed" >&2
    exit 2
fi
# A failing test shows its backtrace.
export RUST_BACKTRACE=1

say "order"
python3 scripts/check-floors.py
say "format"
cargo fmt --all --check
say "lints"
cargo clippy --release --workspace --all-targets --locked -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps --locked --document-private-items
say "tests"
cargo test --release --workspace --locked
say "frozen files"
scripts/check-onnx.sh
say "all checks passed"
