//! AVX2 with fused multiplication and addition: eight numbers in a vector.

use std::arch::x86_64::{
    __m256, _mm_storeu_ps, _mm256_add_ps, _mm256_and_ps, _mm256_castps256_ps128, _mm256_div_ps,
    _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_mul_ps,
    _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_sqrt_ps,
    _mm256_storeu_ps, _mm256_sub_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
};

use super::{Kernel, MAX_LANES, Simd};

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// The proof, if the processor has them.
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }
}

#[target_feature(enable = "avx2,fma")]
fn run<K: Kernel>(simd: Avx2, kernel: K) -> K::Output {
    kernel.run(simd)
}

impl Simd for Avx2 {
    type Vector = __m256;
    const LANES: usize = 8;
    const ROWS: usize = 4;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: `self` is the proof.
        unsafe { run(self, kernel) }
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn sqrt(self, a: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_sqrt_ps(a) }
    }

    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn rectify(self, a: __m256) -> __m256 {
        // SAFETY: `self` is the proof. Of zero and an undefined number, the second is the greater.
        unsafe { _mm256_max_ps(_mm256_setzero_ps(), a) }
    }

    #[inline(always)]
    fn keep(self, value: __m256, mask: __m256) -> __m256 {
        // SAFETY: `self` is the proof.
        unsafe { _mm256_and_ps(value, mask) }
    }

    #[inline(always)]
    fn fence(self) {
        // SAFETY: no instruction at all.
        #[cfg(not(miri))]
        unsafe {
            std::arch::asm!("", options(nostack, preserves_flags));
        }
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> __m256 {
        // SAFETY: `self` is the proof; the caller promises the memory.
        unsafe { _mm256_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: __m256) {
        // SAFETY: `self` is the proof; the caller promises the memory.
        unsafe { _mm256_storeu_ps(target, value) }
    }

    #[inline(always)]
    unsafe fn load_columns(self, base: *const f32, offsets: &[isize; MAX_LANES]) -> [__m256; 6] {
        // SAFETY: `self` is the proof; the caller promises eight numbers at each lane's offset.
        unsafe {
            let mut rows = [_mm256_setzero_ps(); 8];
            for (row, &offset) in rows.iter_mut().zip(offsets) {
                *row = _mm256_loadu_ps(base.wrapping_offset(offset));
            }
            // Columns 0 to 3 of four rows in the low half, 4 and 5 in the high one.
            let first = quads(rows[0], rows[1], rows[2], rows[3]);
            let last = quads(rows[4], rows[5], rows[6], rows[7]);
            [
                _mm256_permute2f128_ps::<0x20>(first[0], last[0]),
                _mm256_permute2f128_ps::<0x20>(first[1], last[1]),
                _mm256_permute2f128_ps::<0x20>(first[2], last[2]),
                _mm256_permute2f128_ps::<0x20>(first[3], last[3]),
                _mm256_permute2f128_ps::<0x31>(first[0], last[0]),
                _mm256_permute2f128_ps::<0x31>(first[1], last[1]),
            ]
        }
    }

    #[inline(always)]
    fn store_rows(self, columns: [__m256; 4], target: &mut [f32; 4 * MAX_LANES]) {
        let [a, b, c, d] = columns;
        let target = target.as_mut_ptr();
        // SAFETY: `self` is the proof; 8 rows of 4 numbers fit the target.
        unsafe {
            let rows = quads(a, b, c, d);
            for (lane, row) in rows.into_iter().enumerate() {
                _mm_storeu_ps(target.add(4 * lane), _mm256_castps256_ps128(row));
                _mm_storeu_ps(target.add(4 * (lane + 4)), _mm256_extractf128_ps::<1>(row));
            }
        }
    }
}

/// Transposes each 4x4 block of four vectors: vector `j` gets number `j` of every half.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn quads(a: __m256, b: __m256, c: __m256, d: __m256) -> [__m256; 4] {
    // SAFETY: the caller's promise.
    unsafe {
        let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
        [
            _mm256_shuffle_ps::<0x44>(ab_low, cd_low),
            _mm256_shuffle_ps::<0xEE>(ab_low, cd_low),
            _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm256_shuffle_ps::<0xEE>(ab_high, cd_high),
        ]
    }
}
