//! Samples: the numbers of a pixel.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::__m128i;

#[cfg(target_arch = "x86_64")]
use pulp::x86::V3;

/// A sample of a picture: 8 or 16 bits, unsigned.
pub(super) trait Sample: Copy + Send + Sync + PartialEq + 'static {
    /// The darkest sample.
    const DARKEST: Self;

    /// The brightest sample, as a number.
    const BRIGHTEST: f32;

    /// The sample as a number.
    fn number(self) -> f32;

    /// The nearest sample to a number.
    fn nearest(number: f32) -> Self;

    /// Four samples as integers of 32 bits.
    #[cfg(target_arch = "x86_64")]
    fn widened(simd: V3, samples: &[Self; 4]) -> __m128i;

    /// Four integers as the nearest samples. Integers out of range, up to 32,767, become the
    /// darkest or the brightest sample.
    #[cfg(target_arch = "x86_64")]
    fn narrowed(simd: V3, integers: __m128i) -> [Self; 4];
}

/// Adding 2^23 leaves a number below 2^23 rounded to an integer, halves to even, in the low bits.
const ROUNDING: f32 = 8_388_608.0;

impl Sample for u8 {
    const DARKEST: Self = 0;
    const BRIGHTEST: f32 = 255.0;

    #[inline(always)]
    fn number(self) -> f32 {
        f32::from(self)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "takes the low bits")]
    fn nearest(number: f32) -> Self {
        low_bits(number, Self::BRIGHTEST) as Self
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn widened(simd: V3, samples: &[Self; 4]) -> __m128i {
        let packed = simd.sse2._mm_cvtsi32_si128(i32::from_le_bytes(*samples));
        simd.sse4_1._mm_cvtepu8_epi32(packed)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn narrowed(simd: V3, integers: __m128i) -> [Self; 4] {
        let words = simd.sse4_1._mm_packus_epi32(integers, integers);
        simd.sse2._mm_cvtsi128_si32(simd.sse2._mm_packus_epi16(words, words)).to_le_bytes()
    }
}

impl Sample for u16 {
    const DARKEST: Self = 0;
    const BRIGHTEST: f32 = 65_535.0;

    #[inline(always)]
    fn number(self) -> f32 {
        f32::from(self)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "takes the low bits")]
    fn nearest(number: f32) -> Self {
        low_bits(number, Self::BRIGHTEST) as Self
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn widened(simd: V3, samples: &[Self; 4]) -> __m128i {
        let [a, b, c, d] = *samples;
        simd.sse4_1._mm_cvtepu16_epi32(pulp::cast([a, b, c, d, 0, 0, 0, 0]))
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn narrowed(simd: V3, integers: __m128i) -> [Self; 4] {
        let words: [Self; 8] = pulp::cast(simd.sse4_1._mm_packus_epi32(integers, integers));
        [words[0], words[1], words[2], words[3]]
    }
}

/// The bits of a number, clamped and rounded; NaN becomes 0.
#[inline(always)]
fn low_bits(number: f32, brightest: f32) -> u32 {
    (number.max(0.0).min(brightest) + ROUNDING).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_the_nearest_and_stays_in_range() {
        for (number, expected) in
            [(0.0, 0), (0.49, 0), (0.51, 1), (254.6, 255), (255.4, 255), (300.0, 255), (-5.0, 0)]
        {
            assert_eq!(u8::nearest(number), expected, "{number}");
        }
        assert_eq!(u8::nearest(f32::NAN), 0);
        assert_eq!(u16::nearest(65_534.6), 65_535);
        assert_eq!(u16::nearest(1e9), 65_535);
    }
}
