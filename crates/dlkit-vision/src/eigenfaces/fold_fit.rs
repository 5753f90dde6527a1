//! Fits to a part of the faces, in few coordinates.

use nalgebra::DMatrix;

use super::components::Components;
use super::decomposition::Decomposition;
use super::error::EigenfacesError;
use super::method::MethodChoice;
use super::principal::PrincipalComponents;
use super::products::{inner_products, product};

/// Faces and other pictures, one column each, in coordinates that keep their distances.
pub(super) struct Coordinates {
    pub(super) faces: DMatrix<f64>,
    /// Pictures that are not faces.
    pub(super) others: DMatrix<f64>,
    /// Whether components are computed exactly.
    pub(super) exact: bool,
    /// Pixels of a picture.
    pub(super) pixels: usize,
}

impl Coordinates {
    /// The coordinates of faces that were decomposed, and of other points.
    pub(super) fn of(
        decomposition: &Decomposition,
        others: Option<DMatrix<f64>>,
        pixels: usize,
    ) -> Self {
        let exact = decomposition.spectrum.complete;
        let mut faces = decomposition.coordinates();
        let mut strange = DMatrix::zeros(faces.nrows(), 0);
        if let Some(mut others) = others {
            for mut column in others.column_iter_mut() {
                column -= &decomposition.mean;
            }
            (faces, strange) =
                if exact { within_and_outside(decomposition, &others) } else { (faces, others) };
        }
        Self { faces, others: strange, exact, pixels }
    }
}

/// Faces and other points along all components, with one more coordinate: the distance from the
/// space of the components, 0 for the faces. This keeps the distances from every face space.
fn within_and_outside(
    decomposition: &Decomposition,
    others: &DMatrix<f64>,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let known = decomposition.spectrum.eigenvalues.len();
    let axes = decomposition.components(known);
    let along = |points: &DMatrix<f64>| {
        let inside = inner_products(&axes, points);
        let missing = points - product(&axes, &inside);
        let mut rows = inside.insert_row(known, 0.0);
        for (column, outside) in missing.column_iter().enumerate() {
            rows[(known, column)] = outside.norm();
        }
        rows
    };
    let mut faces = along(&decomposition.centered);
    faces.row_mut(known).fill(0.0);
    (faces, along(others))
}

/// A fit to the chosen faces; none if these do not vary.
pub(super) fn fit_part(
    coordinates: &Coordinates,
    components: usize,
    train: &[usize],
) -> Result<Option<PrincipalComponents>, EigenfacesError> {
    let points = coordinates.faces.select_columns(train);
    let (rows, columns) = points.shape();
    let wanted = components.min(rows).min(columns.saturating_sub(1));
    // Exact for the whole set, so exact for each fold.
    let choice = if coordinates.exact { Components::Kaiser } else { Components::Number(wanted) };
    let method = MethodChoice::Auto.of(columns, rows, choice);
    let decomposition = match Decomposition::of(points, method, wanted) {
        Ok(decomposition) => decomposition,
        Err(EigenfacesError::NoVariance { .. } | EigenfacesError::TooFewPictures { .. }) => {
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let spectrum = decomposition.spectrum.clone();
    let components = decomposition.components(wanted.min(spectrum.eigenvalues.len()));
    let mean = decomposition.mean.clone();
    Ok(Some(PrincipalComponents { mean, components, spectrum, method }))
}

/// Weights of faces, one column each.
pub(super) fn gallery(
    principal: &PrincipalComponents,
    faces: &DMatrix<f64>,
    chosen: &[usize],
) -> DMatrix<f64> {
    let mut points = faces.select_columns(chosen);
    for mut column in points.column_iter_mut() {
        column -= &principal.mean;
    }
    inner_products(&principal.components, &points)
}
