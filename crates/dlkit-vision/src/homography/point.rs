//! Points of a picture and pairs of points.

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

/// A place in a picture, in pixels: `x` to the right, `y` down, the center of the first pixel at
/// (0, 0).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Pixels to the right of the center of the first column.
    pub x: f64,
    /// Pixels below the center of the first row.
    pub y: f64,
}

/// Squares in this range have all their digits.
const SAFE_SQUARES: std::ops::Range<f64> = 1e-280..1e280;

impl Point {
    /// The point at `x` to the right and `y` down, in pixels.
    #[must_use]
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The distance to another point, in pixels.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        let (x, y) = (self.x - other.x, self.y - other.y);
        let square = x * x + y * y;
        // Several times as fast as hypot, which is needed only where squares overflow or vanish.
        if SAFE_SQUARES.contains(&square) { square.sqrt() } else { x.hypot(y) }
    }

    /// Whether neither coordinate is infinite or NaN.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }

    /// Exchanges x and y, to convert between (row, column) and (x, y).
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { x: self.y, y: self.x }
    }

    /// Homogeneous coordinates (x, y, 1).
    pub(crate) const fn homogeneous(self) -> Vector3<f64> {
        Vector3::new(self.x, self.y, 1.0)
    }

    /// Twice the signed area of a triangle: positive if a, b, c turn clockwise on the screen, where
    /// y points down; 0 if they are collinear.
    pub(crate) fn double_area(a: Self, b: Self, c: Self) -> f64 {
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }
}

/// A point of the source picture and the point of the target that it should map to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correspondence {
    /// The point in the source.
    pub source: Point,
    /// The point in the target.
    pub target: Point,
}

impl Correspondence {
    /// The pair (x, y) -> (u, v), in pixels.
    #[must_use]
    pub const fn new(x: f64, y: f64, u: f64, v: f64) -> Self {
        Self { source: Point::new(x, y), target: Point::new(u, v) }
    }

    /// Exchanges source and target.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { source: self.target, target: self.source }
    }

    /// Exchanges x and y of both points.
    #[must_use]
    pub const fn swapped(self) -> Self {
        Self { source: self.source.swapped(), target: self.target.swapped() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_do_not_overflow_or_vanish() {
        for scale in [1e-200, 1e-9, 1.0, 1e150, 1e200] {
            let distance = Point::new(3.0 * scale, 0.0).distance(Point::new(0.0, -4.0 * scale));
            assert!((distance / scale - 5.0).abs() < 1e-14, "{scale}: {distance}");
        }
        assert!(Point::new(f64::NAN, 0.0).distance(Point::new(0.0, 0.0)).is_nan());
    }
}
