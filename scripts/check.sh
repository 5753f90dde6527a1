#!/usr/bin/env bash
# Checks everything, cheapest first: format, lints, documentation, tests, frozen files in onnxruntime.
# All in one build profile.
# Usage: scripts/check.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$1"; }

if ! command -v cargo >/dev/null; then
    echo "error: cargo is not there; install Rust from https://rustup.rs" >&2
    exit 2
fi
# The tests of long commands are quicker than their build; a panic's trace is worth having.
export RUST_BACKTRACE=1

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
