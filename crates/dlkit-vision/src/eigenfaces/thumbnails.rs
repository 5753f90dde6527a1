//! The fitted pictures, in 256 gray levels.

use super::pictures::Pictures;

/// The fitted pictures, so that answers can be shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thumbnails {
    /// The values of black and white.
    pub(super) range: [f32; 2],
    /// Pixels, picture by picture, row by row.
    pub(super) pixels: Vec<u8>,
}

impl Thumbnails {
    /// Pictures from 0 to 1 keep this range; others are stretched to the range that they have.
    pub(super) fn of(pictures: &Pictures) -> Self {
        let (mut low, mut high) = (0.0_f32, 1.0_f32);
        for value in pictures.iter().flatten() {
            (low, high) = (low.min(*value), high.max(*value));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped before"
        )]
        let level =
            |value: &f32| ((value - low) / (high - low) * 255.0).round().clamp(0.0, 255.0) as u8;
        Self { range: [low, high], pixels: pictures.iter().flatten().map(level).collect() }
    }

    pub(super) fn get(&self, picture: usize, size: usize) -> Option<Vec<f64>> {
        let pixels = self.pixels.get(picture * size..(picture + 1) * size)?;
        let [low, high] = self.range.map(f64::from);
        Some(pixels.iter().map(|level| low + f64::from(*level) / 255.0 * (high - low)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_back_within_a_level() {
        for scale in [1.0_f32, 40.0] {
            let values: Vec<f32> = [0.0, 0.1, 0.5, 1.0].map(|v| v * scale).to_vec();
            let thumbnails = Thumbnails::of(&Pictures::new(2, 1, values.clone()).unwrap());
            let back = thumbnails.get(1, 2).unwrap();
            for (found, expected) in back.iter().zip(&values[2..]) {
                assert!((found - f64::from(*expected)).abs() <= f64::from(scale) / 510.0 + 1e-6);
            }
            assert_eq!(thumbnails.get(2, 2), None);
        }
    }
}
