//! A face space with its known faces.

use nalgebra::DMatrix;

use super::calibration::{Calibration, FEWEST_PICTURES};
use super::components::Components;
use super::cutting::Alignment;
use super::decomposition::Decomposition;
use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::root_mean;
use super::face_set::FaceSet;
use super::features::{FeatureConfig, Features};
use super::fold_fit::Coordinates;
use super::held_out::{Folds, HeldOut, Plan, hold_out};
use super::method::{Method, MethodChoice};
use super::normalization::Normalization;
use super::pictures::Pictures;
use super::principal::{PrincipalComponents, decompose, points};
use super::products::{inner_products, product};
use super::spectrum::Spectrum;
use super::thumbnails::Thumbnails;

/// Settings of a fit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FitConfig {
    /// How many eigenfaces are kept.
    pub components: Components,
    /// The method that computes them.
    pub method: MethodChoice,
    /// The normalization of each picture.
    pub normalization: Normalization,
    /// How faces are compared.
    pub features: FeatureConfig,
    /// Folds that pictures and people are held out in, from 2 to the number of pictures; people
    /// have no more folds than there are people. The default is 10 folds of pictures and 20 of
    /// people, or 5 of each above 600 pictures, or fewer if there are fewer.
    pub folds: Option<usize>,
    /// Seed of the partition of pictures and people into folds.
    pub seed: u64,
    /// How the faces were cut out of pictures, for the record.
    pub alignment: Option<Alignment>,
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
    /// Lengths of their residuals outside face space.
    pub(super) residuals: Vec<f64>,
    pub(super) features: Features,
    /// Features of the known faces, one column each.
    pub(super) known: DMatrix<f64>,
    pub(super) thumbnails: Thumbnails,
    pub(super) names: Vec<String>,
    pub(super) people: Vec<String>,
    pub(super) person_of: Vec<usize>,
    pub(super) labeled: bool,
    pub(super) calibration: Calibration,
    pub(super) alignment: Option<Alignment>,
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
    let mut calibration = if count < FEWEST_PICTURES {
        Calibration { seed: config.seed, ..Calibration::default() }
    } else {
        let components = principal.components.ncols();
        let held_out = held_out(faces, others, &decomposition, components, folds, config)?;
        let folds = [folds.pictures, held_out.folds_of_people];
        Calibration::of(&held_out, folds, config.seed)
    };
    let gallery = inner_products(&principal.components, &decomposition.centered);
    let features =
        Features::fit(config.features, &gallery, &faces.person_of, principal.variances())?;
    for metric in Metric::ALL {
        if !metric.is_meaningful(features.count(principal.components.ncols())) {
            calibration.known[Rule::Nearest(metric).index()] = None;
        }
    }
    Ok(Eigenfaces {
        width: pictures.width(),
        height: pictures.height(),
        normalization: config.normalization,
        residuals: residuals(&principal, &decomposition.centered, &gallery),
        known: features.of_all(&gallery),
        features,
        thumbnails: Thumbnails::of(pictures),
        principal,
        gallery,
        names: faces.names.clone(),
        people: faces.people.clone(),
        person_of: faces.person_of.clone(),
        labeled: faces.labeled,
        calibration,
        alignment: config.alignment,
    })
}

/// Folds of pictures by default.
const USUAL_FOLDS: usize = 10;
/// Folds of people by default.
const USUAL_FOLDS_OF_PEOPLE: usize = 20;
/// Pictures up to which these folds are cheap.
const FEW_PICTURES: usize = 600;
/// Folds of more pictures.
const FOLDS_OF_MANY: usize = 5;

/// The numbers of folds: that asked for, if each fold gets a picture, or the default.
pub(super) fn folds(asked: Option<usize>, pictures: usize) -> Result<Folds, EigenfacesError> {
    // Another check requires two pictures or more.
    let most = pictures.max(2);
    match asked {
        Some(folds) if !(2..=most).contains(&folds) => {
            Err(EigenfacesError::Folds { folds, most, pictures })
        }
        Some(folds) => Ok(Folds { pictures: folds, people: folds }),
        None if pictures > FEW_PICTURES => {
            Ok(Folds { pictures: FOLDS_OF_MANY, people: FOLDS_OF_MANY })
        }
        None => Ok(Folds { pictures: USUAL_FOLDS.min(most), people: USUAL_FOLDS_OF_PEOPLE }),
    }
}

/// Scores of held-out faces, and of other pictures.
pub(super) fn held_out(
    faces: &FaceSet,
    others: Option<&Pictures>,
    decomposition: &Decomposition,
    components: usize,
    folds: Folds,
    config: &FitConfig,
) -> Result<HeldOut, EigenfacesError> {
    let pixels = faces.pictures().pixels();
    let others = match others {
        Some(others) if others.pixels() != pixels => {
            return Err(EigenfacesError::OtherSize { given: others.pixels(), needed: pixels });
        }
        others => others.map(|others| points(others, config.normalization)),
    };
    let coordinates = Coordinates::of(decomposition, others, pixels);
    let plan = Plan {
        person_of: &faces.person_of,
        first_of: faces.copies.first_of(),
        first_of_people: &faces.first_of_people(),
        labeled: faces.labeled,
        components,
        features: config.features,
        folds,
        seed: config.seed,
    };
    hold_out(&coordinates, &plan)
}

/// Pictures whose residuals are computed at a time.
const AT_ONCE: usize = 64;

/// The lengths of the residuals of points outside face space.
fn residuals(
    principal: &PrincipalComponents,
    centered: &DMatrix<f64>,
    weights: &DMatrix<f64>,
) -> Vec<f64> {
    let count = centered.ncols();
    let mut lengths = Vec::with_capacity(count);
    for start in (0..count).step_by(AT_ONCE) {
        let part = AT_ONCE.min(count - start);
        let inside = product(&principal.components, &weights.columns(start, part).into_owned());
        let outside = centered.columns(start, part) - inside;
        lengths.extend(outside.column_iter().map(|column| column.norm()));
    }
    lengths
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

    /// How faces are compared.
    #[must_use]
    pub const fn features(&self) -> FeatureConfig {
        self.features.config
    }

    /// The number of features that faces are compared by.
    #[must_use]
    pub fn feature_count(&self) -> usize {
        self.features.count(self.components())
    }

    /// Whether a metric can tell faces apart: a cosine needs two or more features, because two numbers
    /// have the same direction or opposite ones.
    #[must_use]
    pub fn allows(&self, metric: Metric) -> bool {
        metric.is_meaningful(self.feature_count())
    }

    /// How the fitted faces were cut out of pictures; none if they were used as given.
    #[must_use]
    pub const fn alignment(&self) -> Option<Alignment> {
        self.alignment
    }

    /// The thresholds.
    #[must_use]
    pub const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The thresholds, to replace some.
    pub const fn calibration_mut(&mut self) -> &mut Calibration {
        &mut self.calibration
    }

    /// A fitted picture as it was given, in 256 gray levels, row by row; none beyond the last.
    #[must_use]
    pub fn thumbnail(&self, picture: usize) -> Option<Vec<f64>> {
        self.thumbnails.get(picture, self.width * self.height)
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
    /// With histogram normalization it is the ranks of the pixels, from 0 to 1, that are rebuilt.
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
            let shown = point.values.iter().map(picture_of);
            let squares = rebuilt.iter().zip(shown).map(|(a, b)| (a - b).powi(2));
            let error = root_mean(squares.sum(), picture.len());
            Reconstruction { components, picture: rebuilt, error }
        });
        Ok(rebuilt.collect())
    }
}
