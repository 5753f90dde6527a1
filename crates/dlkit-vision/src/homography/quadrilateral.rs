//! A page photographed at an angle: its corners.

use thiserror::Error;

use super::point::{Correspondence, Point};

/// Four corners of a page in a picture, clockwise: top left, top right, bottom right, bottom left.
/// The corners are the centers of the page's outermost pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadrilateral {
    corners: [Point; 4],
}

/// Why four points are not the corners of a page.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum QuadrilateralError {
    /// The number of points is not four.
    #[error("{given} corners; give 4: top left, top right, bottom right, bottom left")]
    Count {
        /// Points given.
        given: usize,
    },
    /// A coordinate is infinite or NaN.
    #[error("corner {corner} has an infinite or NaN coordinate")]
    NotFinite {
        /// The corner, counted from 1.
        corner: usize,
    },
    /// Three corners are collinear, or two coincide.
    #[error("corners {}, {} and {} are collinear", corners[0], corners[1], corners[2])]
    Flat {
        /// The corners, counted from 1.
        corners: [usize; 3],
    },
    /// Sides cross, or a corner points inward.
    #[error(
        "the corners do not form a page: sides cross or a corner points inward; give them in \
         order: top left, top right, bottom right, bottom left"
    )]
    NotConvex,
}

/// Corners within this share of the longest side from a line are on it.
const FLAT: f64 = 1e-6;

impl Quadrilateral {
    /// The quadrilateral with these corners, in pixels.
    ///
    /// # Errors
    /// There are not four corners, one is not finite, three are collinear, or they are not in order
    /// around a convex shape.
    pub fn new(corners: &[Point]) -> Result<Self, QuadrilateralError> {
        let Ok(corners) = <[Point; 4]>::try_from(corners) else {
            return Err(QuadrilateralError::Count { given: corners.len() });
        };
        if let Some(index) = corners.iter().position(|corner| !corner.is_finite()) {
            return Err(QuadrilateralError::NotFinite { corner: index + 1 });
        }
        let triples = [[0, 1, 2], [1, 2, 3], [2, 3, 0], [3, 0, 1]];
        let areas = triples.map(|[a, b, c]| Point::double_area(corners[a], corners[b], corners[c]));
        for (triple, area) in triples.iter().zip(areas) {
            let [a, b, c] = triple.map(|index| corners[index]);
            let longest = a.distance(b).max(b.distance(c)).max(c.distance(a));
            if area.abs() <= FLAT * longest * longest {
                let mut corners = triple.map(|index| index + 1);
                corners.sort_unstable();
                return Err(QuadrilateralError::Flat { corners });
            }
        }
        if areas.iter().any(|area| area * areas[0] < 0.0) {
            return Err(QuadrilateralError::NotConvex);
        }
        Ok(Self { corners })
    }

    /// The corners, in the order given.
    #[must_use]
    pub const fn corners(&self) -> &[Point; 4] {
        &self.corners
    }

    /// The pairs that map the corners to those of an upright page of width x height pixels, from
    /// (0, 0) to (width - 1, height - 1).
    #[must_use]
    pub fn onto_page(&self, width: u32, height: u32) -> Vec<Correspondence> {
        let (right, bottom) = (f64::from(width) - 1.0, f64::from(height) - 1.0);
        let targets = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)];
        let pair = |(source, (x, y)): (&Point, (f64, f64))| Correspondence {
            source: *source,
            target: Point::new(x, y),
        };
        self.corners.iter().zip(targets).map(pair).collect()
    }

    /// The size in pixels of a page of these proportions, width over height. Neither side is shorter
    /// than its longer image, so that no detail is lost.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    pub fn page_size(&self, ratio: f64) -> (u32, u32) {
        let [across, down] = self.sides();
        let longest = |sides: [f64; 2]| sides[0].max(sides[1]);
        let width = longest(across).max(longest(down) * ratio);
        // The distance between the centers of the corner pixels is one pixel less than the side.
        let pixels = |length: f64| (length.round() + 1.0).max(2.0) as u32;
        (pixels(width), pixels(width / ratio))
    }

    /// Width over height by the mean lengths of opposite sides: right only for a page seen from
    /// straight above.
    #[must_use]
    pub fn ratio_of_sides(&self) -> f64 {
        let [across, down] = self.sides();
        (across[0] + across[1]) / (down[0] + down[1])
    }

    /// The lengths of the sides that run across and of those that run down, in pixels.
    fn sides(&self) -> [[f64; 2]; 2] {
        let [a, b, c, d] = self.corners;
        [[a.distance(b), d.distance(c)], [a.distance(d), b.distance(c)]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_large_as_its_longest_images() {
        let corners = [(10.0, 20.0), (110.0, 20.0), (110.0, 70.0), (10.0, 70.0)];
        let page = Quadrilateral::new(&corners.map(|(x, y)| Point::new(x, y))).unwrap();
        assert!((page.ratio_of_sides() - 2.0).abs() < 1e-12);
        assert_eq!(page.page_size(2.0), (101, 51));
        assert_eq!(page.page_size(1.0), (101, 101));
        assert_eq!(page.page_size(4.0), (201, 51));
    }

    #[test]
    fn corners_out_of_order_are_refused() {
        let at =
            |points: [(f64, f64); 4]| Quadrilateral::new(&points.map(|(x, y)| Point::new(x, y)));
        let crossed = at([(0.0, 0.0), (9.0, 9.0), (9.0, 0.0), (0.0, 9.0)]);
        assert_eq!(crossed.unwrap_err(), QuadrilateralError::NotConvex);
        let dented = at([(0.0, 0.0), (9.0, 0.0), (2.0, 2.0), (0.0, 9.0)]);
        assert_eq!(dented.unwrap_err(), QuadrilateralError::NotConvex);
        let flat = at([(0.0, 0.0), (9.0, 0.0), (18.0, 0.0), (0.0, 9.0)]);
        assert_eq!(flat.unwrap_err(), QuadrilateralError::Flat { corners: [1, 2, 3] });
        let three = Quadrilateral::new(&[Point::new(0.0, 0.0); 3]);
        assert_eq!(three.unwrap_err(), QuadrilateralError::Count { given: 3 });
        assert!(at([(0.0, 0.0), (f64::NAN, 0.0), (9.0, 9.0), (0.0, 9.0)]).is_err());
    }
}
