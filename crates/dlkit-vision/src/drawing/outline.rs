//! Draws the outline of a sheet on a photo.

use image::{DynamicImage, RgbImage};

use super::shapes::{disc, line};
use crate::homography::{Correspondence, Point};

/// Orange, which people with any color vision tell from most others ...
const COLOR: [f64; 3] = [255.0, 176.0, 0.0];
/// ... and a rim that shows it on bright pictures.
const RIM: [f64; 3] = [0.0, 0.0, 0.0];

/// Strokes of the digits 1 to 4, as pairs of points (x, y) in a box of width 1 and height 2.
const DIGITS: [&[[f64; 4]]; 4] = [
    &[[0.1, 0.5, 0.5, 0.0], [0.5, 0.0, 0.5, 2.0]],
    &[[0.0, 0.3, 0.5, 0.0], [0.5, 0.0, 1.0, 0.4], [1.0, 0.4, 0.0, 2.0], [0.0, 2.0, 1.0, 2.0]],
    &[
        [0.0, 0.0, 1.0, 0.0],
        [1.0, 0.0, 0.5, 0.8],
        [0.5, 0.8, 1.0, 1.3],
        [1.0, 1.3, 0.6, 2.0],
        [0.6, 2.0, 0.0, 1.8],
    ],
    &[[0.7, 2.0, 0.7, 0.0], [0.7, 0.0, 0.0, 1.4], [0.0, 1.4, 1.0, 1.4]],
];

/// Draws lines between corners, in order, and the number of each corner just inside.
///
/// # Shapes
/// - corners: at least three, in pixels of the photo; those after the fourth have no number
#[must_use]
pub fn draw_outline(photo: &DynamicImage, corners: &[Point]) -> RgbImage {
    let mut picture = photo.to_rgb8();
    let longer = f64::from(picture.width().max(picture.height()));
    let half_width = (0.0014 * longer).max(1.0);
    let next = |index: usize| corners[(index + 1) % corners.len()];
    let sides: Vec<Correspondence> = (0..corners.len())
        .map(|index| Correspondence { source: corners[index], target: next(index) })
        .collect();
    stroke(&mut picture, &sides, half_width);
    for corner in corners {
        disc(&mut picture, *corner, 2.6 * half_width + half_width, RIM);
        disc(&mut picture, *corner, 2.6 * half_width, COLOR);
    }
    let size = (0.012 * longer).max(5.0);
    let middle = mean(corners);
    for (corner, digit) in corners.iter().zip(DIGITS) {
        // Towards the middle, at a distance that keeps it clear of the sides.
        let distance = corner.distance(middle).max(1e-9);
        let inward = (3.5 * size / distance).min(0.5);
        let center = Point::new(
            corner.x + inward * (middle.x - corner.x),
            corner.y + inward * (middle.y - corner.y),
        );
        let place =
            |x: f64, y: f64| Point::new(center.x + size * (x - 0.5), center.y + size * (y - 1.0));
        let strokes: Vec<Correspondence> = digit
            .iter()
            .map(|[x, y, u, v]| Correspondence { source: place(*x, *y), target: place(*u, *v) })
            .collect();
        stroke(&mut picture, &strokes, half_width);
    }
    picture
}

/// Draws lines with rounded ends, first the rim of all.
fn stroke(picture: &mut RgbImage, lines: &[Correspondence], half_width: f64) {
    for (more, color) in [(half_width, RIM), (0.0, COLOR)] {
        for pair in lines {
            line(picture, *pair, half_width + more, color);
        }
    }
}

fn mean(points: &[Point]) -> Point {
    let count = f64::from(u32::try_from(points.len().max(1)).unwrap_or(u32::MAX));
    let sum = points.iter().fold([0.0, 0.0], |[x, y], point| [x + point.x, y + point.y]);
    Point::new(sum[0] / count, sum[1] / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_and_numbers_are_drawn() {
        let corners = [(20.0, 20.0), (180.0, 20.0), (180.0, 130.0), (20.0, 130.0)];
        let corners = corners.map(|(x, y)| Point::new(x, y));
        let drawn = draw_outline(&DynamicImage::new_rgb8(200, 150), &corners);
        for (x, y) in [(100, 20), (180, 75), (100, 130), (20, 75)] {
            assert_eq!(drawn.get_pixel(x, y).0, [255, 176, 0], "{x} {y}");
        }
        assert_eq!(drawn.get_pixel(100, 75).0, [0; 3]);
        // Each number has as much color as its strokes are long.
        let colored = |left: u32, top: u32| {
            let inside = (left..left + 40).flat_map(|x| (top..top + 25).map(move |y| (x, y)));
            inside.filter(|(x, y)| drawn.get_pixel(*x, *y).0[0] > 128).count()
        };
        let counts = [colored(25, 25), colored(135, 25), colored(135, 100), colored(25, 100)];
        assert!(counts.iter().all(|count| (20..90).contains(count)), "{counts:?}");
        assert!(counts[0] < counts[1] && counts[0] < counts[2], "{counts:?}");
    }
}
