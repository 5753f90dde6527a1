//! Runs found on disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::recipe::Experiment;
use dlkit_files::staged::is_temporary;

use crate::run::{EpochRecord, Outcome, RunDirectory, RunError, RunInfo};

/// A run that was read.
#[derive(Clone, Debug)]
pub struct FoundRun {
    /// Its directory.
    pub path: PathBuf,
    /// Its recipe.
    pub experiment: Experiment,
    /// Its account.
    pub info: RunInfo,
    /// The figures of its epochs.
    pub records: Vec<EpochRecord>,
}

/// A run directory and what was read there.
#[derive(Debug)]
pub struct FoundDirectory {
    /// The path, by the name that led to it.
    pub path: PathBuf,
    /// Its run.
    pub run: Result<FoundRun, RunError>,
}

/// Folders of runs may be grouped in folders, but not deeper than this.
const DEEPEST: usize = 4;

/// Finds and reads runs: paths are run directories or directories that contain some.
///
/// # Errors
/// A path is not a run and contains none.
pub fn find_runs(paths: &[PathBuf]) -> Result<Vec<FoundDirectory>, RunError> {
    let directories = paths.iter().map(|path| run_directories(path));
    Ok(read_runs(directories.collect::<Result<Vec<_>, _>>()?.concat()))
}

/// The directories of runs that a path names: its own, or those it contains.
///
/// # Errors
/// The path is not a run and contains none.
pub fn run_directories(path: &Path) -> Result<Vec<PathBuf>, RunError> {
    let mut directories = Vec::new();
    search(path, 0, &mut directories);
    if directories.is_empty() {
        // Opening it says what is missing.
        RunDirectory::open(path)?;
    }
    Ok(directories)
}

/// Reads runs, sorted by path. A run reached by several paths is listed once, under the first. A run
/// that cannot be read yields its error and does not stop the others.
#[must_use]
pub fn read_runs(mut directories: Vec<PathBuf>) -> Vec<FoundDirectory> {
    let mut known = BTreeSet::new();
    directories.retain(|path| known.insert(fs::canonicalize(path).unwrap_or(path.clone())));
    directories.sort();
    let read = |path: PathBuf| FoundDirectory { run: FoundRun::read(&path), path };
    directories.into_iter().map(read).collect()
}

fn search(path: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if RunDirectory::open(path).is_ok() {
        return found.push(path.to_owned());
    }
    if depth == DEEPEST {
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        // Runs that are being made are none yet.
        let unfinished = is_temporary(&path);
        if path.is_dir() && !path.is_symlink() && !unfinished {
            search(&path, depth + 1, found);
        }
    }
}

impl FoundRun {
    fn read(path: &Path) -> Result<Self, RunError> {
        let run = RunDirectory::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            experiment: run.experiment()?,
            info: run.info()?,
            records: run.epochs()?,
        })
    }

    /// Whether the training is finished, so that its metrics can be compared.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self.info.outcome, Outcome::Finished | Outcome::StoppedEarly)
    }
}
