//! Computes mean, eigenvalues and eigenvectors of points.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::error::EigenfacesError;
use super::method::Method;
use super::products::{gram, inner_products, product};
use super::randomized::sampled_range;
use super::spectrum::Spectrum;

/// Eigenvalues below this share of the largest are rounding errors of inner products.
const NEGLIGIBLE: f64 = 1e-10;
/// Most steps of the eigenvalue iteration; it needs about 2 for each row.
const MOST_STEPS: usize = 1_000_000;

/// All principal components of points, before some are chosen.
pub(super) struct Decomposition {
    pub(super) mean: DVector<f64>,
    /// One column for each point.
    pub(super) centered: DMatrix<f64>,
    pub(super) spectrum: Spectrum,
    vectors: Vectors,
}

/// The vectors that give the components.
enum Vectors {
    /// Eigenvectors of the inner products, one coordinate for each point.
    OfPoints(DMatrix<f64>),
    /// The components themselves.
    OfCoordinates(DMatrix<f64>),
}

impl Decomposition {
    /// Decomposes points, the columns of a matrix. Only the randomized method uses `wanted`.
    ///
    /// # Errors
    /// There are fewer than two points, or the points do not differ.
    pub(super) fn of(
        mut points: DMatrix<f64>,
        method: Method,
        wanted: usize,
    ) -> Result<Self, EigenfacesError> {
        let (pixels, pictures) = points.shape();
        if pictures < 2 {
            return Err(EigenfacesError::TooFewPictures { given: pictures });
        }
        let largest = points.amax();
        let mean = points.column_mean();
        for mut column in points.column_iter_mut() {
            column -= &mean;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let [degrees, count] = [(pictures - 1) as f64, points.len() as f64];
        let total_variance = points.norm_squared() / degrees;
        // Equal points differ from their mean by rounding only.
        let rounding = 8.0 * f64::EPSILON * largest;
        if points.norm_squared() <= rounding * rounding * count {
            return Err(EigenfacesError::NoVariance { pictures, normalized: false });
        }
        let (values, vectors, complete) = match method {
            Method::Gram => {
                let (values, vectors) = eigen(gram(&points))?;
                (values, Vectors::OfPoints(vectors), true)
            }
            Method::Covariance => {
                let (values, vectors) = eigen(gram(&points.transpose()))?;
                (values, Vectors::OfCoordinates(vectors), true)
            }
            Method::Randomized => {
                let range = sampled_range(&points, wanted);
                let inner = inner_products(&range, &points);
                let (values, vectors) = eigen(gram(&inner.transpose()))?;
                (values, Vectors::OfCoordinates(product(&range, &vectors)), false)
            }
        };
        let kept = values.iter().take_while(|value| **value > NEGLIGIBLE * values[0]).count();
        // The further values of the sample are up to a fifth off; they only make the wanted ones
        // precise.
        let known = if complete { pictures - 1 } else { wanted };
        let kept = kept.min(known);
        let mut eigenvalues: Vec<f64> = values.iter().map(|value| value / degrees).collect();
        eigenvalues.truncate(kept);
        let spectrum = Spectrum { eigenvalues, total_variance, pictures, pixels, complete };
        Ok(Self { mean, centered: points, spectrum, vectors })
    }

    /// The first components, as columns of length 1; the largest entry of each is positive.
    pub(super) fn components(&self, count: usize) -> DMatrix<f64> {
        let mut components = match &self.vectors {
            Vectors::OfCoordinates(vectors) => vectors.columns(0, count).into_owned(),
            Vectors::OfPoints(vectors) => {
                product(&self.centered, &vectors.columns(0, count).into_owned())
            }
        };
        for mut column in components.column_iter_mut() {
            column.normalize_mut();
            let place = column.iamax();
            if column[place] < 0.0 {
                column.neg_mut();
            }
        }
        components
    }

    /// The points, one column each, in coordinates that keep all distances between them: along all
    /// components if these are known, or else unchanged. Signs are arbitrary.
    pub(super) fn coordinates(&self) -> DMatrix<f64> {
        let known = self.spectrum.eigenvalues.len();
        match &self.vectors {
            _ if !self.spectrum.complete => self.centered.clone(),
            Vectors::OfCoordinates(vectors) => {
                inner_products(&vectors.columns(0, known).into_owned(), &self.centered)
            }
            Vectors::OfPoints(vectors) => {
                let mut coordinates = vectors.columns(0, known).transpose();
                #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
                let degrees = (self.spectrum.pictures - 1) as f64;
                for (mut row, value) in coordinates.row_iter_mut().zip(&self.spectrum.eigenvalues) {
                    row *= (value * degrees).sqrt();
                }
                coordinates
            }
        }
    }
}

/// Eigenvalues, largest first, and eigenvectors as columns.
fn eigen(symmetric: DMatrix<f64>) -> Result<(Vec<f64>, DMatrix<f64>), EigenfacesError> {
    let decomposed = SymmetricEigen::try_new(symmetric, f64::EPSILON, MOST_STEPS)
        .ok_or(EigenfacesError::NoConvergence)?;
    let values = &decomposed.eigenvalues;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let vectors = decomposed.eigenvectors.select_columns(&order);
    Ok((order.into_iter().map(|index| values[index]).collect(), vectors))
}
