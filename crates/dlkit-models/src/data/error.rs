//! What can be wrong with data.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use dlkit_files::Unread;
use dlkit_files::picture::{ListingError, PictureError};

/// Why data cannot be used. Paths are given as they were named.
#[derive(Debug, Error)]
pub enum DataError {
    /// A directory or file does not exist.
    #[error("{path}: no such file or directory{advice}", path = .path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// How to get it, or nothing.
        advice: String,
    },
    /// Reading failed.
    #[error("{path}: cannot read: {source}", path = .path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
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
    /// A picture cannot be read.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A folder contains no pictures.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// Several files cannot be used.
    #[error("{}", listed(.0))]
    Several(Vec<DataError>),
    /// The data does not fit the network or the recipe.
    #[error("{0}")]
    Unfit(String),
}

/// Most files that are named in one message.
const MOST_NAMED: usize = 20;

fn listed(errors: &[DataError]) -> String {
    let named = errors.iter().take(MOST_NAMED).map(|error| format!("\n  {error}"));
    let more = errors.len().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!("\n  and {more} more") };
    format!("{} files cannot be used:{}{more}", errors.len(), named.collect::<String>())
}

impl DataError {
    /// All values, or one error that names everything that failed.
    pub(crate) fn every<T>(
        results: impl IntoIterator<Item = Result<T, Self>>,
    ) -> Result<Vec<T>, Self> {
        let mut values = Vec::new();
        let mut errors = Vec::new();
        for result in results {
            match result {
                Ok(value) => values.push(value),
                Err(Self::Several(more)) => errors.extend(more),
                Err(error) => errors.push(error),
            }
        }
        match errors.len() {
            0 => Ok(values),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }

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
