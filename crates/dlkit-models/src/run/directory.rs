//! The directory of a run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use burn::store::ModuleRecord;

use super::checkpoint::{Checkpoint, directory_name, load_model};
use super::error::RunError;
use super::files::write_atomically;
use super::info::RunInfo;
use super::metrics::{EpochRecord, MetricFiles};
use crate::config::{Experiment, parse_experiment};

const CONFIG: &str = "config.toml";
const INFO: &str = "run.json";
const CHECKPOINTS: &str = "checkpoints";

/// A run directory: recipe, account, figures and checkpoints of one training.
///
/// ```text
/// config.toml     the recipe with every default filled in
/// run.json        commands, versions, times, outcome
/// metrics.jsonl   one line per epoch; the same as metrics.csv
/// checkpoints/    epoch-0003/: weights, optimiser, schedule, each with its hash
/// best, last      which checkpoint is which
/// ```
#[derive(Clone, Debug)]
pub struct RunDirectory {
    path: PathBuf,
    metrics: MetricFiles,
}

/// One of the two checkpoints a run keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one with the best monitored metric.
    Best,
    /// The one after the last finished epoch.
    Last,
}

impl Which {
    const fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Last => "last",
        }
    }
}

impl RunDirectory {
    /// Creates the directory of a new run.
    ///
    /// # Errors
    /// A path that exists (an empty directory is fine) or cannot be written.
    pub fn create(path: &Path, experiment: &Experiment, info: &RunInfo) -> Result<Self, RunError> {
        Self::check_new(path)?;
        let run = Self::at(path);
        let checkpoints = path.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints).map_err(RunError::io("create", &checkpoints))?;
        run.write_experiment(experiment)?;
        run.write_info(info)?;
        Ok(run)
    }

    /// Checks that a new run can have this path, before anything slow starts.
    ///
    /// # Errors
    /// A file, or a directory that is not empty.
    pub fn check_new(path: &Path) -> Result<(), RunError> {
        if !path.exists() {
            return Ok(());
        }
        let empty = path.is_dir()
            && fs::read_dir(path).map_err(RunError::io("read", path))?.next().is_none();
        if empty { Ok(()) } else { Err(RunError::Exists(path.to_owned())) }
    }

    /// Opens the directory of an existing run.
    ///
    /// # Errors
    /// A path without the files of a run.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let not_a_run =
            |reason: &str| RunError::NotARun { path: path.to_owned(), reason: reason.to_owned() };
        if !path.exists() {
            return Err(not_a_run("it is not there"));
        }
        for file in [CONFIG, INFO] {
            if !path.join(file).is_file() {
                return Err(not_a_run(&format!("it has no {file}")));
            }
        }
        Ok(Self::at(path))
    }

    fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), metrics: MetricFiles::new(path) }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps other processes from training in it until the returned file is dropped.
    ///
    /// # Errors
    /// Another process holds it.
    pub fn lock(&self) -> Result<File, RunError> {
        let path = self.path.join(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(RunError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(RunError::Busy(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(RunError::io("lock", &path)(source)),
        }
    }

    /// The recipe.
    ///
    /// # Errors
    /// A recipe that was damaged since.
    pub fn experiment(&self) -> Result<Experiment, RunError> {
        let path = self.path.join(CONFIG);
        let text = fs::read_to_string(&path).map_err(RunError::io("read", &path))?;
        Ok(parse_experiment(&text, &path.display().to_string(), &[])?)
    }

    /// Replaces the recipe.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_experiment(&self, experiment: &Experiment) -> Result<(), RunError> {
        let path = self.path.join(CONFIG);
        write_atomically(&path, experiment.to_toml().as_bytes())
            .map_err(RunError::io("write", &path))
    }

    /// The account of the run.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn info(&self) -> Result<RunInfo, RunError> {
        let path = self.path.join(INFO);
        let text = fs::read(&path).map_err(RunError::io("read", &path))?;
        serde_json::from_slice(&text)
            .map_err(|error| RunError::Damaged { path, reason: format!("is damaged: {error}") })
    }

    /// Replaces the account of the run.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_info(&self, info: &RunInfo) -> Result<(), RunError> {
        let path = self.path.join(INFO);
        serde_json::to_vec_pretty(info)
            .map_err(std::io::Error::from)
            .and_then(|text| write_atomically(&path, &text))
            .map_err(RunError::io("write", &path))
    }

    /// The figures of the finished epochs.
    ///
    /// # Errors
    /// Reading fails.
    pub fn epochs(&self) -> Result<Vec<EpochRecord>, RunError> {
        self.metrics.read()
    }

    /// Adds the figures of an epoch.
    pub(crate) fn append(&self, record: &EpochRecord) -> Result<(), RunError> {
        self.metrics.append(record)
    }

    /// Forgets the figures of epochs that will be trained again.
    pub(crate) fn truncate(&self, epoch: usize) -> Result<(), RunError> {
        self.metrics.truncate(epoch)
    }

    /// Writes a checkpoint, makes it the last one and, if it is, the best one; then removes those
    /// that are neither.
    pub(crate) fn save_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), RunError> {
        let epoch = checkpoint.state.epoch;
        let best = checkpoint.state.best;
        let checkpoints = self.path.join(CHECKPOINTS);
        checkpoint.save(&checkpoints)?;
        self.point(Which::Last, epoch)?;
        if best.is_some_and(|best| best.epoch == epoch) {
            self.point(Which::Best, epoch)?;
        }
        let kept = [Some(epoch), best.map(|best| best.epoch)];
        let kept: Vec<String> = kept.into_iter().flatten().map(directory_name).collect();
        let entries = fs::read_dir(&checkpoints).map_err(RunError::io("read", &checkpoints))?;
        for entry in entries {
            let path = entry.map_err(RunError::io("read", &checkpoints))?.path();
            let keep = path.file_name().is_some_and(|name| kept.iter().any(|kept| name == &**kept));
            if !keep {
                fs::remove_dir_all(&path).map_err(RunError::io("remove", &path))?;
            }
        }
        Ok(())
    }

    fn point(&self, which: Which, epoch: usize) -> Result<(), RunError> {
        let path = self.path.join(which.name());
        let target = format!("{CHECKPOINTS}/{}\n", directory_name(epoch));
        write_atomically(&path, target.as_bytes()).map_err(RunError::io("write", &path))
    }

    /// The directory of a checkpoint, if the run has come so far.
    ///
    /// # Errors
    /// Reading fails.
    pub fn checkpoint_path(&self, which: Which) -> Result<Option<PathBuf>, RunError> {
        let path = self.path.join(which.name());
        if !path.exists() {
            return Ok(None);
        }
        let target = fs::read_to_string(&path).map_err(RunError::io("read", &path))?;
        let target = self.path.join(target.trim());
        if target.is_dir() {
            return Ok(Some(target));
        }
        Err(RunError::Damaged {
            path,
            reason: format!("names {}, which is not there", target.display()),
        })
    }

    /// The state after the last finished epoch, if there is one.
    pub(crate) fn last_checkpoint(&self) -> Result<Option<Checkpoint>, RunError> {
        self.checkpoint_path(Which::Last)?.map(|path| Checkpoint::load(&path)).transpose()
    }

    /// The weights of a checkpoint and where they came from.
    ///
    /// # Errors
    /// No checkpoint yet, or a damaged one.
    pub fn weights(&self, which: Which) -> Result<(PathBuf, ModuleRecord), RunError> {
        let path = self.checkpoint_path(which)?.ok_or_else(|| RunError::NoCheckpoint {
            path: self.path.clone(),
            which: which.name(),
        })?;
        let record = load_model(&path)?;
        Ok((path, record))
    }
}
