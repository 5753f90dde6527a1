//! Principal components of pictures.

use nalgebra::{DMatrix, DVector};

use super::components::Components;
use super::decomposition::Decomposition;
use super::error::EigenfacesError;
use super::method::{Method, MethodChoice};
use super::normalization::Normalization;
use super::pictures::{MOST_VALUES, Pictures};
use super::spectrum::Spectrum;

/// The mean of pictures and the directions in which they vary most.
///
/// # Shapes
/// - mean: `[pixels]`
/// - components: `[pixels, components]`, columns of length 1 whose largest entry is positive
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalComponents {
    /// The mean picture.
    pub mean: DVector<f64>,
    /// The kept components; the one that explains most is first.
    pub components: DMatrix<f64>,
    /// All known eigenvalues.
    pub spectrum: Spectrum,
    /// The method that computed them.
    pub method: Method,
}

/// Computes the principal components of pictures.
///
/// # Errors
/// There are fewer than two pictures, or the pictures do not differ; there are more components than
/// they vary in; the matrix of the method is too large.
pub fn principal_components(
    pictures: &Pictures,
    normalization: Normalization,
    components: Components,
    method: MethodChoice,
) -> Result<PrincipalComponents, EigenfacesError> {
    let points = points(pictures, normalization);
    decompose(points, normalization, components, method).map(|(principal, _)| principal)
}

/// The pictures as points, one column each.
pub(super) fn points(pictures: &Pictures, normalization: Normalization) -> DMatrix<f64> {
    let mut points = DMatrix::zeros(pictures.pixels(), pictures.count());
    for (mut column, picture) in points.column_iter_mut().zip(pictures.iter()) {
        column.copy_from_slice(&normalization.apply(picture).values);
    }
    points
}

/// Computes the components to keep, and the decomposition that they come from.
pub(super) fn decompose(
    points: DMatrix<f64>,
    normalization: Normalization,
    components: Components,
    method: MethodChoice,
) -> Result<(PrincipalComponents, Decomposition), EigenfacesError> {
    let (pixels, pictures) = points.shape();
    let method = method.of(pictures, pixels, components);
    let wanted = match components {
        Components::Number(number) => number,
        _ if method == Method::Randomized => return Err(EigenfacesError::RandomizedNeedsNumber),
        _ => 0,
    };
    check_matrix(method, pictures, pixels)?;
    // Checked before the randomized method would sample.
    let possible = pictures.saturating_sub(1).min(pixels);
    if pictures >= 2 && wanted > possible {
        return Err(EigenfacesError::BeyondRank { wanted, pictures, pixels, rank: possible });
    }
    let decomposition = Decomposition::of(points, method, wanted).map_err(|error| match error {
        EigenfacesError::NoVariance { pictures, .. } => {
            let normalized = normalization != Normalization::None;
            EigenfacesError::NoVariance { pictures, normalized }
        }
        other => other,
    })?;
    let spectrum = decomposition.spectrum.clone();
    let kept = decomposition.components(components.of(&spectrum)?);
    let mean = decomposition.mean.clone();
    Ok((PrincipalComponents { mean, components: kept, spectrum, method }, decomposition))
}

/// Checks that the matrix of a method fits in memory; the smaller of both always does.
fn check_matrix(method: Method, pictures: usize, pixels: usize) -> Result<(), EigenfacesError> {
    let (method, side) = match method {
        Method::Gram => ("gram", pictures),
        Method::Covariance => ("covariance", pixels),
        Method::Randomized => return Ok(()),
    };
    if side.saturating_mul(side) > MOST_VALUES {
        return Err(EigenfacesError::MatrixTooLarge { method, side, limit: MOST_VALUES });
    }
    Ok(())
}

impl PrincipalComponents {
    /// Projects a point: its weights in the space of the components, and its residual outside.
    pub(super) fn project(&self, point: &[f64]) -> (DVector<f64>, DVector<f64>) {
        let centered = DVector::from_column_slice(point) - &self.mean;
        let weights = self.components.tr_mul(&centered);
        let outside = centered - &self.components * &weights;
        (weights, outside)
    }

    /// The number of kept components with eigenvalues above the mean eigenvalue of pictures of
    /// `pixels` pixels, 1 or more.
    pub(super) fn leading(&self, pixels: usize) -> usize {
        let mean = self.spectrum.mean_eigenvalue_of(pixels);
        self.variances().iter().take_while(|value| **value > mean).count().max(1)
    }

    /// Variances along the kept components.
    pub(super) fn variances(&self) -> &[f64] {
        &self.spectrum.eigenvalues[..self.components.ncols()]
    }
}
