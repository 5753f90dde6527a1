//! What can be wrong with a file of weights.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::network::WeightsError;

/// Why weights cannot be read from a file or written to one.
#[derive(Debug, Error)]
pub enum WeightsFileError {
    /// A name without a known format.
    #[error("{}: the name must end in .safetensors or .npz", .0.display())]
    Ending(PathBuf),
    /// Reading failed.
    #[error("{}: cannot read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Writing failed.
    #[error("{}: cannot write: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The weights cannot be put into the format.
    #[error("{}: cannot write: {reason}", .path.display())]
    Pack {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file that is not what its name promises.
    #[error("{}: {reason}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A file with a weight the network does not have.
    #[error("{}: {source}", .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name, and those the network has.
        source: WeightsError,
    },
}
