//! A run directory as the ledger of a training.

use std::fs;

use super::checkpoint::{directory_name, is_directory_name, load, save};
use super::directory::{CHECKPOINTS, DIVERGED, RunDirectory, Which};
use super::error::RunError;
use crate::network::Network;
use crate::training::{Checkpoint, EpochRecord, Ledger, LedgerError};

impl Ledger for RunDirectory {
    fn name(&self) -> String {
        self.path().display().to_string()
    }

    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, LedgerError> {
        Ok(self.newest()?.map(|path| load(&path)).transpose()?)
    }

    fn forget_after(&self, epoch: usize) -> Result<(), LedgerError> {
        let diverged = self.path().join(DIVERGED);
        if diverged.exists() {
            fs::remove_file(&diverged).map_err(RunError::io("remove", &diverged))?;
        }
        self.forget_weights(epoch)?;
        Ok(self.metrics.truncate(epoch)?)
    }

    fn append(&self, record: &EpochRecord) -> Result<(), LedgerError> {
        Ok(self.metrics.append(record)?)
    }

    fn write_diverged(&self, record: &EpochRecord) -> Result<(), LedgerError> {
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| RunError::io("write", self.path().join(DIVERGED))(error.into()))?;
        Ok(self.write(DIVERGED, &text)?)
    }

    fn keep_weights(&self, epoch: usize, network: &Network) -> Result<(), LedgerError> {
        Ok(self.write_kept(epoch, network)?)
    }

    fn save_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), LedgerError> {
        let epoch = checkpoint.state.epoch;
        let best = checkpoint.state.best.map_or(epoch, |best| best.epoch);
        save(checkpoint, &self.path().join(CHECKPOINTS))?;
        self.point(Which::Last, epoch)?;
        self.point(Which::Best, best)?;
        Ok(self.remove_all_but([epoch, best])?)
    }
}

impl RunDirectory {
    /// Writes the file that tells people which checkpoint is which.
    fn point(&self, which: Which, epoch: usize) -> Result<(), RunError> {
        self.write(which.name(), format!("{CHECKPOINTS}/{}\n", directory_name(epoch)).as_bytes())
    }

    /// Removes the checkpoints of other epochs. What else lies among them stays.
    fn remove_all_but(&self, epochs: [usize; 2]) -> Result<(), RunError> {
        let checkpoints = self.path().join(CHECKPOINTS);
        let kept = epochs.map(directory_name);
        let entries = fs::read_dir(&checkpoints).map_err(RunError::io("read", &checkpoints))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_directory_name(&name) && !kept.contains(&name) {
                // One too many does no harm; the training must not end for it.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}
