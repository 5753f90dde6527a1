//! A run directory explains itself: recipe, account, figures, checkpoints.

mod checkpoint;
mod directory;
mod error;
mod files;
mod info;
mod kept_weights;
mod ledger;
mod metrics;
mod staged;
mod unfinished;

pub use crate::training::{Best, EpochRecord};
pub use directory::{Progress, RunDirectory, Which};
pub use error::RunError;
pub(crate) use files::is_temporary;
pub use files::{StagedFile, write_atomically};
pub use info::{Outcome, RunInfo, now};
pub use staged::StagedRun;
pub use unfinished::remove_unfinished;
