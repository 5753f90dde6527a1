//! How near colors come to a photo's own.

use crate::value::number::float;

/// Distances in the ab plane up to which cumulative errors are looked at.
const LARGEST_ERROR: usize = 150;

/// Area under the curve of the share of pixels with a color error of at most t, for integer
/// thresholds t from 0 to 150 units of ab. It is 1 if every pixel is right.
///
/// # Shapes
/// - pixels: the error of each and what it weighs
///
/// # References
/// Zhang, Isola and Efros (2016), section 3.1.
#[must_use]
pub fn area_under_curve(pixels: impl IntoIterator<Item = (f32, f64)>) -> f64 {
    let mut weights = [0.0; LARGEST_ERROR + 1];
    let mut total = 0.0;
    for (error, weight) in pixels {
        total += weight;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "errors are 0 or more; casts saturate"
        )]
        let threshold = error.ceil() as usize;
        if let Some(sum) = weights.get_mut(threshold) {
            *sum += weight;
        }
    }
    let mut within = 0.0;
    let mut area = 0.0;
    for weight in weights {
        within += weight;
        area += within / total;
    }
    let thresholds = float(weights.len());
    area / thresholds
}

/// The distance between two colors of equal lightness.
#[must_use]
pub fn color_error(left: [f32; 2], right: [f32; 2]) -> f32 {
    (left[0] - right[0]).hypot(left[1] - right[1])
}

/// Peak signal-to-noise ratio in dB of two 8-bit pictures. The error is at least that of rounding
/// to 8 bits, so equal pictures have 58.9 dB.
///
/// # Shapes
/// - both: samples of equal pictures, in the same order
#[must_use]
pub fn peak_signal_to_noise(left: &[u8], right: &[u8]) -> f64 {
    /// The variance of rounding: 1/12 of a step squared.
    const ROUNDING: f64 = 1.0 / 12.0;
    let squares = left.iter().zip(right).map(|(&left, &right)| {
        let difference = f64::from(left) - f64::from(right);
        difference * difference
    });
    let mean = squares.sum::<f64>() / float(left.len());
    10.0 * (255.0 * 255.0 / mean.max(ROUNDING)).log10()
}

/// How colorful an 8-bit RGB picture looks: 0 for gray, about 15 slightly, 45 quite, 80 and more
/// highly colorful.
///
/// # Shapes
/// - rgb: red, green, blue of each pixel
///
/// # References
/// Hasler and Süsstrunk (2003), Measuring colorfulness in natural images.
#[must_use]
pub fn colourfulness(rgb: &[u8]) -> f64 {
    let (pixels, _) = rgb.as_chunks::<3>();
    let opponents = pixels.iter().map(|pixel| {
        let [red, green, blue] = pixel.map(f64::from);
        [red - green, 0.5 * (red + green) - blue]
    });
    let (mut sums, mut squares) = ([0.0; 2], [0.0; 2]);
    for opponent in opponents {
        for axis in 0..2 {
            sums[axis] += opponent[axis];
            squares[axis] += opponent[axis] * opponent[axis];
        }
    }
    let count = float(pixels.len());
    let means = sums.map(|sum| sum / count);
    let variance = |axis: usize| (squares[axis] / count - means[axis] * means[axis]).max(0.0);
    (variance(0) + variance(1)).sqrt() + 0.3 * means[0].hypot(means[1])
}

/// The mean of values and their deviation (of a sample: over n - 1).
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Summary {
    /// The mean.
    pub mean: f64,
    /// The deviation; none of one value.
    pub deviation: Option<f64>,
}

impl Summary {
    /// The summary of one value or more.
    #[must_use]
    pub fn new(values: &[f64]) -> Self {
        let count = float(values.len());
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, deviation: (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_the_mean_share_over_whole_thresholds() {
        assert!((area_under_curve([(0.0, 1.0), (0.0, 3.0)]) - 1.0).abs() < 1e-12);
        // Within from threshold 3 on: 148 of 151.
        assert!((area_under_curve([(2.5, 1.0)]) - 148.0 / 151.0).abs() < 1e-12);
        assert!((area_under_curve([(3.0, 1.0)]) - 148.0 / 151.0).abs() < 1e-12);
        let mixed = area_under_curve([(0.0, 1.0), (150.5, 3.0)]);
        assert!((mixed - 0.25).abs() < 1e-12, "{mixed}");
    }

    #[test]
    fn gray_is_colorless_and_two_colors_are_as_defined() {
        assert!(colourfulness(&[7, 7, 7, 200, 200, 200]).abs() < 1e-9);
        // rg: 100 and 0, yb: 50 and -40; deviations 50 and 45, means 50 and 5.
        let expected = 50.0_f64.hypot(45.0) + 0.3 * 50.0_f64.hypot(5.0);
        let found = colourfulness(&[100, 0, 0, 0, 0, 40]);
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }

    #[test]
    fn noise_is_in_decibels() {
        assert!((peak_signal_to_noise(&[0, 10], &[0, 0]) - 10.0 * 1300.5_f64.log10()).abs() < 1e-9);
        assert!((peak_signal_to_noise(&[9, 8], &[9, 8]) - 58.92).abs() < 0.01);
    }

    #[test]
    fn deviations_are_those_of_a_sample() {
        let summary = Summary::new(&[1.0, 3.0]);
        assert_eq!((summary.mean, summary.deviation), (2.0, Some(2.0_f64.sqrt())));
        assert_eq!(Summary::new(&[4.0]).deviation, None);
    }
}
