//! Runs loops with the vector instructions of the processor.

use pulp::NullaryFnOnce;

/// Runs work whose loops are compiled with AVX2 if the processor has it. What the work calls must
/// be inlined. Numbers are added in the order written and never fused, so that every processor
/// computes the same bits.
#[inline]
pub(super) fn vectorized<W: NullaryFnOnce>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(work);
    }
    work.call()
}
