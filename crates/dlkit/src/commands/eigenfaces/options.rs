//! Flags that say how a face space is made, and the values flags have.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use clap::ValueEnum;
use dlkit_vision::eigenfaces::{
    Components, FaceSet, FitConfig, Method, MethodChoice, Metric, Normalization, Pictures,
};

use super::pictures::{gather, largest, range_note};
use crate::arguments::Failures;
use crate::console::Console;

/// How a face space is made; `fit` and `evaluate` share these.
#[derive(Debug, clap::Args)]
pub(super) struct FitOptions {
    /// Eigenfaces to keep: so many, as few as explain a share of the variance, or those whose
    /// eigenvalue is above the mean of all (kaiser).
    #[arg(
        long,
        value_name = "N|0.95|kaiser",
        default_value = "0.95",
        allow_negative_numbers = true
    )]
    pub(super) components: Components,
    /// Resize all pictures to this, without keeping their aspect [default: the size most have].
    #[arg(long, value_name = "WxH")]
    pub(super) size: Option<PictureSize>,
    /// Refuse pictures of another size instead of resizing them.
    #[arg(long)]
    pub(super) strict: bool,
    /// What is done to each picture first: contrast gives it mean 0 and deviation 1.
    #[arg(long, value_enum, default_value_t = NormalisationName::None)]
    pub(super) normalise: NormalisationName,
    /// The way to the eigenfaces; auto takes the cheapest.
    #[arg(long, value_enum, default_value_t = MethodName::Auto)]
    pub(super) method: MethodName,
    /// Pictures that are no faces: a folder, a picture or a .npy stack.
    #[arg(long, value_name = "DIR")]
    pub(super) non_faces: Option<PathBuf>,
    /// Parts that pictures, and people, are cut into; each is scored by a fit without it [default: 5, or
    /// as many as there are].
    #[arg(long, value_name = "N")]
    pub(super) folds: Option<usize>,
    /// Decides how they are cut.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum NormalisationName {
    None,
    Contrast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MethodName {
    Auto,
    /// By the n x n inner products of n pictures.
    Gram,
    /// By the d x d covariance of d pixels.
    Covariance,
    /// Approximately, by a random sample of the range; for --components N.
    Randomised,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MetricName {
    #[default]
    Euclidean,
    Mahalanobis,
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

/// The pictures a face space is made of.
pub(super) struct Material {
    pub(super) faces: FaceSet,
    /// Pictures that are no faces.
    pub(super) others: Option<Pictures>,
    /// What the user should know; said already.
    pub(super) notes: Vec<String>,
}

impl FitOptions {
    /// Reads the faces of a path and the pictures of `--non-faces`.
    pub(super) fn gather(
        &self,
        faces: &Path,
        failures: &mut Failures,
        console: Console,
    ) -> Result<Material> {
        let mut gathered = gather(faces, self.size, self.strict, failures)?;
        let mut notes = std::mem::take(&mut gathered.notes);
        let faces = gathered.into_faces()?;
        let size =
            PictureSize { width: faces.pictures().width(), height: faces.pictures().height() };
        let others = match &self.non_faces {
            Some(path) => {
                let mut others = gather(path, Some(size), self.strict, failures)?;
                notes.append(&mut others.notes);
                notes.extend(self.range_note(faces.pictures(), &others.pictures));
                Some(others.pictures)
            }
            None => None,
        };
        for note in &notes {
            console.warning(note);
        }
        Ok(Material { faces, others, notes })
    }

    /// What to say where pictures that are no faces are of another range than the faces.
    pub(super) fn range_note(&self, faces: &Pictures, others: &Pictures) -> Option<String> {
        let largest_of = |pictures: &Pictures| largest(pictures.iter().flatten().copied());
        // Contrast takes the range out.
        let counts = self.normalise == NormalisationName::None;
        counts.then(|| range_note("faces", largest_of(faces), largest_of(others))).flatten()
    }

    pub(super) fn config(&self) -> FitConfig {
        FitConfig {
            components: self.components,
            method: match self.method {
                MethodName::Auto => MethodChoice::Auto,
                MethodName::Gram => MethodChoice::Given(Method::Gram),
                MethodName::Covariance => MethodChoice::Given(Method::Covariance),
                MethodName::Randomised => MethodChoice::Given(Method::Randomized),
            },
            normalization: match self.normalise {
                NormalisationName::None => Normalization::None,
                NormalisationName::Contrast => Normalization::Contrast,
            },
            folds: self.folds,
            seed: self.seed,
        }
    }
}

/// Width and height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PictureSize {
    pub(super) width: usize,
    pub(super) height: usize,
}

impl FromStr for PictureSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const LARGEST: usize = 1 << 16;
        let side =
            |text: &str| text.trim().parse().ok().filter(|side| (1..=LARGEST).contains(side));
        text.split_once(['x', 'X'])
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }))
            .ok_or_else(|| {
                format!("use width x height in pixels, such as 46x56, up to {LARGEST} each")
            })
    }
}

impl std::fmt::Display for PictureSize {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}
