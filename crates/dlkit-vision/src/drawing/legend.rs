//! The legend of an overlay.

use image::RgbImage;

use super::glyphs::Text;
use super::markers::{Marker, marker};
use super::shapes::rectangle;
use crate::homography::Point;

/// A legend that covers more than this share of a side is left out.
const LARGEST_SHARE: f64 = 0.5;

/// Markers and what they mean.
#[derive(Clone, Debug)]
pub(super) struct Legend {
    entries: Vec<(Marker, &'static str)>,
    /// The height of a digit, in pixels.
    height: f64,
}

impl Legend {
    /// The legend of source points and targets, and of outliers if there are any.
    pub(super) fn new(height: f64, has_outliers: bool) -> Self {
        let mut entries = vec![(Marker::Source, "source"), (Marker::Target, "target")];
        if has_outliers {
            entries.push((Marker::Outlier, "outlier"));
        }
        Self { entries, height }
    }

    /// Width and height in pixels.
    fn size(&self) -> [f64; 2] {
        let widths =
            self.entries.iter().map(|(_, text)| Text { text, height: self.height }.width());
        let rows: f64 = self.entries.iter().map(|_| 1.8 * self.height).sum();
        [widths.fold(0.0, f64::max) + 3.6 * self.height, rows + 0.8 * self.height]
    }

    /// Draws it in the corner with the fewest of the points, the upper right one first. Returns its
    /// upper left and lower right corner; none if there is no room.
    pub(super) fn draw(&self, picture: &mut RgbImage, points: &[Point]) -> Option<[[f64; 2]; 2]> {
        let size = [f64::from(picture.width()), f64::from(picture.height())];
        let own = self.size();
        if (0..2).any(|axis| own[axis] > LARGEST_SHARE * size[axis]) {
            return None;
        }
        let margin = 0.6 * self.height;
        let far = [0, 1].map(|axis| size[axis] - 1.0 - margin - own[axis]);
        let corners = [[far[0], margin], far, [margin, margin], [margin, far[1]]];
        // Markers reach a little beyond their points.
        let covers = |[left, top]: [f64; 2]| {
            let reach = 1.5 * self.height;
            let is_covered = |point: &&Point| {
                (left - reach..left + own[0] + reach).contains(&point.x)
                    && (top - reach..top + own[1] + reach).contains(&point.y)
            };
            points.iter().filter(is_covered).count()
        };
        let [left, top] = corners.into_iter().min_by_key(|corner| covers(*corner))?;
        let border = (0.08 * self.height).max(1.0);
        let opposite = [left + own[0], top + own[1]];
        rectangle(
            picture,
            [left - border, top - border],
            opposite.map(|end| end + border),
            [0.0; 3],
        );
        rectangle(picture, [left, top], opposite, [255.0; 3]);
        let mut foot = top + 1.6 * self.height;
        for (kind, text) in &self.entries {
            let middle = Point::new(left + 1.3 * self.height, foot - 0.4 * self.height);
            marker(picture, *kind, middle, 0.5 * self.height);
            let start = Point::new(left + 2.6 * self.height, foot);
            let stroke = (0.075 * self.height).max(0.6);
            Text { text, height: self.height }.draw(picture, start, &[(stroke, [0.0; 3])]);
            foot += 1.8 * self.height;
        }
        Some([[left, top], opposite])
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// The corners of the picture that a legend whitens: upper left, upper right, lower left, lower
    /// right.
    fn whitened(points: &[Point]) -> [bool; 4] {
        let mut picture = RgbImage::from_pixel(400, 300, Rgb([90; 3]));
        assert!(Legend::new(12.0, true).draw(&mut picture, points).is_some());
        [(15, 12), (384, 12), (15, 287), (384, 287)]
            .map(|(x, y)| *picture.get_pixel(x, y) == Rgb([255; 3]))
    }

    #[test]
    fn it_stands_where_no_points_are() {
        assert_eq!(whitened(&[]), [false, true, false, false]);
        let [right, left] = [Point::new(360.0, 20.0), Point::new(20.0, 20.0)];
        assert_eq!(whitened(&[right]), [false, false, false, true]);
        let low = Point::new(380.0, 280.0);
        assert_eq!(whitened(&[right, low]), [true, false, false, false]);
        assert_eq!(whitened(&[right, low, left]), [false, false, true, false]);
    }

    #[test]
    fn it_is_left_out_of_small_pictures() {
        let mut picture = RgbImage::new(60, 40);
        assert_eq!(Legend::new(10.0, false).draw(&mut picture, &[]), None);
        assert_eq!(picture, RgbImage::new(60, 40));
    }
}
