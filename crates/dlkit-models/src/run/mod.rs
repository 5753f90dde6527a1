//! A run directory explains itself: recipe, account, figures, checkpoints.

mod checkpoint;
mod directory;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod info;
mod kept_weights;
mod ledger;
mod metrics;
mod staged;

pub use crate::training::{Best, EpochRecord};
pub use directory::{Progress, RunDirectory, Which};
pub use error::RunError;
pub use info::{Outcome, RunInfo, now};
pub use staged::StagedRun;
