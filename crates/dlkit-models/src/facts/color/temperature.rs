//! One color for a distribution over bins.

use rayon::prelude::*;
use thiserror::Error;

/// A temperature that was checked: above 0 and finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature(f32);

/// The value of the paper: between the mean, which looks gray, and the mode, which looks patchy.
pub const PAPER_TEMPERATURE: f64 = 0.38;

/// A temperature that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error(
    "the temperature must be a finite number above 0, not {0} (near 0 gives the most likely \
     color, 1 the mean of all)"
)]
pub struct TemperatureError(pub f64);

impl Temperature {
    /// Checks a temperature.
    ///
    /// # Errors
    /// Zero, a negative number, one that is infinite or undefined.
    pub fn new(value: f64) -> Result<Self, TemperatureError> {
        #[expect(clippy::cast_possible_truncation, reason = "networks give single precision")]
        let single = value as f32;
        if value > 0.0 && single.is_finite() {
            // What rounds to 0 is as good as the smallest: the mode.
            return Ok(Self(single.max(f32::MIN_POSITIVE)));
        }
        Err(TemperatureError(value))
    }

    /// The number with as few digits as tell it: 0.38, not 0.3799999952.
    #[must_use]
    pub fn shortest(self) -> f64 {
        self.0.to_string().parse().unwrap_or_else(|_| self.0.into())
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> f32 {
        self.0
    }
}

/// Pixels decoded at once, so that sums stay in registers and the cache.
const BLOCK: usize = 64;

/// The annealed mean of each pixel: the mean of the bins' centers under
/// `softmax(log z / temperature)`, z being the softmax of the scores.
///
/// Temperature 1 is the mean of the distribution; toward 0 it becomes the likeliest bin, or the mean
/// of those equally likely.
///
/// # Shapes
/// - scores: `[bins, pixels]`, before the softmax
/// - centers: (a, b) of each bin
/// - output: (a, b) of each pixel
///
/// # References
/// Zhang, Isola and Efros (2016), equation 5.
#[must_use]
pub fn annealed_mean(
    scores: &[f32],
    centers: &[[f32; 2]],
    temperature: Temperature,
) -> Vec<[f32; 2]> {
    let pixels = scores.len() / centers.len().max(1);
    let mut colors = vec![[0.0; 2]; pixels];
    let inverse = 1.0 / temperature.0;
    colors.par_chunks_mut(BLOCK).with_min_len(8).enumerate().for_each(|(index, block)| {
        let (start, count) = (index * BLOCK, block.len());
        let row = |bin: usize| &scores[bin * pixels + start..bin * pixels + start + count];
        let mut largest = [f32::NEG_INFINITY; BLOCK];
        for bin in 0..centers.len() {
            for (largest, &score) in largest.iter_mut().zip(row(bin)) {
                *largest = largest.max(score);
            }
        }
        let [mut sums, mut sums_a, mut sums_b] = [[0.0_f32; BLOCK]; 3];
        for (bin, &[a, b]) in centers.iter().enumerate() {
            for (pixel, &score) in row(bin).iter().enumerate() {
                let weight = exponential((score - largest[pixel]) * inverse);
                sums[pixel] += weight;
                sums_a[pixel] += weight * a;
                sums_b[pixel] += weight * b;
            }
        }
        for (pixel, color) in block.iter_mut().enumerate() {
            *color = [sums_a[pixel] / sums[pixel], sums_b[pixel] / sums[pixel]];
        }
    });
    colors
}

/// The exponential of a number of 0 or less, to some 2e-7 of its value, by operations that run on
/// whole vectors; 0 below -87.
#[inline]
fn exponential(value: f32) -> f32 {
    /// Adding this leaves a whole number in the low bits: 1.5 * 2^23.
    const TO_WHOLE: f32 = 12_582_912.0;
    let scaled = value.max(-87.0) * std::f32::consts::LOG2_E;
    let shifted = scaled + TO_WHOLE;
    let rest = scaled - (shifted - TO_WHOLE);
    // The Taylor series of 2^rest, |rest| <= 1/2: powers of ln 2 over factorials.
    let series = [0.000_154_035_3, 0.001_333_355_8, 0.009_618_129, 0.055_504_11, 0.240_226_5];
    let series = series.iter().fold(0.0, |sum, factor| sum * rest + factor);
    let power = (series * rest + std::f32::consts::LN_2) * rest + 1.0;
    let exponent = shifted.to_bits().wrapping_shl(23).wrapping_add(127 << 23);
    if value < -87.0 { 0.0 } else { power * f32::from_bits(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTERS: [[f32; 2]; 3] = [[5.0, -15.0], [25.0, 35.0], [-45.0, 5.0]];

    /// The definition, in double precision.
    fn definition(shares: &[f64; 3], temperature: f64) -> [f64; 2] {
        let weights = shares.map(|share| (share.ln() / temperature).exp());
        let sum: f64 = weights.iter().sum();
        [0, 1].map(|axis| {
            let pairs = weights.iter().zip(CENTERS);
            pairs.map(|(weight, center)| weight * f64::from(center[axis])).sum::<f64>() / sum
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
    fn decoded(shares: &[f64; 3], temperature: f64) -> [f32; 2] {
        // Scores may lie anywhere: only their differences count.
        let scores = shares.map(|share| share.ln() as f32 + 40.0);
        annealed_mean(&scores, &CENTERS, Temperature::new(temperature).unwrap())[0]
    }

    #[test]
    fn temperature_one_is_the_mean_and_the_paper_lies_between() {
        let shares = [0.5, 0.3, 0.2];
        // 0.5 * 5 + 0.3 * 25 - 0.2 * 45 and -0.5 * 15 + 0.3 * 35 + 0.2 * 5.
        let [a, b] = decoded(&shares, 1.0);
        assert!((a - 1.0).abs() < 1e-4 && (b - 4.0).abs() < 1e-4, "{a} {b}");
        for temperature in [0.05, 0.2, 0.38, 1.0, 3.0] {
            let found = decoded(&shares, temperature);
            let expected = definition(&shares, temperature);
            for (found, expected) in found.iter().zip(expected) {
                assert!((f64::from(*found) - expected).abs() < 2e-4, "{found} {expected}");
            }
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "centers come through unchanged")]
    fn near_zero_it_is_the_mode_and_ties_share() {
        for temperature in [1e-3, 1e-30, 1e-300] {
            assert_eq!(decoded(&[0.5, 0.3, 0.2], temperature), CENTERS[0]);
            assert_eq!(decoded(&[0.33, 0.33, 0.34], temperature), CENTERS[2]);
        }
        assert_eq!(decoded(&[0.4, 0.4, 0.2], 1e-3), [15.0, 10.0]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "centers come through unchanged")]
    fn scores_lie_bin_by_bin_and_may_be_extreme() {
        // Two pixels more than a block, scores of 100 and more.
        let pixels = BLOCK + 2;
        let mut scores = vec![-300.0; 3 * pixels];
        for pixel in 0..pixels {
            scores[(pixel % 3) * pixels + pixel] = 100.0;
        }
        let colors = annealed_mean(&scores, &CENTERS, Temperature::new(1.0).unwrap());
        assert_eq!(colors.len(), pixels);
        for (pixel, color) in colors.iter().enumerate() {
            assert_eq!(*color, CENTERS[pixel % 3]);
        }
    }

    #[test]
    fn the_exponential_agrees_with_double_precision() {
        for step in 0..8_700_u16 {
            let value = -0.01 * f32::from(step);
            let expected = f64::from(value).exp();
            let error = (f64::from(exponential(value)) - expected).abs() / expected;
            assert!(error < 1e-5, "{value}: {error}");
        }
        assert_eq!(exponential(-1e9).to_bits(), 0.0_f32.to_bits());
        assert_eq!(exponential(f32::NEG_INFINITY).to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "what was typed comes back")]
    fn a_temperature_is_told_as_it_was_typed() {
        for value in [0.38, 0.05, 1.0, 2.5e-7] {
            assert_eq!(Temperature::new(value).unwrap().shortest(), value);
        }
    }

    #[test]
    fn rejects_temperatures_that_are_no_positive_number() {
        for value in [0.0, -0.38, f64::NAN, f64::INFINITY, 1e60] {
            let message = Temperature::new(value).unwrap_err().to_string();
            assert!(message.contains("must be a finite number above 0"), "{message}");
        }
    }
}
