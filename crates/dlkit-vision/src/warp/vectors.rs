//! Arithmetic on four numbers at once.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use super::sample::Sample;

/// Arithmetic on the four lanes of a pixel.
///
/// The compiler vectorizes loops over arrays, but not over the overlapping windows of neighboring
/// RGB pixels, so the innermost sum uses vectors explicitly. Every implementation computes the same
/// bits.
pub(super) trait Vectors: Copy + Send + Sync {
    /// Four numbers.
    type Four: Copy;

    /// One number, four times.
    fn splat(self, number: f32) -> Self::Four;

    /// The four numbers of an array.
    fn four(self, numbers: [f32; 4]) -> Self::Four;

    /// Samples as numbers.
    fn load<S: Sample>(self, samples: &[S; 4]) -> Self::Four;

    /// `sum + number * weight`, each operation rounded.
    fn add_weighted(self, sum: Self::Four, number: Self::Four, weight: Self::Four) -> Self::Four;

    /// The first three lanes times the last, as a share of `brightest`.
    fn premultiplied(self, pixel: Self::Four, brightest: f32) -> Self::Four;

    /// The nearest samples.
    fn rounded<S: Sample>(self, sum: Self::Four) -> [S; 4];

    /// The numbers as an array.
    fn array(self, four: Self::Four) -> [f32; 4];
}

/// Plain arrays.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Vectors for Plain {
    type Four = [f32; 4];

    #[inline(always)]
    fn splat(self, number: f32) -> [f32; 4] {
        [number; 4]
    }

    #[inline(always)]
    fn four(self, numbers: [f32; 4]) -> [f32; 4] {
        numbers
    }

    #[inline(always)]
    fn load<S: Sample>(self, samples: &[S; 4]) -> [f32; 4] {
        samples.map(S::number)
    }

    #[inline(always)]
    fn add_weighted(self, sum: [f32; 4], number: [f32; 4], weight: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| sum[lane] + number[lane] * weight[lane])
    }

    #[inline(always)]
    fn premultiplied(self, [red, green, blue, opacity]: [f32; 4], brightest: f32) -> [f32; 4] {
        let share = opacity * (1.0 / brightest);
        [red * share, green * share, blue * share, opacity]
    }

    #[inline(always)]
    fn rounded<S: Sample>(self, sum: [f32; 4]) -> [S; 4] {
        sum.map(S::nearest)
    }

    #[inline(always)]
    fn array(self, four: [f32; 4]) -> [f32; 4] {
        four
    }
}

/// Vector instructions of AVX2.
#[cfg(target_arch = "x86_64")]
impl Vectors for pulp::x86::V3 {
    type Four = std::arch::x86_64::__m128;

    #[inline(always)]
    fn splat(self, number: f32) -> Self::Four {
        self.sse._mm_set1_ps(number)
    }

    #[inline(always)]
    fn four(self, numbers: [f32; 4]) -> Self::Four {
        pulp::cast(numbers)
    }

    #[inline(always)]
    fn load<S: Sample>(self, samples: &[S; 4]) -> Self::Four {
        self.sse2._mm_cvtepi32_ps(S::widened(self, samples))
    }

    #[inline(always)]
    fn add_weighted(self, sum: Self::Four, number: Self::Four, weight: Self::Four) -> Self::Four {
        self.sse._mm_add_ps(sum, self.sse._mm_mul_ps(number, weight))
    }

    #[inline(always)]
    fn premultiplied(self, pixel: Self::Four, brightest: f32) -> Self::Four {
        let opacity = self.sse._mm_shuffle_ps::<0b11_11_11_11>(pixel, pixel);
        let share = self.sse._mm_mul_ps(opacity, self.splat(1.0 / brightest));
        let share = self.sse4_1._mm_blend_ps::<0b1000>(share, self.splat(1.0));
        self.sse._mm_mul_ps(pixel, share)
    }

    #[inline(always)]
    fn rounded<S: Sample>(self, sum: Self::Four) -> [S; 4] {
        // Narrowing clamps to the range; NaN becomes the least integer.
        S::narrowed(self, self.sse2._mm_cvtps_epi32(sum))
    }

    #[inline(always)]
    fn array(self, four: Self::Four) -> [f32; 4] {
        pulp::cast(four)
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    fn bits<V: Vectors>(vectors: V) -> ([u32; 4], [u8; 4], [u16; 4]) {
        let bytes = vectors.load(&[0_u8, 7, 200, 255]);
        let words = vectors.load(&[65_535_u16, 1, 300, 40_000]);
        let sum = vectors.add_weighted(bytes, words, vectors.splat(-0.3));
        let sum = vectors.add_weighted(sum, words, vectors.splat(0.300_7));
        let pixel = vectors.premultiplied(sum, 255.0);
        let most = vectors.add_weighted(words, words, vectors.splat(0.5));
        (vectors.array(pixel).map(f32::to_bits), vectors.rounded(sum), vectors.rounded(most))
    }

    #[test]
    fn both_implementations_compute_the_same() {
        let Some(simd) = pulp::x86::V3::try_new() else { return };
        assert_eq!(bits(simd), bits(Plain));
        assert_eq!(simd.rounded::<u8>(simd.splat(f32::NAN)), [0; 4]);
        assert_eq!(simd.rounded::<u16>(simd.splat(-1.0)), [0; 4]);
    }
}
