//! Normalization of a picture before it becomes a point.

use serde::{Deserialize, Serialize};

/// The normalization of each picture before anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalization {
    /// None: the pixels stay unchanged.
    #[default]
    None,
    /// Each picture minus its mean, divided by its standard deviation, so that brightness and
    /// contrast no longer count.
    Contrast,
    /// Each pixel becomes its rank among the pixels of its picture, so that all pictures have the
    /// same histogram; scaled to mean 0 and standard deviation 1.
    Histogram,
}

/// A picture as a point, and the way back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Normalized {
    /// One coordinate for each pixel.
    pub(super) values: Vec<f64>,
    /// The value that was subtracted from each pixel.
    pub(super) offset: f64,
    /// The value that each pixel was divided by afterward.
    pub(super) scale: f64,
}

/// Pixels from 0 to 1 that differ by less are equal in single precision.
const FLAT: f64 = 1e-6;

impl Normalization {
    /// All normalizations.
    pub const ALL: [Self; 3] = [Self::None, Self::Contrast, Self::Histogram];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Contrast => "contrast",
            Self::Histogram => "histogram",
        }
    }

    /// The picture as a point; a picture without contrast becomes all zeros.
    pub(super) fn apply(self, picture: &[f32]) -> Normalized {
        let values: Vec<f64> = picture.iter().map(|value| f64::from(*value)).collect();
        match self {
            Self::None => return Normalized { values, offset: 0.0, scale: 1.0 },
            Self::Histogram => return ranks(&values),
            Self::Contrast => {}
        }
        #[expect(clippy::cast_precision_loss, reason = "pictures are smaller than 2^52 pixels")]
        let count = values.len() as f64;
        let offset = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - offset).powi(2)).sum::<f64>() / count;
        let scale = variance.sqrt();
        if scale <= FLAT * offset.abs().max(1e-3) {
            return Normalized { values: vec![0.0; values.len()], offset, scale: 0.0 };
        }
        let values = values.iter().map(|value| (value - offset) / scale).collect();
        Normalized { values, offset, scale }
    }
}

/// The ranks of pixels; equal pixels have the mean of their ranks. The way back leads to ranks from
/// 0 to 1, not to the picture.
fn ranks(values: &[f64]) -> Normalized {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut result = vec![0.0; values.len()];
    // The standard deviation of a uniform distribution from 0 to 1.
    let scale = 12.0_f64.sqrt().recip();
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        #[expect(clippy::cast_precision_loss, reason = "pictures are smaller than 2^52 pixels")]
        let rank = (before as f64 + equal.len() as f64 / 2.0) / values.len() as f64;
        for place in equal {
            result[*place] = (rank - 0.5) / scale;
        }
        before += equal.len();
    }
    Normalized { values: result, offset: 0.5, scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_has_mean_zero_and_deviation_one() {
        let normalized = Normalization::Contrast.apply(&[1.0, 3.0, 1.0, 3.0]);
        assert_eq!(normalized.values, [-1.0, 1.0, -1.0, 1.0]);
        assert_eq!((normalized.offset, normalized.scale), (2.0, 1.0));
    }

    #[test]
    fn a_flat_picture_becomes_zeros_not_nan() {
        let normalized = Normalization::Contrast.apply(&[0.3; 9]);
        assert_eq!(normalized.values, [0.0; 9]);
    }

    #[test]
    fn ranks_have_one_histogram_and_ties_share() {
        let normalized = Normalization::Histogram.apply(&[0.9, 0.1, 0.1, 0.2]);
        let back: Vec<f64> =
            normalized.values.iter().map(|v| v * normalized.scale + normalized.offset).collect();
        for (found, expected) in back.iter().zip([0.875, 0.25, 0.25, 0.625]) {
            assert!((found - expected).abs() < 1e-12, "{back:?}");
        }
        assert_eq!(Normalization::Histogram.apply(&[0.3; 9]).values, [0.0; 9]);
    }
}
