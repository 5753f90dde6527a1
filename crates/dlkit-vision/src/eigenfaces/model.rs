//! A face space with its known faces.

use nalgebra::DMatrix;

use super::calibration::{Calibration, FEWEST_PICTURES};
use super::components::Components;
use super::decomposition::Decomposition;
use super::error::EigenfacesError;
use super::face_measure::root_mean;
use super::face_set::FaceSet;
use super::held_out::{Coordinates, HeldOut, Plan, hold_out};
use super::method::{Method, MethodChoice};
use super::normalization::Normalization;
use super::pictures::Pictures;
use super::principal::{PrincipalComponents, decompose, points};
use super::products::{inner_products, product};
use super::spectrum::Spectrum;

/// Settings of a fit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FitConfig {
    /// How many eigenfaces are kept.
    pub components: Components,
    /// The method that computes them.
    pub method: MethodChoice,
    /// The normalization of each picture.
    pub normalization: Normalization,
    /// Folds that faces are held out in, from 2 to the number of pictures. The default is 5, or the
    /// number of pictures if there are fewer.
    pub folds: Option<usize>,
    /// Seed of the partition of pictures and people into folds.
    pub seed: u64,
}

/// A face space, its known faces, and thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigenfaces {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) normalization: Normalization,
    pub(super) principal: PrincipalComponents,
    /// Weights of the known faces, one column each.
    pub(super) gallery: DMatrix<f64>,
    pub(super) names: Vec<String>,
    pub(super) people: Vec<String>,
    pub(super) person_of: Vec<usize>,
    pub(super) labeled: bool,
    pub(super) calibration: Calibration,
}

/// A picture rebuilt from eigenfaces.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction {
    /// Eigenfaces used; 0 gives the mean face.
    pub components: usize,
    /// The rebuilt picture, in the unit of the pixels.
    pub picture: Vec<f64>,
    /// Root mean square of the residual, in the unit of the pixels.
    pub error: f64,
}

/// Fits a face space to faces, and computes thresholds on held-out folds. `others` are pictures
/// that are not faces; without them, the threshold accepts 95 % of the faces.
///
/// # Errors
/// There are fewer than two pictures, or the pictures do not differ; there are more components than
/// they vary in; the number of folds is not possible; `others` have another size.
pub fn fit(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &FitConfig,
) -> Result<Eigenfaces, EigenfacesError> {
    let pictures = faces.pictures();
    let count = pictures.count();
    let folds = folds(config.folds, count)?;
    let points = points(pictures, config.normalization);
    let (principal, decomposition) =
        decompose(points, config.normalization, config.components, config.method)?;
    let calibration = if count < FEWEST_PICTURES {
        Calibration { seed: config.seed, ..Calibration::default() }
    } else {
        let components = principal.components.ncols();
        let held_out = held_out(faces, others, &decomposition, components, folds, config)?;
        Calibration::of(&held_out, folds, config.seed)
    };
    let gallery = inner_products(&principal.components, &decomposition.centered);
    Ok(Eigenfaces {
        width: pictures.width(),
        height: pictures.height(),
        normalization: config.normalization,
        principal,
        gallery,
        names: faces.names.clone(),
        people: faces.people.clone(),
        person_of: faces.person_of.clone(),
        labeled: faces.labeled,
        calibration,
    })
}

/// Folds by default.
const USUAL_FOLDS: usize = 5;

/// The number of folds: that asked for, if each fold gets a picture, or the default.
pub(super) fn folds(asked: Option<usize>, pictures: usize) -> Result<usize, EigenfacesError> {
    // Another check requires two pictures or more.
    let most = pictures.max(2);
    match asked {
        Some(folds) if !(2..=most).contains(&folds) => {
            Err(EigenfacesError::Folds { folds, most, pictures })
        }
        Some(folds) => Ok(folds),
        None => Ok(USUAL_FOLDS.min(most)),
    }
}

/// Scores of held-out faces, and of other pictures.
pub(super) fn held_out(
    faces: &FaceSet,
    others: Option<&Pictures>,
    decomposition: &Decomposition,
    components: usize,
    folds: usize,
    config: &FitConfig,
) -> Result<HeldOut, EigenfacesError> {
    let pixels = faces.pictures().pixels();
    let mut coordinates = decomposition.coordinates();
    let mut strange = DMatrix::zeros(coordinates.nrows(), 0);
    if let Some(others) = others {
        if others.pixels() != pixels {
            return Err(EigenfacesError::OtherSize { given: others.pixels(), needed: pixels });
        }
        strange = points(others, config.normalization);
        for mut column in strange.column_iter_mut() {
            column -= &decomposition.mean;
        }
        if decomposition.spectrum.complete {
            (coordinates, strange) = within_and_outside(decomposition, &strange);
        }
    }
    let exact = decomposition.spectrum.complete;
    let coordinates = Coordinates { faces: coordinates, others: strange, exact, pixels };
    let plan = Plan {
        person_of: &faces.person_of,
        people: faces.people.len(),
        labeled: faces.labeled,
        components,
        folds,
        seed: config.seed,
    };
    hold_out(&coordinates, &plan)
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

impl Eigenfaces {
    /// Width of the pictures, in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height of the pictures, in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Number of eigenfaces.
    #[must_use]
    pub fn components(&self) -> usize {
        self.principal.components.ncols()
    }

    /// All known eigenvalues.
    #[must_use]
    pub const fn spectrum(&self) -> &Spectrum {
        &self.principal.spectrum
    }

    /// The method that computed the eigenfaces.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.principal.method
    }

    /// The normalization of each picture.
    #[must_use]
    pub const fn normalization(&self) -> Normalization {
        self.normalization
    }

    /// The people, each once.
    #[must_use]
    pub fn people(&self) -> &[String] {
        &self.people
    }

    /// Whether people have their own names.
    #[must_use]
    pub const fn is_labeled(&self) -> bool {
        self.labeled
    }

    /// The thresholds.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The mean face, row by row.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        self.principal.mean.as_slice()
    }

    /// The eigenfaces, each row by row and of length 1; the one that explains most is first.
    pub fn eigenfaces(&self) -> impl Iterator<Item = &[f64]> {
        self.principal.components.as_slice().chunks_exact(self.width * self.height)
    }

    /// Checks that a picture has the model's size and only finite pixels.
    pub(super) fn check_picture(&self, picture: &[f32]) -> Result<(), EigenfacesError> {
        let needed = self.width * self.height;
        if picture.len() != needed {
            return Err(EigenfacesError::OtherSize { given: picture.len(), needed });
        }
        if picture.iter().any(|value| !value.is_finite()) {
            return Err(EigenfacesError::PictureNotFinite);
        }
        Ok(())
    }

    /// Rebuilds a picture from the first eigenfaces, for each of the given numbers of eigenfaces.
    ///
    /// # Errors
    /// The picture has another size, or infinite or NaN pixels; a number exceeds the components of
    /// the model.
    pub fn reconstruct(
        &self,
        picture: &[f32],
        numbers: &[usize],
    ) -> Result<Vec<Reconstruction>, EigenfacesError> {
        self.check_picture(picture)?;
        let available = self.components();
        if let Some(wanted) = numbers.iter().copied().find(|number| *number > available) {
            return Err(EigenfacesError::MissingComponents { wanted, available });
        }
        let point = self.normalization.apply(picture);
        let (weights, _) = self.principal.project(&point.values);
        let rebuilt = numbers.iter().map(|&components| {
            let used = self.principal.components.columns(0, components);
            let sum = &self.principal.mean + used * weights.rows(0, components);
            let picture_of = |value: &f64| value * point.scale + point.offset;
            let rebuilt: Vec<f64> = sum.iter().map(picture_of).collect();
            let squares = rebuilt.iter().zip(picture).map(|(a, b)| (a - f64::from(*b)).powi(2));
            let error = root_mean(squares.sum(), picture.len());
            Reconstruction { components, picture: rebuilt, error }
        });
        Ok(rebuilt.collect())
    }
}
