//! Cuts faces out of pictures.

use dlkit_files::picture::GrayPicture;

use crate::shrink::{between, shrunk};

/// Where the pixels of a cut are read: a similarity from its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// The place of the middle of the cut in the picture, in pixels.
    pub middle: [f64; 2],
    /// Pixels of the picture for each pixel of the cut.
    pub scale: f64,
    /// How far the cut is turned in the picture, in degrees, clockwise as seen.
    pub turn: f64,
}

impl Cut {
    /// Reads the cut. Beyond its border, the picture continues with the pixels there. Where the cut
    /// is smaller than what it shows, pixels are averaged.
    ///
    /// # Shapes
    /// - the pixels of the cut: `[height, width]`, row by row
    #[must_use]
    pub fn read(&self, picture: &GrayPicture, width: usize, height: usize) -> Vec<f32> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a scale is far below 2^52"
        )]
        let step = self.scale.round().clamp(1.0, 4096.0) as usize;
        let (values, columns) = if step > 1 {
            shrunk(&picture.values, picture.width, step)
        } else {
            (picture.values.clone(), picture.width)
        };
        let rows = values.len() / columns.max(1);
        #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
        let (step, [half_width, half_height]) =
            (step as f64, [width, height].map(|side| (side as f64 - 1.0) / 2.0));
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        let (sine, cosine) = (sine * self.scale, cosine * self.scale);
        let mut cut = Vec::with_capacity(width * height);
        for row in 0..height {
            for column in 0..width {
                #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
                let [x, y] = [column as f64 - half_width, row as f64 - half_height];
                let place = [
                    self.middle[0] + cosine * x - sine * y,
                    self.middle[1] + sine * x + cosine * y,
                ];
                // Pixels of the smaller picture are the means of blocks.
                let place = place.map(|at| (at + 0.5) / step - 0.5);
                cut.push(between(&values, columns, rows, place));
            }
        }
        cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pixel tells its place: 10 times the row and the column.
    fn places(width: usize, height: usize) -> GrayPicture {
        let values = (0..width * height)
            .map(|index| {
                let [row, column] = [index / width, index % width]
                    .map(|part| f32::from(u16::try_from(part).unwrap()));
                10.0 * row + column
            })
            .collect();
        GrayPicture { width, height, values }
    }

    fn close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-3, "{found} {expected}");
        }
    }

    #[test]
    fn cuts_show_the_place_that_they_name() {
        let picture = places(9, 7);
        let cut = |middle, scale, turn| Cut { middle, scale, turn };
        close(&cut([4.0, 3.0], 1.0, 0.0).read(&picture, 3, 1), &[33.0, 34.0, 35.0]);
        close(&cut([4.5, 3.0], 1.0, 0.0).read(&picture, 2, 1), &[34.0, 35.0]);
        // Half a pixel apart; then a turn by 90 degrees: the row runs down.
        close(&cut([4.0, 3.0], 0.5, 0.0).read(&picture, 3, 1), &[33.5, 34.0, 34.5]);
        close(&cut([4.0, 3.0], 1.0, 90.0).read(&picture, 3, 1), &[24.0, 34.0, 44.0]);
        // Beyond the border; and each pixel the mean of 3 x 3.
        close(&cut([0.0, 0.0], 1.0, 0.0).read(&picture, 3, 1), &[0.0, 0.0, 1.0]);
        close(&cut([4.0, 1.0], 3.0, 0.0).read(&picture, 3, 1), &[11.0, 14.0, 17.0]);
    }
}
