//! Measures of how far a picture is from a face.

use nalgebra::DVector;
use serde::{Deserialize, Serialize};

use super::principal::PrincipalComponents;

/// A measure of how far a picture is from a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaceMeasure {
    /// The distance from face space: the residual that eigenfaces do not explain.
    FromFaceSpace,
    /// The distance from the mean face within face space: how unusual the face would be.
    FromMeanFace,
    /// The larger of both, each divided by its usual value for faces. The verdict uses this score,
    /// because a picture of low contrast is near face space without being a face.
    Both,
}

/// The distances of a picture from faces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceDistances {
    /// Root mean square per pixel of the residual that eigenfaces do not explain. The unit is that
    /// of the pixels or, with contrast normalization, the standard deviation of the picture.
    pub from_face_space: f64,
    /// Root mean square of the weights of the leading eigenfaces, those with eigenvalues above the
    /// mean, each in standard deviations of the fitted faces. The other eigenfaces describe the
    /// fitted pictures only: along them new faces vary less than fitted faces.
    pub from_mean_face: f64,
}

/// Smaller values are rounding errors, for pixels from 0 to 1 or in standard deviations.
const ROUNDING: f64 = 1e-9;

impl FaceMeasure {
    /// All measures.
    pub const ALL: [Self; 3] = [Self::FromFaceSpace, Self::FromMeanFace, Self::Both];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FromFaceSpace => "distance from face space",
            Self::FromMeanFace => "distance from the mean face",
            Self::Both => "both distances",
        }
    }

    pub(super) fn of(self, distances: FaceDistances, usual: FaceDistances) -> f64 {
        let ratio = |value: f64, usual: f64| value / usual.max(ROUNDING);
        let outside = ratio(distances.from_face_space, usual.from_face_space);
        let within = ratio(distances.from_mean_face, usual.from_mean_face);
        match self {
            Self::FromFaceSpace => distances.from_face_space,
            Self::FromMeanFace => distances.from_mean_face,
            Self::Both => outside.max(within),
        }
    }
}

impl FaceDistances {
    /// The distances of a projected picture of `pixels` pixels.
    pub(super) fn new(
        principal: &PrincipalComponents,
        (weights, outside): (&DVector<f64>, &DVector<f64>),
        pixels: usize,
    ) -> Self {
        let leading = principal.leading(pixels);
        let squares =
            weights.iter().zip(principal.variances()).map(|(w, variance)| w * w / variance);
        Self {
            from_face_space: root_mean(outside.norm_squared(), pixels),
            from_mean_face: root_mean(squares.take(leading).sum(), leading),
        }
    }

    /// The usual distances: the medians of some faces.
    pub(super) fn usual(faces: &[Self]) -> Option<Self> {
        let median = |of: fn(&Self) -> f64| {
            let mut values: Vec<f64> = faces.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Some(Self {
            from_face_space: median(|face| face.from_face_space)?,
            from_mean_face: median(|face| face.from_mean_face)?,
        })
    }
}

/// The root of a sum of squares over their number.
pub(super) fn root_mean(squares: f64, count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "pictures are smaller than 2^52 pixels")]
    let count = count.max(1) as f64;
    (squares / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_is_the_larger_in_usual_units() {
        let face =
            |from_face_space, from_mean_face| FaceDistances { from_face_space, from_mean_face };
        let usual =
            FaceDistances::usual(&[face(0.1, 3.0), face(0.3, 1.0), face(0.2, 2.0)]).unwrap();
        assert_eq!(usual, face(0.2, 2.0));
        assert!((FaceMeasure::Both.of(face(0.1, 5.0), usual) - 2.5).abs() < 1e-12);
        assert!((FaceMeasure::Both.of(face(0.6, 5.0), usual) - 3.0).abs() < 1e-12);
        assert!(FaceMeasure::Both.of(face(0.0, 0.0), face(0.0, 0.0)).abs() < 1e-12);
    }
}
