//! Features that faces are told apart by: weights of eigenfaces, or discriminants of people.

use nalgebra::{Cholesky, DMatrix, SymmetricEigen};
use serde::{Deserialize, Serialize};

use super::error::EigenfacesError;

/// What faces are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureKind {
    /// The weights of the eigenfaces.
    #[default]
    Eigenfaces,
    /// Their linear discriminants: the directions in which people differ most, compared with how
    /// the pictures of each person differ.
    Fisherfaces,
}

/// How faces are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureConfig {
    /// What is compared.
    pub kind: FeatureKind,
    /// Eigenfaces that are left out, from the first: they often show the light.
    pub skip: usize,
    /// Whether each weight is divided by its standard deviation. Fisherfaces do not change by it.
    pub whiten: bool,
}

/// Features as linear functions of the weights.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Features {
    pub(super) config: FeatureConfig,
    /// `[components, features]`; none if the weights are the features.
    pub(super) projection: Option<DMatrix<f64>>,
    /// The variance of each feature.
    pub(super) variances: Vec<f64>,
}

/// Part of the mean variance within people that is added to each direction: few pictures make some
/// directions look as if a person never varied along them.
const RIDGE: f64 = 0.01;

impl Features {
    /// Computes the features of weights, one column for each face.
    ///
    /// # Errors
    /// No components remain; fisherfaces have nobody with two pictures, or a single person.
    pub(super) fn fit(
        config: FeatureConfig,
        weights: &DMatrix<f64>,
        person_of: &[usize],
        variances: &[f64],
    ) -> Result<Self, EigenfacesError> {
        let components = weights.nrows();
        let FeatureConfig { kind, skip, whiten } = config;
        if skip >= components {
            return Err(EigenfacesError::Skip { skip, components });
        }
        let identity = |scale: bool| {
            DMatrix::from_fn(components, components - skip, |row, column| {
                let here = row == column + skip;
                let scale = if scale { variances[row].sqrt() } else { 1.0 };
                if here { 1.0 / scale } else { 0.0 }
            })
        };
        let projection = match kind {
            FeatureKind::Eigenfaces if skip == 0 && !whiten => None,
            FeatureKind::Eigenfaces => Some(identity(whiten)),
            FeatureKind::Fisherfaces => {
                let kept = weights.rows(skip, components - skip).into_owned();
                Some(identity(false) * discriminants(&kept, person_of)?)
            }
        };
        let variances = match &projection {
            None => variances.to_vec(),
            Some(projection) => variances_of(&projection.tr_mul(weights)),
        };
        Ok(Self { config, projection, variances })
    }

    /// The features of weights.
    pub(super) fn of(&self, weights: &[f64]) -> Vec<f64> {
        match &self.projection {
            None => weights.to_vec(),
            Some(projection) => {
                let columns = projection.column_iter();
                columns.map(|axis| axis.iter().zip(weights).map(|(a, b)| a * b).sum()).collect()
            }
        }
    }

    /// The features of weights, one column for each face.
    pub(super) fn of_all(&self, weights: &DMatrix<f64>) -> DMatrix<f64> {
        self.projection
            .as_ref()
            .map_or_else(|| weights.clone(), |projection| projection.tr_mul(weights))
    }

    /// The number of features of weights of `components` eigenfaces.
    pub(super) fn count(&self, components: usize) -> usize {
        self.projection.as_ref().map_or(components, DMatrix::ncols)
    }
}

/// The variance of each row; the least positive number where there is none.
fn variances_of(features: &DMatrix<f64>) -> Vec<f64> {
    features.row_iter().map(|row| row.variance().max(f64::MIN_POSITIVE)).collect()
}

/// Linear discriminants of weights, as columns, the strongest first: at most one less than people.
/// All are scaled alike, so that the fitted faces have variance 1 on the whole.
///
/// # References
/// Belhumeur, Hespanha and Kriegman: Eigenfaces vs. Fisherfaces, 1997.
fn discriminants(
    weights: &DMatrix<f64>,
    person_of: &[usize],
) -> Result<DMatrix<f64>, EigenfacesError> {
    let size = weights.nrows();
    let mut people: Vec<usize> = person_of.to_vec();
    people.sort_unstable();
    people.dedup();
    let pictures = person_of.len();
    if people.len() < 2 || pictures == people.len() {
        return Err(EigenfacesError::Fisherfaces { people: people.len(), pictures });
    }
    let mean = weights.column_mean();
    let (mut within, mut between) = (DMatrix::zeros(size, size), DMatrix::zeros(size, size));
    for person in &people {
        let own: Vec<usize> = (0..pictures).filter(|face| person_of[*face] == *person).collect();
        let mut faces = weights.select_columns(&own);
        let center = faces.column_mean();
        for mut face in faces.column_iter_mut() {
            face -= &center;
        }
        within += &faces * faces.transpose();
        let apart = center - &mean;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = own.len() as f64;
        between += &apart * apart.transpose() * count;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let ridge = RIDGE * within.trace() / size as f64;
    if ridge <= 0.0 {
        return Err(EigenfacesError::Fisherfaces { people: people.len(), pictures });
    }
    for index in 0..size {
        within[(index, index)] += ridge;
    }
    let lower = Cholesky::new(within).ok_or(EigenfacesError::NoConvergence)?.l();
    let solve = |matrix: &DMatrix<f64>| {
        lower.solve_lower_triangular(matrix).ok_or(EigenfacesError::NoConvergence)
    };
    let whitened = solve(&solve(&between)?.transpose())?;
    let symmetric = (&whitened + whitened.transpose()) / 2.0;
    let decomposed = SymmetricEigen::new(symmetric);
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|a, b| decomposed.eigenvalues[*b].total_cmp(&decomposed.eigenvalues[*a]));
    order.truncate(size.min(people.len() - 1));
    let chosen = decomposed.eigenvectors.select_columns(&order);
    let mut axes =
        lower.tr_solve_lower_triangular(&chosen).ok_or(EigenfacesError::NoConvergence)?;
    for mut axis in axes.column_iter_mut() {
        let place = axis.iamax();
        if axis[place] < 0.0 {
            axis.neg_mut();
        }
    }
    let variance: f64 = variances_of(&axes.tr_mul(weights)).iter().sum();
    Ok(axes / variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people who differ along y and vary along x: the discriminant is y.
    #[test]
    fn fisherfaces_leave_out_what_varies_within_people() {
        let weights = DMatrix::from_columns(
            &[[-9.0, 1.0], [9.0, 1.2], [-8.0, -1.0], [8.0, -1.2]]
                .map(|w| nalgebra::DVector::from_row_slice(&w)),
        );
        let config = FeatureConfig { kind: FeatureKind::Fisherfaces, ..Default::default() };
        let features = Features::fit(config, &weights, &[0, 0, 1, 1], &[90.0, 1.6]).unwrap();
        let all = features.of_all(&weights);
        assert_eq!(all.shape(), (1, 4));
        assert!(all[(0, 0)] * all[(0, 2)] < 0.0);
        assert!((all[(0, 0)] - all[(0, 1)]).abs() < 0.3 * (all[(0, 0)] - all[(0, 2)]).abs());
        assert!((features.of(&[-9.0, 1.0])[0] - all[(0, 0)]).abs() < 1e-12);
        assert!((features.variances[0] - 1.0).abs() < 0.35, "{:?}", features.variances);
        for people in [[0, 0, 0, 0], [0, 1, 2, 3]] {
            let error = Features::fit(config, &weights, &people, &[90.0, 1.6]).unwrap_err();
            assert!(error.to_string().contains("fisherfaces"), "{error}");
        }
    }

    #[test]
    fn first_components_are_left_out_and_the_others_whitened() {
        let weights = DMatrix::from_row_slice(3, 2, &[9.0, -9.0, 4.0, -4.0, 1.0, -1.0]);
        let config = FeatureConfig { skip: 1, whiten: true, ..Default::default() };
        let features = Features::fit(config, &weights, &[0, 1], &[81.0, 16.0, 4.0]).unwrap();
        assert_eq!(features.of(&[9.0, 4.0, 1.0]), [1.0, 0.5]);
        assert_eq!(features.count(3), 2);
        let config = FeatureConfig { skip: 3, ..Default::default() };
        let error = Features::fit(config, &weights, &[0, 1], &[81.0, 16.0, 4.0]).unwrap_err();
        assert!(error.to_string().contains("--skip 3"), "{error}");
    }
}
