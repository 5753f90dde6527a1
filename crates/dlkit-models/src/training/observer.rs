//! How a training is watched.

use crate::run::{Best, EpochRecord};

/// Watches a training.
pub trait Observer: Send {
    /// Called after every step.
    fn step(&mut self, progress: &StepProgress);

    /// Called after every epoch, when its figures are on disk.
    fn epoch(&mut self, record: &EpochRecord, best: Option<Best>);
}

/// Where a training stands within an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepProgress {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Training samples of this epoch that were seen.
    pub samples: usize,
    /// Training samples of an epoch.
    pub samples_total: usize,
    /// Loss of the batch.
    pub loss: f64,
}
