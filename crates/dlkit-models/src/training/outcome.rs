//! How a training ends.

use thiserror::Error;

use super::ledger::LedgerError;
use super::state::Best;
use crate::data::DataError;

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All epochs are trained.
    Finished,
    /// The monitored metric no longer improved.
    StoppedEarly,
    /// Stopped from outside; the steps of the unfinished epoch are lost.
    Interrupted,
}

/// How a training went.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Epochs finished, earlier commands included.
    pub epochs: usize,
    /// The best epoch.
    pub best: Option<Best>,
    /// How it ended.
    pub ending: Ending,
}

/// Why a training failed.
#[derive(Debug, Error)]
pub enum TrainingError {
    /// Numbers became infinite or undefined.
    #[error(
        "{symptom} at step {step} of epoch {epoch}; {kept}. Lower training.learning_rate, set \
         training.gradient_clipping or check the data",
        kept = kept(*.epoch)
    )]
    Diverged {
        /// What became infinite or undefined.
        symptom: String,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
    },
    /// The checkpoint to go on from is of another network.
    #[error("{place}: the weights belong to another network: {reason}")]
    OtherNetwork {
        /// Where the checkpoint lies.
        place: String,
        /// What does not fit.
        reason: String,
    },
    /// Figures or checkpoints cannot be written or read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Samples cannot be gathered.
    #[error(transparent)]
    Data(#[from] DataError),
}

fn kept(epoch: usize) -> String {
    match epoch {
        0 | 1 => "no earlier checkpoint exists".to_owned(),
        _ => format!("the checkpoint of epoch {} is kept", epoch - 1),
    }
}
