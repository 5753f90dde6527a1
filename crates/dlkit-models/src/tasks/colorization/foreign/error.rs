//! Why a colorizer of others cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::freeze::FreezeError;

/// What is understood, for messages.
const UNDERSTOOD: &str = "understood are colorizers of float32, float16 or float64 with one input and one output: lightness \
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
    /// It would take more memory or time than a colorizer may.
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
        "{path}: is quantized (it has `{operator}`), and its colors would be wrong; export it in single or half \
         precision",
        path = .path.display()
    )]
    Quantized {
        /// The file.
        path: PathBuf,
        /// An operator on whole numbers.
        operator: String,
    },
    /// Hints cannot be used with it.
    #[error(
        "{path}: takes no hints; models that do, such as SIGGRAPH17, have inputs `user_ab` [1, 2, H, W] and `user_map` \
         [1, 1, H, W]",
        path = .path.display()
    )]
    NoHints {
        /// The file.
        path: PathBuf,
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
