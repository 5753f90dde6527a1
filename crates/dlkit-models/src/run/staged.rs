//! New runs that appear whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::directory::RunDirectory;
use super::error::RunError;
use super::info::RunInfo;
use crate::recipe::Experiment;
use dlkit_files::staged::{directory_of, is_temporary, sync_directory, temporary};
use dlkit_files::unfinished::Unfinished;

/// A new run that is made under another name, beside its own; dropped unpublished, it is removed.
#[derive(Debug)]
pub struct StagedRun {
    directory: TempDir,
    run: RunDirectory,
    path: PathBuf,
    /// Removes the directory where a signal ends the process.
    #[expect(dead_code, reason = "held, never read")]
    unfinished: Unfinished,
}

impl StagedRun {
    /// Begins a run that will be at `path`.
    ///
    /// # Errors
    /// A path that exists (an empty directory is fine) or cannot be written.
    pub fn create(path: &Path, experiment: &Experiment, info: &RunInfo) -> Result<Self, RunError> {
        RunDirectory::check_new(path)?;
        // An empty directory may be where somebody works: it is filled, not replaced.
        let parent = if path.exists() { path } else { directory_of(path) };
        fs::create_dir_all(parent).map_err(RunError::io("create", parent))?;
        let (directory, unfinished) =
            Unfinished::make(|| temporary(0o777).tempdir_in(parent), TempDir::path)
                .map_err(RunError::io("create", path))?;
        let run = RunDirectory::begun(directory.path(), experiment, info)?;
        Ok(Self { directory, run, path: path.to_owned(), unfinished })
    }

    /// The run, under its temporary name.
    #[must_use]
    pub const fn run(&self) -> &RunDirectory {
        &self.run
    }

    /// Gives the run its name.
    ///
    /// # Errors
    /// The path exists by now; the system refuses.
    pub fn publish(self) -> Result<RunDirectory, RunError> {
        let path = &self.path;
        let from = self.directory.path();
        let moved = if path.exists() {
            RunDirectory::check_new(path)?;
            self.remove_remains()?;
            RunDirectory::entries_in_order(from).and_then(|entries| {
                entries.iter().try_for_each(|name| fs::rename(from.join(name), path.join(name)))
            })
        } else {
            fs::rename(from, path)
        };
        moved.and_then(|()| sync_directory(directory_of(path))).map_err(|error| {
            match error.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                    RunError::Exists(path.clone())
                }
                _ => RunError::io("create", path)(error),
            }
        })?;
        RunDirectory::open(path)
    }

    /// Removes what was left of a run whose creation was cut.
    fn remove_remains(&self) -> Result<(), RunError> {
        let entries = fs::read_dir(&self.path).map_err(RunError::io("read", &self.path))?;
        for entry in entries.flatten() {
            let remains = entry.path();
            // By name: paths may begin in different places.
            if Some(&*entry.file_name()) == self.directory.path().file_name()
                || is_temporary(&remains)
            {
                continue;
            }
            let removed = if remains.is_dir() {
                fs::remove_dir_all(&remains)
            } else {
                fs::remove_file(&remains)
            };
            removed.map_err(RunError::io("remove", &remains))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fixture::{experiment, info};

    fn staged(path: &Path) -> Result<StagedRun, RunError> {
        StagedRun::create(path, &experiment(1, ""), &info())
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_is_not_there_before_it_is_published() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run");
        let begun = staged(&path).unwrap();
        assert!(!path.exists());
        drop(begun);
        assert!(names(directory.path()).is_empty());
        let begun = staged(&path).unwrap();
        let run = begun.publish().unwrap();
        assert_eq!((run.path(), names(directory.path())), (&*path, vec!["run".to_owned()]));
        assert_eq!(names(&path), ["checkpoints", "config.toml", "run.json"]);
        assert_eq!(run.info().unwrap().parameters, 6);
        assert!(matches!(staged(&path), Err(RunError::Exists(_))));
    }

    #[test]
    fn an_empty_directory_is_filled() {
        let directory = tempfile::tempdir().unwrap();
        let run = staged(directory.path()).unwrap().publish().unwrap();
        assert_eq!(names(run.path()), ["checkpoints", "config.toml", "run.json"]);
    }

    #[test]
    fn the_second_of_two_runs_does_not_replace_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run");
        let (first, second) = (staged(&path).unwrap(), staged(&path).unwrap());
        first.publish().unwrap();
        assert!(matches!(second.publish(), Err(RunError::Exists(_))));
        assert_eq!(names(directory.path()), ["run"]);
    }

    #[test]
    fn what_was_left_of_a_cut_creation_makes_room() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run");
        fs::create_dir_all(path.join("checkpoints")).unwrap();
        fs::write(path.join(".lock"), "").unwrap();
        fs::write(path.join("config.toml"), "cut").unwrap();
        let run = staged(&path).unwrap().publish().unwrap();
        assert_ne!(fs::read_to_string(run.path().join("config.toml")).unwrap(), "cut");
        fs::write(path.join("mine"), "").unwrap();
        assert!(matches!(staged(&path), Err(RunError::Exists(_))));
    }
}
