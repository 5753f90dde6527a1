//! The `[data]` table of a recipe.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::DataError;
use super::images::ImagesConfig;
use super::line::LineConfig;
use super::photos::PhotosConfig;
use super::table::TableConfig;
use crate::value::Problem;

/// The source of the samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DataConfig {
    /// Pictures in IDX files, as MNIST has them, raw or gzip; a file classes.txt beside them names the classes.
    Mnist(ImagesConfig),
    /// Pictures in `train/<class>/` and `test/<class>/`.
    ImageFolder(ImagesConfig),
    /// Photos in `train/`, `validation/` and `test/`, or in one directory.
    Photos(PhotosConfig),
    /// A noisy line with outliers, generated from a seed.
    Line(LineConfig),
    /// Columns of a CSV file.
    Table(TableConfig),
}

impl DataConfig {
    /// The kind, as a recipe names it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Mnist(_) => "mnist",
            Self::ImageFolder(_) => "image-folder",
            Self::Photos(_) => "photos",
            Self::Line(_) => "line",
            Self::Table(_) => "table",
        }
    }

    /// How pictures are read, of a kind that has pictures.
    #[must_use]
    pub const fn images(&self) -> Option<&ImagesConfig> {
        match self {
            Self::Mnist(images) | Self::ImageFolder(images) => Some(images),
            Self::Photos(_) | Self::Line(_) | Self::Table(_) => None,
        }
    }

    /// The same, where nothing else will do.
    pub(crate) fn require_images(&self) -> Result<&ImagesConfig, DataError> {
        let no_pictures =
            || DataError::Unfit(format!("data.kind: \"{}\" has no pictures", self.kind()));
        self.images().ok_or_else(no_pictures)
    }

    /// Size of the validation part: a share below 1, or a number of samples.
    #[must_use]
    pub const fn validation(&self) -> f64 {
        match self {
            Self::Mnist(images) | Self::ImageFolder(images) => images.validation,
            Self::Photos(photos) => photos.validation,
            Self::Line(line) => line.validation,
            Self::Table(table) => table.validation,
        }
    }

    /// The same data with another size of the validation part.
    #[must_use]
    pub(crate) const fn with_validation(mut self, size: f64) -> Self {
        match &mut self {
            Self::Mnist(images) | Self::ImageFolder(images) => images.validation = size,
            Self::Photos(photos) => photos.validation = size,
            Self::Line(line) => line.validation = size,
            Self::Table(table) => table.validation = size,
        }
        self
    }

    /// The file or directory, of a kind that has one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Mnist(images) | Self::ImageFolder(images) => Some(&images.path),
            Self::Photos(photos) => Some(&photos.path),
            Self::Line(_) => None,
            Self::Table(table) => Some(&table.path),
        }
    }

    /// What errors call the data: its path, or its kind.
    #[must_use]
    pub fn name(&self) -> String {
        self.path().map_or_else(|| self.kind().to_owned(), |path| path.display().to_string())
    }

    /// The same data at another path, if it has a path.
    #[must_use]
    pub fn with_path(mut self, path: PathBuf) -> Self {
        match &mut self {
            Self::Mnist(images) | Self::ImageFolder(images) => images.path = path,
            Self::Photos(photos) => photos.path = path,
            Self::Line(_) => {}
            Self::Table(table) => table.path = path,
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        check_share("validation", self.validation())?;
        match self {
            Self::Line(line) => {
                check_share("test", line.test)?;
                line.check()
            }
            Self::Table(table) => {
                check_share("test", table.test)?;
                table.check()
            }
            Self::Mnist(ImagesConfig { group: Some(_), .. }) => Err(Problem::new(
                "group",
                "is a pattern in the names of pictures, which IDX files do not have; remove it",
            )),
            Self::Mnist(images) | Self::ImageFolder(images) => images.check(),
            Self::Photos(photos) => photos.check(),
        }
    }
}

/// Refuses what is neither a share nor a number of samples.
fn check_share(key: &str, validation: f64) -> Result<(), Problem> {
    if !(validation.is_finite() && validation >= 0.0)
        || (validation >= 1.0 && validation.fract() != 0.0)
    {
        return Err(Problem::new(
            key,
            format!(
                "must be a share from 0 to below 1, or a whole number of samples, not {validation}"
            ),
        ));
    }
    Ok(())
}
