//! The directory of a run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::store::ModuleRecord;

use super::checkpoint::{directory_name, epoch_of_directory, load_model, load_state};
use super::error::RunError;
use super::info::RunInfo;
use super::metrics::{CSV, JSON_LINES, MetricFiles};
use crate::recipe::{Experiment, parse_experiment};
use crate::training::{Best, EpochRecord};
use dlkit_files::regular::{LARGEST_RECIPE, LARGEST_TABLE, read_regular, read_regular_text};
use dlkit_files::staged::{TEMPORARY, write_atomically};

const CONFIG: &str = "config.toml";
const INFO: &str = "run.json";
pub(super) const CHECKPOINTS: &str = "checkpoints";
pub(super) const WEIGHTS: &str = "weights";
pub(super) const DIVERGED: &str = "diverged.json";
const LOCK: &str = ".lock";
/// What a run consists of.
const KEPT: [&str; 13] = [
    CONFIG,
    INFO,
    CHECKPOINTS,
    DIVERGED,
    LOCK,
    JSON_LINES,
    CSV,
    Which::Best.name(),
    Which::Last.name(),
    WEIGHTS,
    RunDirectory::PLOTS,
    RunDirectory::REPORT,
    RunDirectory::EVALUATION,
];
/// Most bytes of a file with a path.
const LARGEST_NAME: u64 = 1 << 16;

/// A run directory: recipe, account, figures and checkpoints of one training.
///
/// ```text
/// config.toml     the recipe with every default filled in
/// run.json        commands, versions, times, outcome
/// metrics.jsonl   one line per epoch; the same as metrics.csv
/// checkpoints/    epoch-0003/: weights, optimizer, schedule, each with its hash
/// best, last      which checkpoint is which
/// weights/        epoch-0003.safetensors: the weights after epochs, if the recipe keeps them
/// diverged.json   figures of the epoch in which the training diverged, if it did
/// plots/          drawings of the training; with everything else on one page, report.html
/// evaluation/     figures of the best checkpoint on the run's own data
/// ```
#[derive(Clone, Debug)]
pub struct RunDirectory {
    path: PathBuf,
    pub(super) metrics: MetricFiles,
    /// Held while training, so that no other process trains in the directory.
    #[expect(dead_code, reason = "held, never read")]
    lock: Option<Arc<File>>,
}

/// How far a run has come, by its last checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Epochs finished.
    pub epochs: usize,
    /// The best epoch by the monitored metric.
    pub best: Option<Best>,
    /// Whether early stopping ended the training.
    pub stopped_early: bool,
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
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Last => "last",
        }
    }
}

impl RunDirectory {
    /// The directory of its drawings.
    pub const PLOTS: &str = "plots";
    /// The page that shows everything.
    pub const REPORT: &str = "report.html";
    /// The directory of the figures on its own data.
    pub const EVALUATION: &str = "evaluation";

    /// Creates the directory of a new run and locks it.
    ///
    /// # Errors
    /// A path that exists (an empty directory is fine) or cannot be written.
    pub fn create(path: &Path, experiment: &Experiment, info: &RunInfo) -> Result<Self, RunError> {
        let recipe = recipe_text(experiment)?;
        Self::check_new(path)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(RunError::io("create", parent))?;
        }
        match fs::create_dir(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            result => result.map_err(RunError::io("create", path))?,
        }
        // Whoever holds the lock of a directory without a run owns it.
        let run = Self::at(path).locked()?;
        if path.join(INFO).exists() {
            return Err(RunError::Exists(path.to_owned()));
        }
        run.fill(&recipe, info).inspect_err(|_| {
            // A run that could not begin leaves nothing behind.
            let _ = fs::remove_dir_all(path);
        })?;
        Ok(run)
    }

    /// A new run in a directory that nobody else knows.
    pub(super) fn begun(
        path: &Path,
        experiment: &Experiment,
        info: &RunInfo,
    ) -> Result<Self, RunError> {
        let run = Self::at(path);
        run.fill(&recipe_text(experiment)?, info)?;
        Ok(run)
    }

    /// The entries of a run; the one that makes it a run comes last.
    pub(super) fn entries_in_order(path: &Path) -> std::io::Result<Vec<std::ffi::OsString>> {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name()));
        let mut names = entries.collect::<std::io::Result<Vec<_>>>()?;
        names.sort_by_key(|name| name == INFO);
        Ok(names)
    }

    fn fill(&self, recipe: &str, info: &RunInfo) -> Result<(), RunError> {
        let checkpoints = self.path.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints).map_err(RunError::io("create", &checkpoints))?;
        self.write(CONFIG, recipe.as_bytes())?;
        self.write_info(info)
    }

    /// Checks that a new run can have this path, before anything slow starts.
    ///
    /// # Errors
    /// A file, or a directory that is not empty; what was left of a run whose making was cut is fine.
    pub fn check_new(path: &Path) -> Result<(), RunError> {
        if !path.exists() {
            return Ok(());
        }
        let free = path.is_dir() && {
            let entries = fs::read_dir(path).map_err(RunError::io("read", path))?;
            let names = entries.flatten().map(|entry| entry.file_name());
            let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
            names.retain(|name| !name.starts_with(TEMPORARY));
            let cut = names.iter().any(|name| name == LOCK)
                && names.iter().all(|name| [LOCK, CHECKPOINTS, CONFIG].contains(&name.as_str()));
            names.is_empty() || cut
        };
        if free { Ok(()) } else { Err(RunError::Exists(path.to_owned())) }
    }

    /// The run that a file belongs to, if it is one of those that runs consist of.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        path.ancestors().skip(1).find_map(|directory| {
            let first = path.strip_prefix(directory).ok()?.components().next()?;
            let is_kept = KEPT.iter().any(|name| first.as_os_str() == *name);
            Self::open(directory).ok().filter(|_| is_kept)
        })
    }

    /// Opens the directory of an existing run.
    ///
    /// # Errors
    /// A path without the files of a run.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let not_a_run =
            |reason: &str| RunError::NotARun { path: path.to_owned(), reason: reason.to_owned() };
        if !path.exists() {
            return Err(not_a_run("no such directory"));
        }
        if path.is_file() {
            return Err(not_a_run("a file, not a run directory"));
        }
        for file in [CONFIG, INFO] {
            if !path.join(file).is_file() {
                return Err(not_a_run(&format!("not a run directory: it contains no {file}")));
            }
        }
        Ok(Self::at(path))
    }

    /// Opens the directory of an existing run and locks it, to train on.
    ///
    /// # Errors
    /// A path without the files of a run; another process that trains in it.
    pub fn open_locked(path: &Path) -> Result<Self, RunError> {
        let run = Self::open(path)?.locked()?;
        // What a killed process was writing; nobody else writes while we hold the lock.
        let entries = fs::read_dir(path).map_err(RunError::io("read", path))?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(run)
    }

    fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), metrics: MetricFiles::new(path), lock: None }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn locked(self) -> Result<Self, RunError> {
        let path = self.path.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(RunError::io("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { lock: Some(Arc::new(file)), ..self }),
            Err(TryLockError::WouldBlock) => Err(RunError::Busy(self.path)),
            Err(TryLockError::Error(source)) => Err(RunError::io("lock", &path)(source)),
        }
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), RunError> {
        let path = self.path.join(name);
        write_atomically(&path, content).map_err(RunError::io("write", &path))
    }

    /// The recipe.
    ///
    /// # Errors
    /// A recipe that was damaged since.
    pub fn experiment(&self) -> Result<Experiment, RunError> {
        let path = self.path.join(CONFIG);
        let text = read_regular_text(&path, LARGEST_RECIPE).map_err(RunError::unread(&path))?;
        Ok(parse_experiment(&text, &path.display().to_string(), &[])?)
    }

    /// Replaces the recipe.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_experiment(&self, experiment: &Experiment) -> Result<(), RunError> {
        self.write(CONFIG, recipe_text(experiment)?.as_bytes())
    }

    /// The account of the run.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn info(&self) -> Result<RunInfo, RunError> {
        let path = self.path.join(INFO);
        let text = read_regular(&path, LARGEST_TABLE).map_err(RunError::unread(&path))?;
        serde_json::from_slice(&text)
            .map_err(|error| RunError::Damaged { path, reason: format!("damaged: {error}") })
    }

    /// Replaces the account of the run.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write_info(&self, info: &RunInfo) -> Result<(), RunError> {
        let text = serde_json::to_vec_pretty(info)
            .map_err(|error| RunError::io("write", self.path.join(INFO))(error.into()))?;
        self.write(INFO, &text)
    }

    /// The figures of the finished epochs.
    ///
    /// # Errors
    /// Reading fails.
    pub fn epochs(&self) -> Result<Vec<EpochRecord>, RunError> {
        self.metrics.read()
    }

    /// The figures of the epoch in which the training diverged, if it did.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn diverged(&self) -> Result<Option<EpochRecord>, RunError> {
        let path = self.path.join(DIVERGED);
        if !path.exists() {
            return Ok(None);
        }
        let text = read_regular(&path, LARGEST_TABLE).map_err(RunError::unread(&path))?;
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| RunError::Damaged { path, reason: format!("damaged: {error}") })
    }

    /// How far the run has come; what counts is the last checkpoint, not what was written about it.
    ///
    /// # Errors
    /// A last checkpoint that is damaged.
    pub fn progress(&self) -> Result<Progress, RunError> {
        let Some(last) = self.newest()? else { return Ok(Progress::default()) };
        let state = load_state(&last)?;
        Ok(Progress { epochs: state.epoch, best: state.best, stopped_early: state.stopped_early })
    }

    /// The directory of a checkpoint, if the run has come so far.
    ///
    /// # Errors
    /// Reading fails.
    pub fn checkpoint_path(&self, which: Which) -> Result<Option<PathBuf>, RunError> {
        if which == Which::Last {
            return self.newest();
        }
        match self.progress() {
            Ok(Progress { best: Some(best), .. }) => Ok(Some(self.checkpoint(best.epoch))),
            Ok(_) => self.newest(),
            // The last checkpoint knows the best; where it is damaged, the file `best` does.
            Err(damaged) => {
                let text = read_regular_text(&self.path.join(Which::Best.name()), LARGEST_NAME);
                let path = text.map(|text| self.path.join(text.trim()));
                path.ok().filter(|path| path.is_dir()).map(Some).ok_or(damaged)
            }
        }
    }

    fn checkpoint(&self, epoch: usize) -> PathBuf {
        self.path.join(CHECKPOINTS).join(directory_name(epoch))
    }

    /// The checkpoint of the latest epoch. Checkpoints appear complete, so this is the last one
    /// even after a crash before later writes.
    pub(super) fn newest(&self) -> Result<Option<PathBuf>, RunError> {
        let checkpoints = self.path.join(CHECKPOINTS);
        if !checkpoints.exists() {
            return Ok(None);
        }
        let entries = fs::read_dir(&checkpoints).map_err(RunError::io("read", &checkpoints))?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let epochs = names.filter_map(|name| epoch_of_directory(&name));
        Ok(epochs.max().map(|epoch| self.checkpoint(epoch)))
    }

    /// The weights of a checkpoint, with its directory.
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

fn recipe_text(experiment: &Experiment) -> Result<String, RunError> {
    experiment.to_toml().map_err(|error| RunError::Recipe(error.to_string()))
}

#[cfg(test)]
mod tests;
