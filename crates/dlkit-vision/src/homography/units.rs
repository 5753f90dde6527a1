//! Whether targets are pixels, and how large a pixel is in their unit.

use super::matrix::Homography;
use super::normalization::Normalization;
use super::point::{Correspondence, Point};

/// Targets are no pixels if they spread this many times more or less than the sources ...
const LARGEST_RATIO: f64 = 100.0;

/// ... or if they are this many times farther from the origin than from each other.
const FARTHEST: f64 = 1000.0;

/// Whether the targets can be pixels: a picture enlarged or reduced by less than a hundred, not far
/// from its origin. Degrees, meters of a national grid and the like cannot.
#[must_use]
pub fn targets_are_pixels(pairs: &[Correspondence]) -> bool {
    let source = Normalization::robust(pairs.iter().map(|pair| pair.source));
    let target = Normalization::robust(pairs.iter().map(|pair| pair.target));
    let ratio = source.scale / target.scale;
    let origin = Point::new(0.0, 0.0);
    // The distance from the origin to the middle, in usual distances of points.
    let distance = target.apply(origin).distance(origin) / std::f64::consts::SQRT_2;
    (1.0 / LARGEST_RATIO..=LARGEST_RATIO).contains(&ratio) && distance <= FARTHEST
}

/// The side of a square in target units that has the area of a pixel at a source point; none at
/// infinity.
#[must_use]
pub fn units_per_pixel(homography: &Homography, point: Point) -> Option<f64> {
    // The determinant of the local map is det(H) / W^3.
    let depth = homography.depth(point);
    let area = homography.matrix().determinant() / depth.powi(3);
    let side = area.abs().sqrt();
    (side.is_finite() && side > 0.0).then_some(side)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(scale: f64, shift: f64) -> Vec<Correspondence> {
        [(10.0, 20.0), (900.0, 40.0), (870.0, 600.0), (30.0, 640.0)]
            .map(|(x, y)| Correspondence::new(x, y, shift + scale * x, shift - scale * y))
            .to_vec()
    }

    #[test]
    fn degrees_and_grids_are_no_pixels() {
        for (scale, shift) in [(1.0, 0.0), (0.05, 3.0), (40.0, -900.0), (0.2, 20_000.0)] {
            assert!(targets_are_pixels(&pairs(scale, shift)), "{scale} {shift}");
        }
        for (scale, shift) in [(1e-6, 18.0), (1e-3, 0.0), (0.25, 5_600_000.0), (200.0, 0.0)] {
            assert!(!targets_are_pixels(&pairs(scale, shift)), "{scale} {shift}");
        }
    }

    #[test]
    fn a_pixel_has_the_size_of_the_local_map() {
        let rows = [[0.5, 0.0, 9.0], [0.0, -2.0, 7.0], [0.0, 0.01, 1.0]];
        let homography = Homography::from_rows(rows).unwrap();
        let side = units_per_pixel(&homography, Point::new(3.0, 0.0)).unwrap();
        // At y = 0: du/dx = 0.5, dv/dy = -2 - 7 * 0.01 = -2.07.
        assert!((side - (0.5_f64 * 2.07).sqrt()).abs() < 1e-12, "{side}");
        assert_eq!(units_per_pixel(&homography, Point::new(0.0, -100.0)), None);
    }
}
