//! Labeled pictures in memory.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use dlkit_files::picture::LeftOut;

use super::augmentation::Augmentation;
use super::error::DataError;
use super::group::GroupPattern;
use super::origin::Origins;
use crate::value::{Problem, Shape};

/// How pictures are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImagesConfig {
    /// Directory, relative to the working directory, else to the recipe.
    pub path: PathBuf,
    /// Validation part, chosen from the training part by seed: a share below 1, or a number of
    /// samples. 0 for none.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Whether PNG and JPEG pictures are inverted (dark on light becomes light on dark). IDX files
    /// are never inverted.
    #[serde(default)]
    pub invert: bool,
    /// Mean that is subtracted from pixels, which range from 0 to 1.
    #[serde(default)]
    pub mean: f64,
    /// Standard deviation that divides pixels after the mean is subtracted.
    #[serde(default = "deviation")]
    pub deviation: f64,
    /// Regular expression in the path of each picture within the directory, such as "patient([0-9]+)".
    /// Pictures with equal text in its parentheses stay together: all in training, validation or one fold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Random changes of training pictures. Without this table there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmentation: Option<Augmentation>,
}

const fn validation() -> f64 {
    0.1
}

const fn deviation() -> f64 {
    1.0
}

impl ImagesConfig {
    pub(super) fn check(&self) -> Result<(), Problem> {
        let (mean, deviation) = (self.mean, self.deviation);
        if !mean.is_finite() {
            return Err(Problem::new("mean", format!("must be a finite number, not {mean}")));
        }
        if !(deviation.is_finite() && deviation > 0.0) {
            return Err(Problem::new(
                "deviation",
                format!("must be a number above 0, not {deviation}"),
            ));
        }
        if let Some(group) = &self.group {
            GroupPattern::new(group)?;
        }
        self.augmentation.map_or(Ok(()), |augmentation| {
            augmentation.check().map_err(|problem| problem.within("augmentation"))
        })
    }
}

/// Labeled pictures: 8-bit pixels, channel by channel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSet {
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u32>,
    pub(crate) shape: Shape,
    pub(crate) origins: Origins,
}

impl ImageSet {
    /// The number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The shape of one picture.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// These pictures and then others of the same shape.
    #[must_use]
    pub(crate) fn followed_by(mut self, other: &Self) -> Self {
        self.pixels.extend_from_slice(&other.pixels);
        self.labels.extend_from_slice(&other.labels);
        self.origins.extend(&other.origins);
        self
    }

    /// The class of each picture.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Where the pictures come from.
    #[must_use]
    pub const fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The pixels of one picture.
    ///
    /// # Errors
    /// An index beyond the last picture.
    pub fn image(&self, index: usize) -> Result<&[u8], DataError> {
        let size = self.shape.values();
        self.pixels
            .get(index * size..(index + 1) * size)
            .ok_or_else(|| DataError::Unfit(format!("picture {index}: only {} exist", self.len())))
    }

    /// How many pictures each of `classes` classes has.
    #[must_use]
    pub fn counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            if let Some(count) = counts.get_mut(label as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// A data set of pictures and the names of its classes.
#[derive(Clone, Debug)]
pub struct ImageData {
    /// Names of the classes; a label is an index into them.
    pub classes: Vec<String>,
    /// The training part; the validation part is still in it unless it has its own.
    pub train: ImageSet,
    /// The validation part, if it has its own folder.
    pub validation: Option<ImageSet>,
    /// The test part, if there is one.
    pub test: Option<ImageSet>,
    /// Files that were found but skipped.
    pub left_out: Vec<LeftOut>,
}
