//! Why an experiment cannot be run.

use std::path::PathBuf;

use thiserror::Error;

use crate::data::DataError;
use crate::freeze::FreezeError;
use crate::run::RunError;

/// Why an experiment cannot be run.
#[derive(Debug, Error)]
pub enum TaskError {
    /// The data.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The data of a run or recipe cannot be used; another place can be named.
    #[error("{data}: unusable data (--data DIR gives another path)")]
    Unusable {
        /// The data: its path, or its kind.
        data: String,
        /// Why.
        source: Box<Self>,
    },
    /// The data is not what the run was trained on.
    #[error(
        "{data}: not the data that {path} was trained on: its samples have changed; give the original \
         data with --data DIR",
        path = .path.display()
    )]
    OtherData {
        /// The data: its path, or its kind.
        data: String,
        /// The run directory.
        path: PathBuf,
    },
    /// Recipe and data contradict each other.
    #[error("{0}")]
    Contradiction(String),
    /// The run directory.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A frozen file.
    #[error(transparent)]
    Frozen(#[from] FreezeError),
}
