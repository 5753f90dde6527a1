//! What a set of values is like.

use crate::value::number::float;
use serde::Serialize;

/// What a set of values is like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Smallest finite value; infinite without finite values.
    pub minimum: f64,
    /// The mean.
    pub mean: f64,
    /// Largest finite value; infinite without finite values.
    pub maximum: f64,
    /// Their standard deviation (divided by their number).
    pub deviation: f64,
    /// Share that is exactly zero, 0 to 1.
    pub zeros: f64,
    /// Number of values that are infinite or undefined; they leave mean and deviation undefined.
    pub non_finite: usize,
}

impl Spread {
    /// The spread of at least one value.
    #[must_use]
    pub fn new(values: &[f32]) -> Self {
        let count = float(values.len());
        let all = || values.iter().map(|&value| f64::from(value));
        let finite = || all().filter(|value| value.is_finite());
        let non_finite = values.len() - finite().count();
        let mean = if non_finite > 0 { f64::NAN } else { all().sum::<f64>() / count };
        let variance = all().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        Self {
            minimum: finite().fold(f64::INFINITY, f64::min),
            mean,
            maximum: finite().fold(f64::NEG_INFINITY, f64::max),
            deviation: variance.sqrt(),
            zeros: float(all().filter(|&value| value == 0.0).count()) / count,
            non_finite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_by_hand() {
        let spread = Spread::new(&[0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 4.0, 0.0]);
        assert!((spread.minimum + 1.0).abs() + (spread.maximum - 4.0).abs() < 1e-15);
        assert!((spread.mean - 0.5).abs() + (spread.zeros - 5.0 / 8.0).abs() < 1e-15);
        assert_eq!(spread.non_finite, 0);
        assert!((spread.deviation - (18.0 / 8.0 - 0.25_f64).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_not_finite_are_counted_apart() {
        let spread = Spread::new(&[f32::NAN, 1.0, f32::INFINITY, 3.0]);
        assert!((spread.minimum - 1.0).abs() + (spread.maximum - 3.0).abs() < 1e-15);
        assert!(spread.mean.is_nan() && spread.deviation.is_nan());
        assert_eq!(spread.non_finite, 2);
    }
}
