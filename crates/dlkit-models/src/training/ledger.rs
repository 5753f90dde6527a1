//! Records of a training, and the checkpoint it resumes from.

use std::error::Error;

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;

use super::record::EpochRecord;
use super::state::TrainingState;
use crate::network::Network;

/// Why something could not be written down or read back.
pub type LedgerError = Box<dyn Error + Send + Sync>;

/// Keeps the figures and checkpoints of one training, such as a run directory does.
///
/// What a method reports as done is durable: a killed training resumes from
/// [`last_checkpoint`](Self::last_checkpoint).
pub trait Ledger {
    /// How messages call it, such as the path of a directory.
    fn name(&self) -> String;

    /// The state after the last finished epoch, if there is one.
    ///
    /// # Errors
    /// A checkpoint that is damaged or cannot be read.
    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, LedgerError>;

    /// Forgets what was written of the epochs after `epoch`: they are trained again.
    ///
    /// # Errors
    /// Writing fails.
    fn forget_after(&self, epoch: usize) -> Result<(), LedgerError>;

    /// Adds the figures of a finished epoch.
    ///
    /// # Errors
    /// Writing fails.
    fn append(&self, record: &EpochRecord) -> Result<(), LedgerError>;

    /// Keeps the figures of an epoch that diverged: it is not finished, but they may say why.
    ///
    /// # Errors
    /// Writing fails.
    fn write_diverged(&self, record: &EpochRecord) -> Result<(), LedgerError>;

    /// Keeps the weights after an epoch (0: before the first), to be looked at later.
    ///
    /// # Errors
    /// Writing fails.
    fn keep_weights(&self, epoch: usize, network: &Network) -> Result<(), LedgerError>;

    /// Makes a checkpoint the last one and, depending on its state, the best one.
    ///
    /// # Errors
    /// Writing fails; the checkpoints before it are then what they were.
    fn save_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), LedgerError>;
}

/// Everything that a training needs to resume.
pub struct Checkpoint {
    /// Where it stands.
    pub state: TrainingState,
    /// The weights.
    pub model: ModuleRecord,
    /// The moments of the optimizer.
    pub optimizer: OptimizerRecord,
    /// The step of the learning-rate schedule.
    pub scheduler: LrSchedulerRecord,
}
