//! Why a colorizer of others cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::tasks::foreign::ForeignModelError;

/// What is understood, for messages.
const UNDERSTOOD: &str = "understood are colorizers of float32, float16 or float64 with one input and one output: lightness \
     [1, 1, H, W] to ab [1, 2, h, w] (Zhang's, with or without inputs for hints), RGB [1, 3, H, W] to ab \
     [1, 2, h, w] (DDColor's), and RGB to RGB [1, 3, H, W] (DeOldify's)";

/// Why a colorizer of others cannot be used.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// The model cannot be read or run.
    #[error(transparent)]
    Model(#[from] ForeignModelError),
    /// Inputs and outputs are not those of a colorizer.
    #[error("{path}: not a colorizer that is known: {found}; {UNDERSTOOD}", path = .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
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
}
