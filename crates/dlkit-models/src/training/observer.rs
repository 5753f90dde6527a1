//! How a training is watched.

use std::collections::BTreeMap;

use super::record::EpochRecord;
use super::state::Best;
use super::trainable::Measured;

/// Watches a training.
pub trait Observer {
    /// Called after every step, of training and of validation.
    fn step(&mut self, progress: &StepProgress<'_>);

    /// Called after every epoch, when its figures are on disk.
    fn epoch(&mut self, record: &EpochRecord, best: Option<Best>);
}

/// Where a training stands within an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepProgress<'a> {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// The part of the data: `train` or `validation`.
    pub part: &'static str,
    /// Samples of this part that were seen in this epoch.
    pub samples: usize,
    /// Samples of this part in an epoch.
    pub samples_total: usize,
    /// What was measured on the batch.
    pub measured: &'a Measured,
    /// The means over the samples seen in this epoch, by name.
    pub means: &'a BTreeMap<&'static str, f64>,
}

/// Watches nothing.
impl Observer for () {
    fn step(&mut self, _: &StepProgress<'_>) {}

    fn epoch(&mut self, _: &EpochRecord, _: Option<Best>) {}
}
