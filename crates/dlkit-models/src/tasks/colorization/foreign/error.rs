//! Why a colorizer of others cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::freeze::FreezeError;

/// What is understood, for messages.
const UNDERSTOOD: &str = "understood are colorizers in single precision with one input and one output: lightness \
     [1, 1, H, W] to ab [1, 2, h, w] (Zhang's, with or without inputs for hints), RGB [1, 3, H, W] to ab \
     [1, 2, h, w] (DDColor's), and RGB to RGB [1, 3, H, W] (DeOldify's)";

/// Why a colorizer of others cannot be used.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// The file cannot be read as ONNX.
    #[error(transparent)]
    File(#[from] FreezeError),
    /// Inputs and outputs are not those of a colorizer.
    #[error("{path}: not a colorizer that is known: {found}; {UNDERSTOOD}", path = .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
    },
    /// Its weights lie in another file that cannot be used.
    #[error("{path}: its weights cannot be read: {reason}", path = .path.display())]
    Weights {
        /// The file of the model.
        path: PathBuf,
        /// Which file, and why.
        reason: String,
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
