//! AVX-512: sixteen numbers in a vector.

use std::arch::x86_64::{
    __m512, __m512i, _mm_storeu_ps, _mm256_loadu_pd, _mm512_add_ps, _mm512_and_epi32,
    _mm512_castpd_ps, _mm512_castpd256_pd512, _mm512_castps_pd, _mm512_castps_si512,
    _mm512_castsi512_ps, _mm512_div_ps, _mm512_extractf32x4_ps, _mm512_fmadd_ps,
    _mm512_insertf64x4, _mm512_loadu_ps, _mm512_max_ps, _mm512_mul_ps, _mm512_permutex2var_pd,
    _mm512_set1_ps, _mm512_setr_epi64, _mm512_setzero_ps, _mm512_shuffle_ps, _mm512_sqrt_ps,
    _mm512_storeu_ps, _mm512_sub_ps, _mm512_unpackhi_ps, _mm512_unpacklo_ps,
};

use super::{Kernel, MAX_LANES, Simd};

/// Proof that the processor has AVX-512 (foundation), AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// The proof, if the processor has them.
    pub(crate) fn detect() -> Option<Self> {
        // Emulators and hypervisors may offer the first without the others.
        let complete = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma");
        complete.then_some(Self(()))
    }
}

#[target_feature(enable = "avx512f,avx2,fma")]
fn run<K: Kernel>(simd: Avx512, kernel: K) -> K::Output {
    kernel.run(simd)
}

impl Simd for Avx512 {
    type Vector = __m512;
    const LANES: usize = 16;
    const ROWS: usize = 8;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: `self` is the proof.
        unsafe { run(self, kernel) }
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn sqrt(self, a: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_sqrt_ps(a) }
    }

    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    fn rectify(self, a: __m512) -> __m512 {
        // SAFETY: `self` is the proof. Of zero and an undefined number, the second is the greater.
        unsafe { _mm512_max_ps(_mm512_setzero_ps(), a) }
    }

    #[inline(always)]
    fn keep(self, value: __m512, mask: __m512) -> __m512 {
        // SAFETY: `self` is the proof.
        unsafe {
            let bits = _mm512_and_epi32(_mm512_castps_si512(value), _mm512_castps_si512(mask));
            _mm512_castsi512_ps(bits)
        }
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> __m512 {
        // SAFETY: `self` is the proof; the caller promises the memory.
        unsafe { _mm512_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: __m512) {
        // SAFETY: `self` is the proof; the caller promises the memory.
        unsafe { _mm512_storeu_ps(target, value) }
    }

    #[inline(always)]
    unsafe fn load_columns(self, base: *const f32, offsets: &[isize; MAX_LANES]) -> [__m512; 6] {
        // SAFETY: `self` is the proof; the caller promises eight numbers at each lane's offset.
        unsafe {
            // Row i in the low half, row i + 8 in the high one.
            let mut rows = [_mm512_setzero_ps(); 8];
            for (lane, row) in rows.iter_mut().enumerate() {
                let low = base.wrapping_offset(offsets[lane]).cast();
                let high = base.wrapping_offset(offsets[lane + 8]).cast();
                let low = _mm512_castpd256_pd512(_mm256_loadu_pd(low));
                *row = _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, _mm256_loadu_pd(high)));
            }
            let first = quads(rows[0], rows[1], rows[2], rows[3]);
            let last = quads(rows[4], rows[5], rows[6], rows[7]);
            let even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
            let odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
            [
                join(first[0], even, last[0]),
                join(first[1], even, last[1]),
                join(first[2], even, last[2]),
                join(first[3], even, last[3]),
                join(first[0], odd, last[0]),
                join(first[1], odd, last[1]),
            ]
        }
    }

    #[inline(always)]
    fn store_rows(self, columns: [__m512; 4], target: &mut [f32; 4 * MAX_LANES]) {
        let [a, b, c, d] = columns;
        let target = target.as_mut_ptr();
        // SAFETY: `self` is the proof; 16 rows of 4 numbers fit the target.
        unsafe {
            for (lane, row) in quads(a, b, c, d).into_iter().enumerate() {
                _mm_storeu_ps(target.add(4 * lane), _mm512_extractf32x4_ps::<0>(row));
                _mm_storeu_ps(target.add(4 * (lane + 4)), _mm512_extractf32x4_ps::<1>(row));
                _mm_storeu_ps(target.add(4 * (lane + 8)), _mm512_extractf32x4_ps::<2>(row));
                _mm_storeu_ps(target.add(4 * (lane + 12)), _mm512_extractf32x4_ps::<3>(row));
            }
        }
    }
}

/// Transposes each 4x4 block of four vectors: vector `j` gets number `j` of every quarter.
///
/// # Safety
/// The processor has AVX-512.
#[inline(always)]
unsafe fn quads(a: __m512, b: __m512, c: __m512, d: __m512) -> [__m512; 4] {
    // SAFETY: the caller's promise.
    unsafe {
        let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
        [
            _mm512_shuffle_ps::<0x44>(ab_low, cd_low),
            _mm512_shuffle_ps::<0xEE>(ab_low, cd_low),
            _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm512_shuffle_ps::<0xEE>(ab_high, cd_high),
        ]
    }
}

/// Pairs of numbers of `a` and `b`, chosen by `index`.
///
/// # Safety
/// The processor has AVX-512.
#[inline(always)]
unsafe fn join(a: __m512, index: __m512i, b: __m512) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe {
        _mm512_castpd_ps(_mm512_permutex2var_pd(_mm512_castps_pd(a), index, _mm512_castps_pd(b)))
    }
}
