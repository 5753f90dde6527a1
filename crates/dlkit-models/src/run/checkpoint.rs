//! The state of a training after an epoch, complete and checked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::RunError;
use crate::training::{Checkpoint, TrainingState};
use dlkit_files::regular::{LARGEST_CHECKPOINT, LARGEST_TABLE, read_regular};
use dlkit_files::staged::{sync_directory, write_atomically};

const MODEL: &str = "model.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const SCHEDULER: &str = "scheduler.bpk";
const MANIFEST: &str = "checkpoint.json";

/// Content of a checkpoint directory; written last.
#[derive(Serialize, Deserialize)]
struct Manifest {
    state: TrainingState,
    /// SHA-256 of each file.
    files: BTreeMap<String, String>,
}

/// The directory of the checkpoint after `epoch`, inside `checkpoints`.
pub(super) fn directory_name(epoch: usize) -> String {
    format!("epoch-{epoch:04}")
}

/// The epoch a finished checkpoint directory is named after.
pub(super) fn epoch_of_directory(name: &str) -> Option<usize> {
    name.strip_prefix("epoch-")?.parse().ok().filter(|epoch| directory_name(*epoch) == name)
}

/// Whether [`save`] makes such names, finished or not.
pub(super) fn is_directory_name(name: &str) -> bool {
    let partial = name.strip_prefix('.').and_then(|rest| rest.strip_suffix(".partial"));
    epoch_of_directory(partial.unwrap_or(name)).is_some()
}

/// Writes a checkpoint beside the others, all or nothing.
pub(super) fn save(checkpoint: Checkpoint, checkpoints: &Path) -> Result<PathBuf, RunError> {
    let Checkpoint { state, model, optimizer, scheduler } = checkpoint;
    let name = directory_name(state.epoch);
    let temporary = checkpoints.join(format!(".{name}.partial"));
    let target = checkpoints.join(name);
    if temporary.exists() {
        fs::remove_dir_all(&temporary).map_err(RunError::io("remove", &temporary))?;
    }
    fs::create_dir_all(&temporary).map_err(RunError::io("create", &temporary))?;
    let damaged = |reason: burn::store::RecordError| RunError::Damaged {
        path: target.clone(),
        reason: format!("cannot be packed: {reason}"),
    };
    let parts = [
        (MODEL, model.into_bytes().map_err(damaged)?),
        (OPTIMIZER, optimizer.into_bytes().map_err(damaged)?),
        (SCHEDULER, scheduler.into_bytes().map_err(damaged)?),
    ];
    let mut files = BTreeMap::new();
    for (file, bytes) in parts {
        let path = temporary.join(file);
        write_atomically(&path, &bytes).map_err(RunError::io("write", &path))?;
        files.insert(file.to_owned(), hash(&bytes));
    }
    let path = temporary.join(MANIFEST);
    let manifest = serde_json::to_vec_pretty(&Manifest { state, files })
        .map_err(|error| RunError::io("write", &path)(error.into()))?;
    write_atomically(&path, &manifest).map_err(RunError::io("write", &path))?;
    if target.exists() {
        fs::remove_dir_all(&target).map_err(RunError::io("remove", &target))?;
    }
    fs::rename(&temporary, &target)
        .and_then(|()| sync_directory(checkpoints))
        .map_err(RunError::io("create", &target))?;
    Ok(target)
}

/// Reads a checkpoint and checks every file against its hash.
pub(super) fn load(directory: &Path) -> Result<Checkpoint, RunError> {
    let manifest = manifest(directory)?;
    Ok(Checkpoint {
        model: ModuleRecord::from_bytes(part(directory, &manifest, MODEL)?)
            .map_err(|error| unreadable(directory, MODEL, &error))?,
        optimizer: OptimizerRecord::from_bytes(part(directory, &manifest, OPTIMIZER)?)
            .map_err(|error| unreadable(directory, OPTIMIZER, &error))?,
        scheduler: LrSchedulerRecord::from_bytes(part(directory, &manifest, SCHEDULER)?)
            .map_err(|error| unreadable(directory, SCHEDULER, &error))?,
        state: manifest.state,
    })
}

/// Reads the part that is not a tensor.
pub(super) fn load_state(directory: &Path) -> Result<TrainingState, RunError> {
    Ok(manifest(directory)?.state)
}

/// Reads the weights alone.
pub(super) fn load_model(directory: &Path) -> Result<ModuleRecord, RunError> {
    let manifest = manifest(directory)?;
    ModuleRecord::from_bytes(part(directory, &manifest, MODEL)?)
        .map_err(|error| unreadable(directory, MODEL, &error))
}

fn manifest(directory: &Path) -> Result<Manifest, RunError> {
    let path = directory.join(MANIFEST);
    let text = read_regular(&path, LARGEST_TABLE).map_err(RunError::unread(&path))?;
    serde_json::from_slice(&text)
        .map_err(|error| RunError::Damaged { path, reason: format!("damaged: {error}; {ADVICE}") })
}

fn part(directory: &Path, manifest: &Manifest, name: &str) -> Result<Bytes, RunError> {
    let path = directory.join(name);
    let bytes = read_regular(&path, LARGEST_CHECKPOINT).map_err(RunError::unread(&path))?;
    if manifest.files.get(name) != Some(&hash(&bytes)) {
        return Err(RunError::Damaged {
            path,
            reason: format!(
                "truncated or changed since it was written ({} bytes now); {ADVICE}",
                bytes.len()
            ),
        });
    }
    Ok(Bytes::from_bytes_vec(bytes))
}

const ADVICE: &str = "evaluate, predict, inspect and trace can use the other checkpoint with \
                      --checkpoint best or last";

fn unreadable(directory: &Path, name: &str, error: &burn::store::RecordError) -> RunError {
    RunError::Damaged { path: directory.join(name), reason: format!("cannot be read: {error}") }
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_we_give_are_ours_to_remove() {
        for name in ["epoch-0001", "epoch-12345", ".epoch-0001.partial"] {
            assert!(is_directory_name(name), "{name}");
        }
        for name in ["epoch-", "epoch-1", "epoch-0001-mine", "keep-me", ".DS_Store"] {
            assert!(!is_directory_name(name), "{name}");
        }
        assert_eq!(directory_name(7), "epoch-0007");
    }
}
