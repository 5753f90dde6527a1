//! Options of `fit` and `evaluate`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_vision::eigenfaces::{
    Alignment, Components, FaceSet, FeatureConfig, FeatureKind, FitConfig, Method, MethodChoice,
    Metric, Normalization, Pictures,
};

use super::cutting::{Cutting, CuttingOptions};
use super::pictures::{gather, largest, range_note};
use super::size::PictureSize;
use crate::arguments::Failures;
use crate::console::Console;
use crate::report::copies_note;

/// Options that `fit` and `evaluate` share.
#[derive(Debug, clap::Args)]
pub(super) struct FitOptions {
    /// Eigenfaces to keep: a number, a share of the variance to explain, or kaiser for eigenvalues above
    /// their mean.
    #[arg(
        long,
        value_name = "N|0.95|kaiser",
        default_value = "0.95",
        allow_negative_numbers = true,
        help_heading = "Eigenfaces"
    )]
    pub(super) components: Components,
    /// Size of all pictures; resizing ignores the aspect ratio [default: the most frequent size; 64x80 with --align or --eyes].
    #[arg(long, value_name = "WxH", help_heading = "Input")]
    pub(super) size: Option<PictureSize>,
    /// Report pictures of another size as errors instead of resizing them.
    #[arg(long, help_heading = "Input")]
    pub(super) strict: bool,
    #[command(flatten)]
    cutting: CuttingOptions,
    /// Normalization of each picture.
    #[arg(long, alias = "normalise", value_enum, default_value_t = NormalizationName::Contrast, help_heading = "Input")]
    pub(super) normalize: NormalizationName,
    /// Method to compute the eigenfaces; auto takes the fastest.
    #[arg(long, value_enum, default_value_t = MethodName::Auto, help_heading = "Eigenfaces")]
    pub(super) method: MethodName,
    #[command(flatten)]
    features: FeatureOptions,
    /// Pictures that are not faces: a folder, a picture or a .npy stack.
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(super) non_faces: Option<PathBuf>,
    /// Number of folds of pictures and of people [default: 10 of pictures and 20 of people, or as many as
    /// there are; 5 of each above 600 pictures].
    #[arg(long, value_name = "N", help_heading = "Folds")]
    pub(super) folds: Option<usize>,
    /// Seed of the division into folds.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Folds")]
    pub(super) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum NormalizationName {
    /// Pixels stay unchanged.
    None,
    /// Mean 0 and standard deviation 1: brightness and contrast no longer count.
    Contrast,
    /// Ranks of the pixels: all pictures have the same histogram.
    Histogram,
}

/// What faces are compared by.
#[derive(Debug, clap::Args)]
struct FeatureOptions {
    /// Eigenfaces to leave out of comparisons, from the first: they often show the light.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Eigenfaces")]
    skip: usize,
    /// Divide each weight by its standard deviation before faces are compared.
    #[arg(long, help_heading = "Eigenfaces")]
    whiten: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MethodName {
    Auto,
    /// From the n x n inner products of n pictures.
    Gram,
    /// From the d x d covariance of d pixels.
    Covariance,
    /// Approximately, by a random sample of the range; for --components N.
    #[value(alias = "randomised")]
    Randomized,
    /// As auto; then compare faces by linear discriminants: where people differ most, compared with how
    /// the pictures of each person differ. Needs a folder for each person.
    Fisherfaces,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MetricName {
    Euclidean,
    Mahalanobis,
    #[default]
    Cosine,
}

impl From<MetricName> for Metric {
    fn from(name: MetricName) -> Self {
        match name {
            MetricName::Euclidean => Self::Euclidean,
            MetricName::Mahalanobis => Self::Mahalanobis,
            MetricName::Cosine => Self::Cosine,
        }
    }
}

/// The pictures for a fit.
pub(super) struct Material {
    pub(super) faces: FaceSet,
    /// Pictures that are not faces.
    pub(super) others: Option<Pictures>,
    /// Notes, already printed as warnings.
    pub(super) notes: Vec<String>,
    /// How the faces were cut out of pictures.
    pub(super) alignment: Option<Alignment>,
}

impl FitOptions {
    /// Reads the faces of a path and the pictures of `--non-faces`.
    pub(super) fn gather(
        &self,
        faces: &Path,
        failures: &mut Failures,
        console: Console,
    ) -> Result<Material> {
        let cutting = self.cutting.for_fit(faces, self.size)?;
        let size = self.cutting.size(self.size);
        let mut gathered = gather(faces, size, self.strict, &cutting, failures)?;
        let mut notes = std::mem::take(&mut gathered.notes);
        let faces = gathered.into_faces()?;
        let size =
            PictureSize { width: faces.pictures().width(), height: faces.pictures().height() };
        let others = match &self.non_faces {
            Some(path) => {
                let mut others = gather(path, Some(size), self.strict, &Cutting::Whole, failures)?;
                notes.append(&mut others.notes);
                notes.extend(self.range_note(faces.pictures(), &others.pictures));
                Some(others.pictures)
            }
            None => None,
        };
        notes.extend(copies_note(&faces));
        for note in &notes {
            console.warning(note);
        }
        Ok(Material { faces, others, notes, alignment: cutting.alignment() })
    }

    /// The note if the pictures that are not faces have another range of values than the faces.
    pub(super) fn range_note(&self, faces: &Pictures, others: &Pictures) -> Option<String> {
        let largest_of = |pictures: &Pictures| largest(pictures.iter().flatten().copied());
        // Contrast normalization removes the range.
        let counts = self.normalize == NormalizationName::None;
        counts.then(|| range_note("faces", largest_of(faces), largest_of(others))).flatten()
    }

    /// The settings of the fit.
    ///
    /// # Errors
    /// `--whiten` with fisherfaces, which it does not change.
    pub(super) fn config(&self) -> Result<FitConfig> {
        let FeatureOptions { skip, whiten } = self.features;
        let kind = match self.method {
            MethodName::Fisherfaces if whiten => {
                bail!("--whiten does not change fisherfaces; leave it out, or leave out --method")
            }
            MethodName::Fisherfaces => FeatureKind::Fisherfaces,
            _ => FeatureKind::Eigenfaces,
        };
        Ok(FitConfig {
            components: self.components,
            features: FeatureConfig { kind, skip, whiten },
            method: match self.method {
                MethodName::Auto | MethodName::Fisherfaces => MethodChoice::Auto,
                MethodName::Gram => MethodChoice::Given(Method::Gram),
                MethodName::Covariance => MethodChoice::Given(Method::Covariance),
                MethodName::Randomized => MethodChoice::Given(Method::Randomized),
            },
            normalization: match self.normalize {
                NormalizationName::None => Normalization::None,
                NormalizationName::Contrast => Normalization::Contrast,
                NormalizationName::Histogram => Normalization::Histogram,
            },
            folds: self.folds,
            seed: self.seed,
            alignment: None,
        })
    }
}
