//! Families of maps: how many unknowns they have, and how their matrices move.

use nalgebra::{Matrix3, SMatrix, SVector};
use serde::Serialize;

/// A family of maps of the plane, from the most general to the plainest; each contains the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// Any view of a plane: 8 unknowns, 4 pairs.
    #[default]
    Homography,
    /// Parallel lines stay parallel: 6 unknowns, 3 pairs.
    Affine,
    /// Turned, scaled and moved: 4 unknowns, 2 pairs.
    Similarity,
    /// Turned and moved: 3 unknowns, 2 pairs.
    Rigid,
    /// Moved: 2 unknowns, 1 pair.
    Translation,
}

/// A direction in which a matrix may move, for each unknown; unused columns are 0.
pub(super) type Tangent = SMatrix<f64, 9, 8>;

impl Model {
    /// All models, from the most general to the plainest.
    pub const ALL: [Self; 5] =
        [Self::Homography, Self::Affine, Self::Similarity, Self::Rigid, Self::Translation];

    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Homography => "homography",
            Self::Affine => "affine",
            Self::Similarity => "similarity",
            Self::Rigid => "rigid",
            Self::Translation => "translation",
        }
    }

    /// The name with its article, for messages.
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::Homography => "a homography",
            Self::Affine => "an affine map",
            Self::Similarity => "a similarity",
            Self::Rigid => "a rigid motion",
            Self::Translation => "a translation",
        }
    }

    /// The number of unknowns.
    #[must_use]
    pub const fn unknowns(self) -> usize {
        match self {
            Self::Homography => 8,
            Self::Affine => 6,
            Self::Similarity => 4,
            Self::Rigid => 3,
            Self::Translation => 2,
        }
    }

    /// The least number of pairs that determine a map.
    #[must_use]
    pub const fn pairs_needed(self) -> usize {
        match self {
            Self::Homography => 4,
            Self::Affine => 3,
            Self::Similarity | Self::Rigid => 2,
            Self::Translation => 1,
        }
    }

    /// Scales a matrix of the family as [`Self::tangent`] and [`Self::moved`] expect it: to unit
    /// norm for homographies, to h33 = 1 for all others. The sign stays for homographies.
    pub(super) fn scaled(self, matrix: &Matrix3<f64>) -> Matrix3<f64> {
        match self {
            Self::Homography => matrix / matrix.norm(),
            _ => matrix / matrix[(2, 2)],
        }
    }

    /// The directions in which the nine entries, row by row, may move.
    pub(super) fn tangent(self, matrix: &Matrix3<f64>) -> Tangent {
        let mut tangent = Tangent::zeros();
        let mut set = |column: usize, entries: &[(usize, f64)]| {
            for (row, value) in entries {
                tangent[(*row, column)] = *value;
            }
        };
        let (a, b) = (matrix[(0, 0)], matrix[(1, 0)]);
        match self {
            Self::Homography => {
                let unit = SVector::<f64, 9>::from_fn(|index, _| matrix[(index / 3, index % 3)]);
                return tangent_basis(&unit);
            }
            Self::Affine => (0..6).for_each(|index| set(index, &[(index, 1.0)])),
            Self::Similarity => {
                set(0, &[(0, 1.0), (4, 1.0)]);
                set(1, &[(1, -1.0), (3, 1.0)]);
                set(2, &[(2, 1.0)]);
                set(3, &[(5, 1.0)]);
            }
            Self::Rigid => {
                set(0, &[(0, -b), (1, -a), (3, a), (4, -b)]);
                set(1, &[(2, 1.0)]);
                set(2, &[(5, 1.0)]);
            }
            Self::Translation => {
                set(0, &[(2, 1.0)]);
                set(1, &[(5, 1.0)]);
            }
        }
        tangent
    }

    /// The matrix after a step along the tangent; none if it is not finite.
    pub(super) fn moved(
        self,
        matrix: &Matrix3<f64>,
        tangent: &Tangent,
        step: &SVector<f64, 8>,
    ) -> Option<Matrix3<f64>> {
        let change = tangent * step;
        let mut moved =
            Matrix3::from_fn(|row, column| matrix[(row, column)] + change[3 * row + column]);
        if self == Self::Rigid {
            // Along the circle, not its tangent.
            let (sine, cosine) = step[0].sin_cos();
            let (a, b) = (matrix[(0, 0)], matrix[(1, 0)]);
            let (a, b) = (cosine * a - sine * b, sine * a + cosine * b);
            (moved[(0, 0)], moved[(0, 1)], moved[(1, 0)], moved[(1, 1)]) = (a, -b, b, a);
        }
        let norm = moved.norm();
        if self == Self::Homography {
            moved /= norm;
        }
        (norm.is_finite() && norm > 0.0).then_some(moved)
    }
}

/// Eight orthonormal vectors orthogonal to a unit vector: all columns but one of the Householder
/// reflection that maps an axis to it.
fn tangent_basis(unit: &SVector<f64, 9>) -> Tangent {
    let axis = unit.iamax();
    let mut normal = *unit;
    normal[axis] += unit[axis].signum();
    let factor = 2.0 / normal.norm_squared();
    SMatrix::from_fn(|row, column| {
        let column = if column < axis { column } else { column + 1 };
        let identity = if row == column { 1.0 } else { 0.0 };
        identity - factor * normal[row] * normal[column]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tangent_basis_is_orthonormal_and_orthogonal() {
        let unit =
            SVector::<f64, 9>::from_fn(|index, _| [0.3, -0.2, 0.9, 0.1][index % 4]).normalize();
        let basis = tangent_basis(&unit);
        assert!((basis.transpose() * basis - SMatrix::<f64, 8, 8>::identity()).norm() < 1e-14);
        assert!((basis.transpose() * unit).norm() < 1e-14);
    }

    /// A member of each family, in the scale that the tangent expects.
    fn member(model: Model) -> Matrix3<f64> {
        let matrix = match model {
            Model::Homography => Matrix3::new(1.0, 0.2, 3.0, -0.1, 0.9, 2.0, 0.1, 0.05, 1.0),
            Model::Affine => Matrix3::new(1.0, 0.2, 3.0, -0.1, 0.9, 2.0, 0.0, 0.0, 1.0),
            Model::Similarity => Matrix3::new(1.1, -0.4, 3.0, 0.4, 1.1, 2.0, 0.0, 0.0, 1.0),
            Model::Rigid => Matrix3::new(0.8, -0.6, 3.0, 0.6, 0.8, 2.0, 0.0, 0.0, 1.0),
            Model::Translation => Matrix3::new(1.0, 0.0, 3.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0),
        };
        model.scaled(&matrix)
    }

    #[test]
    fn the_tangent_is_the_derivative_of_the_motion() {
        for model in Model::ALL {
            let matrix = member(model);
            let tangent = model.tangent(&matrix);
            for column in 0..8 {
                let size = 1e-6;
                let at = |sign: f64| {
                    let mut step = SVector::<f64, 8>::zeros();
                    step[column] = sign * size;
                    model.moved(&matrix, &tangent, &step).unwrap()
                };
                let slope = (at(1.0) - at(-1.0)) / (2.0 * size);
                for index in 0..9 {
                    let difference = slope[(index / 3, index % 3)] - tangent[(index, column)];
                    assert!(difference.abs() < 1e-8, "{model:?} {column} {index}");
                }
                let used = tangent.column(column).norm() > 0.0;
                assert_eq!(used, column < model.unknowns(), "{model:?} {column}");
            }
        }
    }

    #[test]
    fn motions_stay_in_their_family() {
        let step = SVector::<f64, 8>::from_fn(|index, _| [0.3, -0.5, 0.7, 0.2][index % 4]);
        for model in Model::ALL {
            let matrix = member(model);
            let moved = model.moved(&matrix, &model.tangent(&matrix), &step).unwrap();
            let [a, b] = [moved[(0, 0)], moved[(1, 0)]];
            let square = [moved[(1, 1)] - a, moved[(0, 1)] + b].iter().all(|d| d.abs() < 1e-15);
            let last = [moved[(2, 0)], moved[(2, 1)], moved[(2, 2)] - 1.0];
            let affine = last.iter().all(|entry| entry.abs() < 1e-15);
            match model {
                Model::Homography => assert!((moved.norm() - 1.0).abs() < 1e-15),
                Model::Affine => assert!(affine),
                Model::Similarity => assert!(affine && square),
                Model::Rigid => assert!(affine && square && (a.hypot(b) - 1.0).abs() < 1e-15),
                Model::Translation => assert!(affine && square && (a, b) == (1.0, 0.0)),
            }
        }
    }
}
