//! Draws points on a photo.

use image::{DynamicImage, RgbImage};

use super::shapes::{disc, line};
use crate::homography::{Correspondence, Point};

/// A photo with points drawn on it.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The photo, as 8-bit RGB.
    pub picture: RgbImage,
    /// Number of points outside the photo, which are not drawn.
    pub outside: usize,
}

const SOURCE: [f64; 3] = [230.0, 20.0, 30.0];
const TARGET: [f64; 3] = [0.0, 170.0, 60.0];
const RIM: [f64; 3] = [255.0, 255.0, 255.0];
const LEFT_OUT: [f64; 3] = [120.0, 120.0, 120.0];

/// Most pairs that are drawn with discs of full size.
const FEW: f64 = 40.0;

/// Draws the source points of pairs in red and their targets in green, joined by a white line.
/// Targets are drawn in the coordinates of the photo. Pairs that do not count are small and gray,
/// below the others.
///
/// # Shapes
/// - pairs, counts: one entry for each pair; a pair without an entry in `counts` counts
#[must_use]
pub fn draw_correspondences(
    photo: &DynamicImage,
    pairs: &[Correspondence],
    counts: &[bool],
) -> Overlay {
    let mut picture = photo.to_rgb8();
    let (width, height) = picture.dimensions();
    let (mut counting, mut left_out) = (Vec::new(), Vec::new());
    for (index, pair) in pairs.iter().enumerate() {
        let counts = counts.get(index).copied().unwrap_or(true);
        if counts { &mut counting } else { &mut left_out }.push(*pair);
    }
    let radius = radius(width.max(height), pairs.len());
    for pair in &left_out {
        line(&mut picture, *pair, radius / 8.0, LEFT_OUT);
        for point in [pair.source, pair.target] {
            disc(&mut picture, point, radius * 0.7, LEFT_OUT);
        }
    }
    for pair in &counting {
        line(&mut picture, *pair, radius / 4.0, RIM);
    }
    for (point_of, color) in [(source as fn(&Correspondence) -> Point, SOURCE), (target, TARGET)] {
        for pair in &counting {
            disc(&mut picture, point_of(pair), radius * 1.35, RIM);
            disc(&mut picture, point_of(pair), radius, color);
        }
    }
    let inside = |point: Point| {
        (-0.5..f64::from(width) - 0.5).contains(&point.x)
            && (-0.5..f64::from(height) - 0.5).contains(&point.y)
    };
    let points = pairs.iter().flat_map(|pair| [pair.source, pair.target]);
    Overlay { outside: points.filter(|point| !inside(*point)).count(), picture }
}

/// The radius of a disc: visible when a screen shows the whole photo, and smaller for many pairs.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 pairs")]
fn radius(longer_side: u32, pairs: usize) -> f64 {
    let crowd = (FEW / (pairs.max(1) as f64)).sqrt().clamp(0.4, 1.0);
    (0.008 * f64::from(longer_side) * crowd).max(3.0)
}

const fn source(pair: &Correspondence) -> Point {
    pair.source
}

const fn target(pair: &Correspondence) -> Point {
    pair.target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_red_targets_green_and_those_outside_are_counted() {
        let photo = DynamicImage::from(RgbImage::new(60, 40));
        let pairs = [
            Correspondence::new(10.0, 12.0, 40.0, 30.0),
            Correspondence::new(20.0, 5.0, 70.0, 5.0),
        ];
        let overlay = draw_correspondences(&photo, &pairs, &[true, true]);
        assert_eq!(overlay.picture.get_pixel(10, 12).0, [230, 20, 30]);
        assert_eq!(overlay.picture.get_pixel(40, 30).0, [0, 170, 60]);
        assert_eq!(overlay.picture.get_pixel(59, 39).0, [0, 0, 0]);
        assert_eq!(overlay.outside, 1);
    }

    #[test]
    fn pairs_that_do_not_count_are_gray_and_below_the_others() {
        let photo = DynamicImage::from(RgbImage::new(60, 40));
        let pairs = [
            Correspondence::new(10.0, 12.0, 40.0, 30.0),
            Correspondence::new(40.0, 30.0, 50.0, 5.0),
        ];
        let overlay = draw_correspondences(&photo, &pairs, &[true, false]);
        assert_eq!(overlay.picture.get_pixel(10, 12).0, [230, 20, 30]);
        assert_eq!(overlay.picture.get_pixel(40, 30).0, [0, 170, 60]);
        assert_eq!(overlay.picture.get_pixel(50, 5).0, [120, 120, 120]);
    }

    #[test]
    fn many_points_are_drawn_smaller() {
        assert!((radius(1000, 4) - 8.0).abs() < 1e-12);
        assert!((radius(1000, 160) - 4.0).abs() < 1e-12);
        assert!((radius(1000, 1_000_000) - 3.2).abs() < 1e-12);
        assert!((radius(100, 4) - 3.0).abs() < 1e-12);
    }
}
