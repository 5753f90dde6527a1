//! Lines faces up by their eyes.

use serde::{Deserialize, Serialize};

use super::cut::Cut;
use super::error::DetectorError;

/// Where the eyes are in pictures of a model, in pixels; the first pixel's center is (0, 0). Left
/// and right are those of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EyePlaces {
    /// The eye on the left: x and y.
    pub left: [f64; 2],
    /// The eye on the right: x and y.
    pub right: [f64; 2],
}

/// Where the eyes are in a picture, as parts of its width ...
const ACROSS: [f64; 2] = [0.3, 0.7];
/// ... and of its height.
const DOWN: f64 = 0.4;

impl EyePlaces {
    /// The places for pictures of a size.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    pub fn usual(width: usize, height: usize) -> Self {
        let [left, right] =
            ACROSS.map(|part| [part * width as f64 - 0.5, DOWN * height as f64 - 0.5]);
        Self { left, right }
    }

    /// The cut that brings two eyes of a picture to these places. A face is upright, so that the eye
    /// farther to the left comes to the left, whichever is given first.
    ///
    /// # Errors
    /// Both eyes are at one place, or one is outside the picture.
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    pub fn cut(
        &self,
        eyes: [[f64; 2]; 2],
        (width, height): (usize, usize),
        (model_width, model_height): (usize, usize),
    ) -> Result<Cut, DetectorError> {
        for [x, y] in eyes {
            let inside = |place: f64, side: usize| (-0.5..=side as f64 - 0.5).contains(&place);
            if !inside(x, width) || !inside(y, height) {
                return Err(DetectorError::EyeOutside { x, y, width, height });
            }
        }
        let [first, second] = eyes;
        let [left, right] = if first[0] <= second[0] { [first, second] } else { [second, first] };
        let apart = |[x, y]: [f64; 2], [to_x, to_y]: [f64; 2]| (to_x - x, to_y - y);
        let (given, wanted) = (apart(left, right), apart(self.left, self.right));
        let scale = given.0.hypot(given.1) / wanted.0.hypot(wanted.1);
        if !scale.is_normal() {
            return Err(DetectorError::SameEyes { x: left[0], y: left[1] });
        }
        let turn = given.1.atan2(given.0) - wanted.1.atan2(wanted.0);
        // From the middle between the eyes to the middle of the cut.
        let offset = [
            (model_width as f64 - 1.0) / 2.0 - f64::midpoint(self.left[0], self.right[0]),
            (model_height as f64 - 1.0) / 2.0 - f64::midpoint(self.left[1], self.right[1]),
        ];
        let (sine, cosine) = turn.sin_cos();
        let middle = [
            f64::midpoint(left[0], right[0]) + scale * (cosine * offset[0] - sine * offset[1]),
            f64::midpoint(left[1], right[1]) + scale * (sine * offset[0] + cosine * offset[1]),
        ];
        Ok(Cut { middle, scale, turn: turn.to_degrees() })
    }
}

#[cfg(test)]
mod tests {
    use dlkit_files::picture::GrayPicture;

    use super::*;

    /// A picture that tells x, and one that tells y: read at the eyes' places, both are those of
    /// the eyes.
    #[test]
    fn eyes_come_to_their_places() {
        let (width, height) = (120, 100);
        let picture = |part: fn(usize) -> usize| {
            let values = (0..width * height)
                .map(|index| f32::from(u16::try_from(part(index)).unwrap()))
                .collect();
            GrayPicture { width, height, values }
        };
        let [across, down] = [picture(|index| index % 120), picture(|index| index / 120)];
        let places = EyePlaces { left: [6.0, 8.0], right: [14.0, 8.0] };
        for eyes in [
            [[40.0, 50.0], [56.0, 50.0]],
            [[60.0, 40.0], [50.0, 62.0]],
            [[30.0, 30.0], [36.0, 36.0]],
        ] {
            let cut = places.cut(eyes, (width, height), (21, 25)).unwrap();
            let mut sorted = eyes;
            sorted.sort_by(|a, b| a[0].total_cmp(&b[0]));
            for ([x, y], place) in sorted.into_iter().zip([8 * 21 + 6, 8 * 21 + 14]) {
                let found = [&across, &down].map(|p| f64::from(cut.read(p, 21, 25)[place]));
                assert!(
                    (found[0] - x).abs() < 0.01 && (found[1] - y).abs() < 0.01,
                    "{found:?} {eyes:?}"
                );
            }
            let [first, second] = eyes;
            assert_eq!(places.cut([second, first], (width, height), (21, 25)).unwrap(), cut);
        }
    }

    #[test]
    fn impossible_eyes_are_refused() {
        let places = EyePlaces::usual(20, 30);
        let message = |eyes| places.cut(eyes, (50, 40), (20, 30)).unwrap_err().to_string();
        assert!(message([[5.0, 6.0], [5.0, 6.0]]).contains("same place, 5, 6"));
        assert!(message([[5.0, 6.0], [50.0, 6.0]]).contains("50, 6: outside"));
        assert!(message([[f64::NAN, 6.0], [5.0, 6.0]]).contains("outside"));
    }
}
