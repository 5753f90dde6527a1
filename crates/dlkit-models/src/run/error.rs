//! What can be wrong with a run directory.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::recipe::ConfigError;
use dlkit_files::regular::Unread;

/// Why a run directory cannot be used.
#[derive(Debug, Error)]
pub enum RunError {
    /// The directory of a new run exists already.
    #[error("{path}: already exists; choose another --output or remove it", path = .0.display())]
    Exists(PathBuf),
    /// The recipe cannot be stored.
    #[error("cannot write the recipe: {0}")]
    Recipe(String),
    /// The path is not a run directory.
    #[error("{path}: {reason}", path = .path.display())]
    NotARun {
        /// What was given.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// Another process trains in the directory.
    #[error(
        "{path}: another process is training in it; wait for it or stop it", path = .0.display())]
    Busy(PathBuf),
    /// The recipe in the directory was damaged.
    #[error("the recipe of the run: {0}")]
    Config(#[from] ConfigError),
    /// No checkpoint exists yet.
    #[error(
        "{path}: no {which} checkpoint yet; continue with dlkit train --resume {path}",
        path = .path.display()
    )]
    NoCheckpoint {
        /// The run directory.
        path: PathBuf,
        /// `best` or `last`.
        which: &'static str,
    },
    /// A run whose first weights were to be taken from elsewhere, and are not there yet.
    #[error(
        "{path}: its first weights, those of {init}, were not written; remove it and train again with --init",
        path = .path.display()
    )]
    NoStart {
        /// The run directory.
        path: PathBuf,
        /// Where the weights were to be taken from.
        init: String,
    },
    /// A file of the run is damaged.
    #[error("{path}: {reason}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong and what helps.
        reason: String,
    },
    /// Weights that do not fit the network.
    #[error("{path}: the weights belong to another network: {reason}", path = .path.display())]
    OtherNetwork {
        /// The checkpoint.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// Reading or writing failed.
    #[error("{path}: cannot {action}: {source}", path = .path.display())]
    Io {
        /// `read`, `write` or `create`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl RunError {
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn unread(path: impl Into<PathBuf>) -> impl FnOnce(Unread) -> Self {
        let path = path.into();
        move |error| Self::Io { action: "read", path, source: error.into() }
    }
}
