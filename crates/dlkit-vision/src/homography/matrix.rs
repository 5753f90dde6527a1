//! The 3x3 matrix of a homography.

use nalgebra::{Matrix3, Vector3};

use super::error::HomographyError;
use super::point::Point;

/// A homography: an invertible map of the plane that maps lines to lines.
///
/// A point (x, y) maps to (X / W, Y / W) with (X, Y, W) = H (x, y, 1). Only the ratios of the nine
/// entries matter. They are stored with h33 = 1, or with unit Frobenius norm if h33 is 0; the
/// origin then maps to infinity.
#[derive(Clone, Debug, PartialEq)]
pub struct Homography {
    matrix: Matrix3<f64>,
}

/// h33 counts as 0 below this share of the norm, near the rounding of double precision, ...
const H33_IS_ZERO: f64 = 1e-12;

/// ... if the line to infinity also passes within this many pixels of the origin.
const ORIGIN_AT_INFINITY: f64 = 1e-8;

/// A matrix with rows and columns of length 1 counts as singular below this volume.
const SINGULAR: f64 = 1e-12;

/// Below this share of its terms the third coordinate counts as 0: rounding reaches 1e-15.
const AT_INFINITY: f64 = 1e-12;

impl Homography {
    /// Makes the homography of a matrix; any multiple of the matrix gives the same.
    ///
    /// # Errors
    /// An entry is not finite, or the matrix is singular: it maps the plane to a line. Rows and
    /// columns are scaled to length 1 before this check, so that units do not matter.
    pub fn new(matrix: Matrix3<f64>) -> Result<Self, HomographyError> {
        let norm = matrix.norm();
        if !norm.is_finite() {
            return Err(HomographyError::NotFinite);
        }
        let volume = equilibrated(matrix).determinant().abs();
        if volume.is_nan() || volume < SINGULAR {
            return Err(HomographyError::Singular);
        }
        Ok(Self::rescaled(matrix))
    }

    /// Makes the homography of a matrix given row by row.
    ///
    /// # Errors
    /// As [`Homography::new`].
    pub fn from_rows(rows: [[f64; 3]; 3]) -> Result<Self, HomographyError> {
        Self::new(Matrix3::from_fn(|row, column| rows[row][column]))
    }

    /// The homography that moves every point by (x, y) pixels.
    #[must_use]
    pub fn translation(x: f64, y: f64) -> Self {
        Self { matrix: Matrix3::new(1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0) }
    }

    /// The matrix, with h33 = 1 or, if h33 is 0, unit norm.
    #[must_use]
    pub const fn matrix(&self) -> &Matrix3<f64> {
        &self.matrix
    }

    /// The matrix row by row.
    #[must_use]
    pub fn rows(&self) -> [[f64; 3]; 3] {
        std::array::from_fn(|row| std::array::from_fn(|column| self.matrix[(row, column)]))
    }

    /// The inverse homography.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self::rescaled(adjugate(&self.matrix))
    }

    /// The composition: this homography first, then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self::rescaled(next.matrix * self.matrix)
    }

    /// Maps a point; none if it maps to infinity.
    #[must_use]
    pub fn map(&self, point: Point) -> Option<Point> {
        let mapped: Vector3<f64> = self.matrix * point.homogeneous();
        let [a, b, c] = [2, 5, 8].map(|index| self.matrix[index]);
        let terms = (a * point.x).abs() + (b * point.y).abs() + c.abs();
        // Written so that NaN gives none too.
        (mapped.z.abs() > AT_INFINITY * terms)
            .then(|| Point::new(mapped.x / mapped.z, mapped.y / mapped.z))
    }

    /// The third homogeneous coordinate of a mapped point: 0 on the line that maps to infinity,
    /// with opposite signs on its two sides.
    #[must_use]
    pub fn depth(&self, point: Point) -> f64 {
        self.matrix[(2, 0)] * point.x + self.matrix[(2, 1)] * point.y + self.matrix[(2, 2)]
    }

    /// Whether a figure around this point is mirrored.
    #[must_use]
    pub fn mirrors(&self, point: Point) -> bool {
        // The determinant of the local map is det(H) / W^3.
        self.matrix.determinant() * self.depth(point) < 0.0
    }

    /// Stores an invertible matrix in the standard form.
    fn rescaled(matrix: Matrix3<f64>) -> Self {
        let norm = matrix.norm();
        // Already in this form: no digit of a matrix that was written is lost.
        if matrix[(2, 2)].to_bits() == 1.0_f64.to_bits() && norm * H33_IS_ZERO < 1.0 {
            return Self { matrix };
        }
        let mut unit = matrix / norm;
        let corner = unit[(2, 2)];
        let slope = unit[(2, 0)].hypot(unit[(2, 1)]);
        if corner.abs() > H33_IS_ZERO || corner.abs() > ORIGIN_AT_INFINITY * slope {
            return Self { matrix: unit / corner };
        }
        // The rest of it is rounding.
        unit[(2, 2)] = 0.0;
        Self { matrix: unit }
    }
}

/// The transposed matrix of cofactors, a multiple of the inverse.
pub(crate) fn adjugate(matrix: &Matrix3<f64>) -> Matrix3<f64> {
    let [a, b, c] = [0, 1, 2].map(|column| matrix.column(column).into_owned());
    Matrix3::from_rows(&[b.cross(&c).transpose(), c.cross(&a).transpose(), a.cross(&b).transpose()])
}

/// Scales rows, then columns, to length 1.
fn equilibrated(mut matrix: Matrix3<f64>) -> Matrix3<f64> {
    for mut row in matrix.row_iter_mut() {
        let norm = row.norm();
        row /= norm;
    }
    for mut column in matrix.column_iter_mut() {
        let norm = column.norm();
        column /= norm;
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[f64; 3]; 3] = [[2.0, 0.0, 10.0], [0.0, 4.0, -20.0], [0.0, 0.01, 2.0]];

    #[test]
    fn the_corner_entry_is_one() {
        let homography = Homography::from_rows(ROWS).unwrap();
        assert_eq!(homography.rows(), [[1.0, 0.0, 5.0], [0.0, 2.0, -10.0], [0.0, 0.005, 1.0]]);
    }

    #[test]
    fn a_point_is_divided_by_its_third_coordinate() {
        let homography = Homography::from_rows(ROWS).unwrap();
        // (2 * 3 + 10, 4 * 100 - 20, 0.01 * 100 + 2) = (16, 380, 3)
        let mapped = homography.map(Point::new(3.0, 100.0)).unwrap();
        assert!(mapped.distance(Point::new(16.0 / 3.0, 380.0 / 3.0)) < 1e-12, "{mapped:?}");
        assert_eq!(homography.map(Point::new(3.0, -200.0)), None);
    }

    #[test]
    fn the_inverse_undoes() {
        let homography = Homography::from_rows(ROWS).unwrap();
        let point = Point::new(-7.0, 31.0);
        let back = homography.inverse().map(homography.map(point).unwrap()).unwrap();
        assert!(back.distance(point) < 1e-12, "{back:?}");
        let same = homography.then(&homography.inverse());
        assert!((same.matrix() - Matrix3::identity()).norm() < 1e-12, "{same:?}");
    }

    #[test]
    fn the_origin_may_go_to_infinity() {
        let homography =
            Homography::from_rows([[1.0, 0.0, 3.0], [0.0, 1.0, 5.0], [0.1, 0.2, 0.0]]).unwrap();
        assert!((homography.matrix().norm() - 1.0).abs() < 1e-15);
        assert_eq!(homography.map(Point::new(0.0, 0.0)), None);
        let mapped = homography.map(Point::new(10.0, 0.0)).unwrap();
        assert!(mapped.distance(Point::new(13.0, 5.0)) < 1e-12, "{mapped:?}");
    }

    #[test]
    fn singular_and_infinite_matrices_are_refused_whatever_their_scale() {
        let singular = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 0.0, 1.0]];
        for scale in [1e-9, 1.0, 1e9] {
            let refused = Homography::from_rows(singular.map(|row| row.map(|entry| entry * scale)));
            assert!(matches!(refused, Err(HomographyError::Singular)), "{refused:?}");
            let small = ROWS.map(|row| row.map(|entry| entry * scale));
            assert!(Homography::from_rows(small).is_ok());
        }
        assert!(matches!(Homography::from_rows([[0.0; 3]; 3]), Err(HomographyError::Singular)));
        let infinite = [[1.0, 0.0, f64::NAN], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(matches!(Homography::from_rows(infinite), Err(HomographyError::NotFinite)));
    }

    #[test]
    fn mirrors_are_detected() {
        let plain = Homography::from_rows(ROWS).unwrap();
        assert!(!plain.mirrors(Point::new(0.0, 0.0)));
        let mirror = [[-1.0, 0.0, 9.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(Homography::from_rows(mirror).unwrap().mirrors(Point::new(0.0, 0.0)));
    }
}
