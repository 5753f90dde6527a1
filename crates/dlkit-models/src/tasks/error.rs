//! Why an experiment cannot be run.

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
