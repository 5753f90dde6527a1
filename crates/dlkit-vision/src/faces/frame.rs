//! Where a located face stands in the pictures of a model.

use serde::{Deserialize, Serialize};

use super::cut::Cut;
use super::detector::Detection;

/// The square of a located face, as parts of a picture of faces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceFrame {
    /// The middle of the square: parts of the width and of the height.
    pub middle: [f64; 2],
    /// The side of the square: part of the width.
    pub side: f64,
}

/// Part of the width of a picture that the square takes, and most of the height.
const PART: [f64; 2] = [0.8, 0.64];
/// Where its middle is. Below it there is more of a face than above.
const MIDDLE: [f64; 2] = [0.5, 0.5];

impl FaceFrame {
    /// The place for pictures of a size: the face fills them, with a narrow margin.
    #[must_use]
    pub fn usual(width: usize, height: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let aspect = height as f64 / width as f64;
        Self { middle: MIDDLE, side: PART[0].min(PART[1] * aspect) }
    }

    /// The place of a detection in a picture of a size.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    pub fn of(detection: &Detection, width: usize, height: usize) -> Self {
        let [x, y] = detection.middle();
        let (width, height) = (width as f64, height as f64);
        Self { middle: [x / width, y / height], side: detection.side / width }
    }

    /// The middle of several places, each number by itself; none of none.
    #[must_use]
    pub fn median(frames: &[Self]) -> Option<Self> {
        let median = |of: fn(&Self) -> f64| {
            let mut values: Vec<f64> = frames.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        let middle = [median(|frame| frame.middle[0])?, median(|frame| frame.middle[1])?];
        Some(Self { middle, side: median(|frame| frame.side)? })
    }

    /// The cut that brings a located face to this place.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    pub fn cut(&self, detection: &Detection, width: usize, height: usize) -> Cut {
        let size = [width as f64, height as f64];
        let scale = detection.side / (self.side * size[0]);
        let found = detection.middle();
        // The square counts from the corner of the first pixel, a cut from its center.
        let middle =
            [0, 1].map(|axis| found[axis] + scale * size[axis] * (0.5 - self.middle[axis]) - 0.5);
        Cut { middle, scale, turn: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use dlkit_files::picture::GrayPicture;

    use super::*;

    /// A bright square on black is found again where the frame says.
    #[test]
    fn cuts_bring_a_square_to_its_place() {
        let (width, height) = (90, 70);
        let (left, top, side) = (31, 22, 30);
        let inside =
            |x: usize, y: usize| (left..left + side).contains(&x) && (top..top + side).contains(&y);
        let values = (0..width * height)
            .map(|index| f32::from(u8::from(inside(index % width, index / width))))
            .collect();
        let picture = GrayPicture { width, height, values };
        let detection = Detection { x: 31.0, y: 22.0, side: 30.0, votes: 3 };
        let frame = FaceFrame { middle: [0.5, 0.6], side: 0.5 };
        // 20 wide: the square takes 10, from 5 to 14; its middle is at row 18, so rows 13 to 22.
        let cut = frame.cut(&detection, 20, 30).read(&picture, 20, 30);
        for (index, value) in cut.iter().enumerate() {
            let (x, y) = (index % 20, index / 20);
            let expected = (5..15).contains(&x) && (13..23).contains(&y);
            // Reading smooths over the edge.
            assert_eq!(*value > 0.5, expected, "{x} {y} {value}");
        }
        assert_eq!(FaceFrame::of(&detection, 90, 70).side.to_bits(), (1.0_f64 / 3.0).to_bits());
    }

    #[test]
    fn the_middle_of_several_places() {
        let frame = |x, side| FaceFrame { middle: [x, 0.5], side };
        let found = FaceFrame::median(&[frame(0.1, 0.9), frame(0.5, 0.6), frame(0.6, 0.7)]);
        assert_eq!(found, Some(frame(0.5, 0.7)));
        assert_eq!(FaceFrame::median(&[]), None);
    }
}
