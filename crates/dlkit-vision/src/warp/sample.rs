//! The numbers a pixel is made of.

/// A sample of a picture: 8 or 16 bits, unsigned.
pub(super) trait Sample: Copy + Send + Sync + PartialEq + 'static {
    /// The darkest.
    const DARKEST: Self;

    /// The brightest, as a number.
    const BRIGHTEST: f32;

    /// As a number.
    fn number(self) -> f32;

    /// The nearest sample to a number.
    fn nearest(number: f32) -> Self;
}

/// Adding 2^23 leaves a number below 2^23 rounded to an integer, halves to even, in the low bits.
const ROUNDING: f32 = 8_388_608.0;

macro_rules! sample {
    ($kind:ty) => {
        impl Sample for $kind {
            const DARKEST: Self = 0;
            const BRIGHTEST: f32 = <$kind>::MAX as f32;

            #[inline(always)]
            fn number(self) -> f32 {
                f32::from(self)
            }

            #[inline(always)]
            #[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
            fn nearest(number: f32) -> Self {
                // NaN becomes 0.
                let number = number.max(0.0).min(Self::BRIGHTEST);
                (number + ROUNDING).to_bits() as $kind
            }
        }
    };
}

sample!(u8);
sample!(u16);

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
