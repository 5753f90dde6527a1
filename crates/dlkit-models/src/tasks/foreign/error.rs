//! Why a model of others cannot be read or run.

use std::path::PathBuf;

use thiserror::Error;

use crate::freeze::FreezeError;

/// Why a model of others cannot be read or run.
#[derive(Debug, Error)]
pub enum ForeignModelError {
    /// The file cannot be read as ONNX.
    #[error(transparent)]
    File(#[from] FreezeError),
    /// Its weights lie in another file that cannot be used.
    #[error("{path}: its weights cannot be read: {reason}", path = .path.display())]
    Weights {
        /// The file of the model.
        path: PathBuf,
        /// Which file, and why.
        reason: String,
    },
    /// It would take more memory or time than a model may.
    #[error(
        "{path}: takes too much to be run: {reason}; export it for smaller pictures",
        path = .path.display()
    )]
    TooMuch {
        /// The file.
        path: PathBuf,
        /// What takes too much, and how much is allowed.
        reason: String,
    },
    /// It computes with whole numbers.
    #[error(
        "{path}: is quantized (it has `{operator}`), and its results would be wrong; export it in single or half \
         precision",
        path = .path.display()
    )]
    Quantized {
        /// The file.
        path: PathBuf,
        /// An operator on whole numbers.
        operator: String,
    },
    /// The runtime cannot load or run it.
    #[error("{path}: cannot be run: {reason}", path = .path.display())]
    Run {
        /// The file.
        path: PathBuf,
        /// The runtime's reason.
        reason: String,
    },
}
