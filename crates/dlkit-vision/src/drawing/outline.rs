//! Draws the outline of a sheet on a photo.

use image::{DynamicImage, RgbImage};

use super::glyphs::Text;
use super::shapes::{disc, line};
use crate::homography::{Correspondence, Point};

/// Orange, which people with any color vision tell from most others ...
const COLOR: [f64; 3] = [255.0, 176.0, 0.0];
/// ... and a rim that shows it on bright pictures.
const RIM: [f64; 3] = [0.0, 0.0, 0.0];

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
    let layers = [(2.0 * half_width, RIM), (half_width, COLOR)];
    for (half_width, color) in layers {
        for side in &sides {
            line(&mut picture, *side, half_width, color);
        }
    }
    for corner in corners {
        disc(&mut picture, *corner, 2.6 * half_width + half_width, RIM);
        disc(&mut picture, *corner, 2.6 * half_width, COLOR);
    }
    let size = (0.012 * longer).max(5.0);
    let middle = mean(corners);
    for (corner, number) in corners.iter().zip(["1", "2", "3", "4"]) {
        // Towards the middle, at a distance that keeps it clear of the sides.
        let distance = corner.distance(middle).max(1e-9);
        let inward = (3.5 * size / distance).min(0.5);
        let number = Text { text: number, height: 2.0 * size };
        let start = Point::new(
            corner.x + inward * (middle.x - corner.x) - 0.5 * number.width(),
            corner.y + inward * (middle.y - corner.y) + size,
        );
        number.draw(&mut picture, start, &layers);
    }
    picture
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
