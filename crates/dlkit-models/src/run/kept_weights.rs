//! The weights a run keeps while it is trained, to be looked at afterwards.

use std::fs;
use std::path::PathBuf;

use super::directory::{RunDirectory, WEIGHTS};
use super::error::RunError;
use crate::network::{LayerWeights, Network};
use crate::weights_file::{read_weights, stage_weights};
use dlkit_files::staged::StagedFile;

const PREFIX: &str = "epoch-";
const ENDING: &str = ".safetensors";

impl RunDirectory {
    fn kept_path(&self, epoch: usize) -> PathBuf {
        self.path().join(WEIGHTS).join(format!("{PREFIX}{epoch:04}{ENDING}"))
    }

    /// Keeps the weights after an epoch.
    pub(super) fn write_kept(&self, epoch: usize, network: &Network) -> Result<(), RunError> {
        let directory = self.path().join(WEIGHTS);
        fs::create_dir_all(&directory).map_err(RunError::io("create", &directory))?;
        let path = self.kept_path(epoch);
        stage_weights(&path, &network.weights())
            .map_err(std::io::Error::other)
            .and_then(StagedFile::publish)
            .map(|_| ())
            .map_err(RunError::io("write", path))
    }

    /// Forgets the weights of epochs that will be trained again.
    pub(super) fn forget_weights(&self, epoch: usize) -> Result<(), RunError> {
        for later in self.kept_epochs()?.into_iter().filter(|&kept| kept > epoch) {
            let path = self.kept_path(later);
            fs::remove_file(&path).map_err(RunError::io("remove", &path))?;
        }
        Ok(())
    }

    /// The epochs after which weights were kept, in order; 0 stands for before the first.
    ///
    /// # Errors
    /// Reading fails.
    pub fn kept_epochs(&self) -> Result<Vec<usize>, RunError> {
        let directory = self.path().join(WEIGHTS);
        if !directory.is_dir() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&directory).map_err(RunError::io("read", &directory))?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let epoch = |name: String| name.strip_prefix(PREFIX)?.strip_suffix(ENDING)?.parse().ok();
        let mut epochs: Vec<usize> = names.filter_map(epoch).collect();
        epochs.sort_unstable();
        Ok(epochs)
    }

    /// The weights after an epoch whose weights were kept.
    ///
    /// # Errors
    /// A file does not exist or is damaged.
    pub fn kept_weights(
        &self,
        epoch: usize,
        network: &Network,
    ) -> Result<Vec<LayerWeights>, RunError> {
        let path = self.kept_path(epoch);
        let damaged = |reason: String| RunError::Damaged {
            path: path.clone(),
            reason: format!("cannot be used: {reason}"),
        };
        let weights = read_weights(&path, network).map_err(|error| damaged(error.to_string()))?;
        let kept = network.clone().with_weights(weights);
        Ok(kept.map_err(|error| damaged(error.to_string()))?.layer_weights())
    }
}
