#!/usr/bin/env bash
# Runs the kernels' unsafe code on small shapes under Miri, which finds accesses outside of buffers, reads of
# uninitialized memory, and data races. Plain code first, then AVX2; Miri supports too few instructions of
# AVX-512. The kernels are compiled without Burn, which would take Miri hours.
# Needs rustup; installs a nightly toolchain with Miri. Takes a quarter of an hour.
# Usage: scripts/miri.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PLACE=${CARGO_TARGET_DIR:-$PWD/target}/miri
readonly TESTS=(
    an_undefined_input_reaches_its_tiles_and_no_others
    a_rectified_convolution_has_no_negative_outputs
    gradients_are_slopes_of_the_convolution
    the_gradient_of_the_bias_sums_images_and_pixels
    an_undefined_number_reaches_its_sample_and_no_other
    gradients_are_slopes_of_the_layer
    small_convolutions_of_all_kinds_equal_the_definition
    normalization::
    products_of_several_tasks_equal_the_definition
    sums_of_nothing_are_the_bias
    adam_follows_its_formulas
    a_weight_that_is_kept_becomes_what_it_would_in_place
    gradient_descent_follows_its_formulas
    pool::
    upsampling::
    cross_entropy::
    ends_are_exact_and_undefined_stays
)

if ! command -v rustup >/dev/null; then
    echo "error: rustup not found; install it from https://rustup.rs" >&2
    exit 2
fi
rustup toolchain install nightly --profile minimal --component miri --component rust-src \
    --no-self-update >/dev/null
mkdir -p "$PLACE"
cat >"$PLACE/Cargo.toml" <<END
[package]
name = "kernels-under-miri"
version = "0.0.0"
edition = "2024"
[lib]
path = "$PWD/crates/dlkit-kernels/src/lib.rs"
[dependencies]
rayon = "1"
[dev-dependencies]
proptest = { version = "1", default-features = false, features = ["std"] }
[workspace]
END
# Threads live until the process ends, and crossbeam stores pointers as integers.
export MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-ignore-leaks -Zmiri-tree-borrows -Zmiri-permissive-provenance"
for features in "" "-C target-feature=+avx2,+fma"; do
    echo "== ${features:-plain}"
    RUSTFLAGS=$features RUSTDOCFLAGS=$features \
        cargo +nightly miri test --manifest-path "$PLACE/Cargo.toml" --target-dir "$PLACE/target" \
        --lib -- "${TESTS[@]}"
done
