//! A page photographed at an angle: its corners and its true proportions.

use nalgebra::Vector3;
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

/// How the proportions of a page were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AspectSource {
    /// From the perspective: exact for a page photographed through an undistorted, uncropped lens.
    Perspective,
    /// From the mean lengths of opposite sides: there is too little perspective, or the picture was
    /// cropped or distorted.
    SideLengths,
}

impl AspectSource {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Perspective => "perspective",
            Self::SideLengths => "side-lengths",
        }
    }
}

/// The size of a rectified page, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageSize {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How the proportions were found.
    pub source: AspectSource,
}

/// Corners within this share of the longest side from a line are on it.
const FLAT: f64 = 1e-6;

/// Opposite sides count as parallel if the third coordinate of their vanishing point is below this:
/// half a pixel in a page of about a hundred.
const PARALLEL: f64 = 5e-3;

/// Focal lengths of cameras, as shares of the picture's diagonal: from a fisheye to a long
/// telephoto lens.
const FOCAL_LENGTHS: std::ops::Range<f64> = 0.2..20.0;

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

    /// The size of the page, with its proportions from the perspective. Neither side is shorter
    /// than its longer image, so that no detail is lost.
    ///
    /// `picture` is the width and height of the photo; the camera is assumed to look at its middle.
    /// Without it, or without perspective, opposite sides are averaged.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    pub fn page_size(&self, picture: Option<(u32, u32)>) -> PageSize {
        let [a, b, c, d] = self.corners;
        let across = [a.distance(b), d.distance(c)];
        let down = [a.distance(d), b.distance(c)];
        let longest = |sides: [f64; 2]| sides[0].max(sides[1]);
        let perspective = picture.and_then(|size| self.aspect_from_perspective(size));
        let (aspect, source) = match perspective {
            Some(aspect) => (aspect, AspectSource::Perspective),
            None => ((across[0] + across[1]) / (down[0] + down[1]), AspectSource::SideLengths),
        };
        let width = longest(across).max(longest(down) * aspect);
        // The distance between the centers of the corner pixels is one pixel less than the side.
        let pixels = |length: f64| (length.round() + 1.0).max(2.0) as u32;
        PageSize { width: pixels(width), height: pixels(width / aspect), source }
    }

    /// Width over height of the rectangle whose perspective image this is.
    ///
    /// # References
    /// Zhang and He, "Whiteboard scanning and image enhancement", 2006, section 3.3, equations 11,
    /// 12, 14 to 16, 20 and 21.
    fn aspect_from_perspective(&self, (width, height): (u32, u32)) -> Option<f64> {
        let middle = Point::new((f64::from(width) - 1.0) / 2.0, (f64::from(height) - 1.0) / 2.0);
        let diagonal = f64::from(width).hypot(f64::from(height));
        // Coordinates from the middle, in diagonals: the principal point is the origin.
        let place = |point: Point| {
            Vector3::new((point.x - middle.x) / diagonal, (point.y - middle.y) / diagonal, 1.0)
        };
        let [top_left, top_right, bottom_right, bottom_left] = self.corners.map(place);
        let (m1, m2, m3, m4) = (top_left, top_right, bottom_left, bottom_right);
        let k2 = m1.cross(&m4).dot(&m3) / m2.cross(&m4).dot(&m3);
        let k3 = m1.cross(&m4).dot(&m2) / m3.cross(&m4).dot(&m2);
        let across = m2 * k2 - m1;
        let down = m3 * k3 - m1;
        if across.z.abs() < PARALLEL || down.z.abs() < PARALLEL {
            return None;
        }
        let squared_focal = -(across.x * down.x + across.y * down.y) / (across.z * down.z);
        let focal = squared_focal.sqrt();
        // NaN, the root of a negative number, is outside the range.
        if !FOCAL_LENGTHS.contains(&focal) {
            return None;
        }
        let length = |side: Vector3<f64>| {
            ((side.x * side.x + side.y * side.y) / squared_focal + side.z * side.z).sqrt()
        };
        let aspect = length(across) / length(down);
        (aspect.is_finite() && aspect > 0.0).then_some(aspect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The image of a rectangle under a pinhole camera: turned by angles about x, then y, at a
    /// distance, with a focal length in pixels.
    fn photographed(width: f64, height: f64, turn: [f64; 3], focal: f64) -> [Point; 4] {
        let rotation = nalgebra::Rotation3::from_euler_angles(turn[0], turn[1], turn[2]);
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
            let place = rotation * Vector3::new(x * width / 2.0, y * height / 2.0, 0.0);
            let depth = place.z + 3.0;
            Point::new(499.5 + focal * place.x / depth, 399.5 + focal * place.y / depth)
        })
    }

    #[test]
    fn proportions_come_from_the_perspective() {
        for (width, height) in [(0.21, 0.297), (1.6, 0.9), (1.0, 1.0)] {
            let corners = photographed(width, height, [0.5, -0.6, 0.2], 1100.0);
            let page = Quadrilateral::new(&corners).unwrap();
            let aspect = page.aspect_from_perspective((1000, 800)).unwrap();
            assert!((aspect - width / height).abs() < 1e-9, "{aspect}");
            let size = page.page_size(Some((1000, 800)));
            assert_eq!(size.source, AspectSource::Perspective);
            let found = f64::from(size.width - 1) / f64::from(size.height - 1);
            assert!((found / (width / height) - 1.0).abs() < 0.02, "{size:?}");
        }
    }

    #[test]
    fn without_perspective_sides_are_averaged() {
        let corners = [(10.0, 20.0), (110.0, 20.0), (110.0, 70.0), (10.0, 70.0)];
        let page = Quadrilateral::new(&corners.map(|(x, y)| Point::new(x, y))).unwrap();
        let size = page.page_size(Some((640, 480)));
        assert_eq!(size, PageSize { width: 101, height: 51, source: AspectSource::SideLengths });
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
