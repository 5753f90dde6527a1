//! What can be wrong with data.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::regular_file::Unread;

/// Why data cannot be used. Paths are given as they were named.
#[derive(Debug, Error)]
pub enum DataError {
    /// A directory or file is not there.
    #[error("{path} is not there{advice}", path = .path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// How to get it, or nothing.
        advice: String,
    },
    /// Reading failed.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what its name promises.
    #[error("{path}: {reason}", path = .path.display())]
    Content {
        /// The file or directory.
        path: PathBuf,
        /// What was found and what is expected.
        reason: String,
    },
    /// A picture cannot be decoded.
    #[error("{path} cannot be read as a picture: {source}", path = .path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: image::ImageError,
    },
    /// The data does not fit the network or the recipe.
    #[error("{0}")]
    Unfit(String),
}

impl DataError {
    pub(crate) fn content(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Content { path: path.into(), reason: reason.into() }
    }

    pub(crate) fn read(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Read { path, source }
    }

    pub(crate) fn unread(path: impl Into<PathBuf>) -> impl FnOnce(Unread) -> Self {
        let path = path.into();
        move |error| Self::Read { path, source: error.into() }
    }
}
