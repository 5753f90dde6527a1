//! Draws numbered squares on a photo.

use image::{DynamicImage, RgbImage};

use super::glyphs::Text;
use super::shapes::line;
use crate::homography::{Correspondence, Point};

/// A square to draw, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marked {
    /// The left and the upper side, counted from the corner of the first pixel.
    pub corner: [f64; 2],
    /// The length of each side, in pixels.
    pub side: f64,
    /// Its color.
    pub color: MarkColor,
}

/// Colors that people with any color vision tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkColor {
    /// Orange.
    Orange,
    /// Sky blue.
    Blue,
    /// Light gray.
    Gray,
}

impl MarkColor {
    const fn rgb(self) -> [f64; 3] {
        match self {
            Self::Orange => [255.0, 176.0, 0.0],
            Self::Blue => [86.0, 180.0, 233.0],
            Self::Gray => [200.0, 200.0, 200.0],
        }
    }
}

/// The rim that shows a line on bright pictures.
const RIM: [f64; 3] = [0.0, 0.0, 0.0];

/// Draws squares with their numbers, from 1, inside the upper left corner.
#[must_use]
pub fn draw_marked(photo: &DynamicImage, marked: &[Marked]) -> RgbImage {
    let mut picture = photo.to_rgb8();
    let longer = f64::from(picture.width().max(picture.height()));
    let half_width = (0.0014 * longer).max(0.75);
    for (index, Marked { corner: [x, y], side, color }) in marked.iter().enumerate() {
        let layers = [(2.0 * half_width, RIM), (half_width, color.rgb())];
        // Pixels have their center at whole numbers.
        let [left, top, right, bottom] = [x - 0.5, y - 0.5, x + side - 0.5, y + side - 0.5];
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            .map(|(x, y)| Point::new(x, y));
        for (half_width, color) in layers {
            for (index, source) in corners.iter().enumerate() {
                let target = corners[(index + 1) % corners.len()];
                line(&mut picture, Correspondence { source: *source, target }, half_width, color);
            }
        }
        let number = (index + 1).to_string();
        let height = (0.25 * side).clamp(7.0, 0.04 * longer.max(175.0));
        let text = Text { text: &number, height };
        let start = Point::new(left + 3.0 * half_width + 1.0, top + height + 3.0 * half_width);
        text.draw(&mut picture, start, &layers);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_drawn_on_their_border() {
        let gray = RgbImage::from_pixel(120, 90, [128, 128, 128].into());
        let marked = Marked { corner: [30.0, 20.0], side: 50.0, color: MarkColor::Orange };
        let drawn = draw_marked(&gray.clone().into(), &[marked]);
        let orange = |x: u32, y: u32| {
            let [red, _, blue] = drawn.get_pixel(x, y).0;
            red > 180 && blue < 60
        };
        for (x, y) in [(30, 60), (80, 60), (60, 20), (60, 70)] {
            assert!(orange(x, y), "{x} {y}: {:?}", drawn.get_pixel(x, y));
        }
        assert_eq!(drawn.get_pixel(60, 60).0, [128; 3]);
        assert_eq!(drawn.get_pixel(100, 80).0, [128; 3]);
        assert_eq!(draw_marked(&gray.clone().into(), &[]), gray);
    }
}
