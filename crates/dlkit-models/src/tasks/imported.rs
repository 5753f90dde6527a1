//! Runs made of existing weights.

use std::path::Path;

use super::lifecycle::{Command, LifecycleError};
use crate::network::Network;
use crate::recipe::Experiment;
use crate::run::{Outcome, RunDirectory, RunError, RunInfo, StagedRun, now};
use crate::training::{TrainingConfig, write_start};

/// A run made of a network with its weights. [`publish`](Self::publish) makes it appear, complete;
/// it can be used or trained further.
pub struct ImportedRun {
    staged: StagedRun,
    info: RunInfo,
}

impl ImportedRun {
    /// Makes a run of a network. `origin` is the account of its source run, or of a new run on its
    /// data; `reason` describes the weights.
    ///
    /// # Errors
    /// The directory exists; writing fails.
    pub fn create(
        path: &Path,
        (experiment, network): (&Experiment, Network),
        origin: RunInfo,
        reason: String,
        command: &Command,
    ) -> Result<Self, LifecycleError> {
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commands: vec![command.words.clone()],
            started: now(),
            updated: now(),
            seconds: 0.0,
            outcome: Outcome::Imported,
            reason: Some(reason),
            epochs: 0,
            best: None,
            parameters: experiment.network().parameters(),
            ..origin
        };
        let staged = StagedRun::create(path, experiment, &info)?;
        let config: &TrainingConfig = &experiment.config().training;
        write_start(network, config, staged.run())?;
        Ok(Self { staged, info })
    }

    /// The run, under its temporary name.
    #[must_use]
    pub const fn run(&self) -> &RunDirectory {
        self.staged.run()
    }

    /// Its account.
    #[must_use]
    pub const fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Gives the run its name.
    ///
    /// # Errors
    /// The directory exists by now.
    pub fn publish(self) -> Result<RunDirectory, RunError> {
        self.staged.publish()
    }
}
