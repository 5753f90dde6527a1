//! Where faces stand in the pictures of a model.

use dlkit_files::picture::GrayPicture;
use rayon::prelude::*;

use super::cutting::Alignment;
use super::model::Eigenfaces;
use crate::faces::{DetectionConfig, Detector, FaceFrame};

/// Fitted faces in which a detector is asked for the place of the face.
const ASKED: usize = 40;
/// Least part of them in which it has to find one.
const FOUND: f64 = 0.3;
/// Pixels that the shorter side of a picture needs for the detector.
const ENOUGH: usize = 96;
/// Part of a picture that is added on each side: faces may reach the border.
const MARGIN: usize = 4;

impl Eigenfaces {
    /// Where a located face stands in the pictures of the model: where a detector finds the fitted
    /// faces. None if it finds too few of them.
    #[must_use]
    pub fn face_frame(&self, detector: &Detector) -> Option<FaceFrame> {
        if self.alignment == Some(Alignment::Located) {
            return Some(FaceFrame::usual(self.width, self.height));
        }
        let count = self.names.len();
        let asked: Vec<usize> = (0..count).step_by(count.div_ceil(ASKED).max(1)).collect();
        let frames: Vec<FaceFrame> =
            asked.par_iter().filter_map(|picture| self.frame_in(*picture, detector)).collect();
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let enough = frames.len() as f64 >= FOUND * asked.len() as f64;
        if enough { FaceFrame::median(&frames) } else { None }
    }

    /// Where the face stands in a fitted picture.
    fn frame_in(&self, picture: usize, detector: &Detector) -> Option<FaceFrame> {
        let values = self.thumbnail(picture)?;
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let [margin_x, margin_y] = [self.width, self.height].map(|side| side.div_ceil(MARGIN));
        let (width, height) = (self.width + 2 * margin_x, self.height + 2 * margin_y);
        let within =
            |place: usize, margin: usize, side: usize| place.saturating_sub(margin).min(side - 1);
        let pixels = (0..width * height).map(|index| {
            let x = within(index % width, margin_x, self.width);
            let y = within(index / width, margin_y, self.height);
            #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
            let value = ((values[y * self.width + x] - low) / (high - low).max(1e-9)) as f32;
            value
        });
        let padded = GrayPicture { width, height, values: pixels.collect() };
        let times = ENOUGH.div_ceil(self.width.min(self.height)).max(1);
        let large = padded.resized(width * times, height * times)?;
        // A picture of a face has one: the largest of those that are likely.
        // A face fills most of its picture.
        let smallest = Some(ENOUGH.max(large.width.min(large.height) / 2) / 2);
        let found = detector.detect(&large, &DetectionConfig { smallest, votes: 3 }).ok()?;
        let face = found.into_iter().max_by(|a, b| a.side.total_cmp(&b.side))?;
        let frame = FaceFrame::of(&face, large.width, large.height);
        // From the padded picture to the picture itself.
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let inner = |part: f64, padded: usize, margin: usize, side: usize| {
            (part * padded as f64 - margin as f64) / side as f64
        };
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let side = frame.side * width as f64 / self.width as f64;
        Some(FaceFrame {
            middle: [
                inner(frame.middle[0], width, margin_x, self.width),
                inner(frame.middle[1], height, margin_y, self.height),
            ],
            side,
        })
    }
}
