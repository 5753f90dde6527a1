//! Why a classifier of others cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::data::DataError;
use crate::tasks::foreign::ForeignModelError;

/// What is understood, for messages.
pub const UNDERSTOOD: &str = "understood are classifiers of float32, float16 or float64 with one input, a picture \
     [1, channels, height, width] or [1, height, width, channels] of 1 or 3 channels, and an output [1, classes], \
     whose batch may be of any size";

/// Why a classifier of others cannot be used.
#[derive(Debug, Error)]
pub enum ForeignClassifierError {
    /// The model cannot be read or run.
    #[error(transparent)]
    Model(#[from] ForeignModelError),
    /// A picture cannot be read.
    #[error(transparent)]
    Picture(#[from] DataError),
    /// Inputs and outputs are not those of a classifier.
    #[error("{path}: not a classifier that is known: {found}; {UNDERSTOOD}", path = .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
    },
    /// The list of classes is that of another model.
    #[error(
        "{path}: the model has {outputs} outputs, but --classes names {classes} classes; give a file with one name \
         a line for each output",
        path = .path.display()
    )]
    Classes {
        /// The file.
        path: PathBuf,
        /// Its outputs.
        outputs: usize,
        /// The classes that are named.
        classes: usize,
    },
    /// An option that does not suit the model.
    #[error("{path}: {reason}", path = .path.display())]
    Option {
        /// The file.
        path: PathBuf,
        /// The option, what the model takes, and what helps.
        reason: String,
    },
}
