//! A run directory explains itself: recipe, account, figures, checkpoints.

mod checkpoint;
mod directory;
mod error;
mod files;
mod info;
mod metrics;

pub use checkpoint::Best;
pub(crate) use checkpoint::{Checkpoint, CheckpointState};
pub use directory::{Progress, RunDirectory, Which};
pub use error::RunError;
pub use files::{StagedFile, write_atomically};
pub use info::{Outcome, RunInfo, now};
pub use metrics::EpochRecord;
