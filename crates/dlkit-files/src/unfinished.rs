//! Removes files and directories that are being written when a signal ends the process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // The set stays whole, whatever panicked.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file or directory that is being written, until this is dropped.
#[derive(Debug)]
pub struct Unfinished(PathBuf);

impl Unfinished {
    /// Makes a file or directory and lists its path, both before [`remove_unfinished`] can run.
    ///
    /// # Errors
    /// The error of `make`.
    pub fn make<T>(
        make: impl FnOnce() -> io::Result<T>,
        path: impl FnOnce(&T) -> &Path,
    ) -> io::Result<(T, Self)> {
        let mut listed = unfinished();
        let written = make()?;
        let path = path(&written);
        // The process may change its directory.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        listed.insert(path.clone());
        Ok((written, Self(path)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().remove(&self.0);
    }
}

/// Another thread may still be writing into a directory that is being removed.
const ATTEMPTS: usize = 10;

/// Removes all files and directories that are being written, for a process that a signal is about
/// to end. From now on, no others can be made.
pub fn remove_unfinished() {
    let listed = unfinished();
    for path in listed.iter() {
        for _ in 0..ATTEMPTS {
            let removed =
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            if removed.is_ok() || !path.exists() {
                break;
            }
        }
    }
    // Stays locked.
    std::mem::forget(listed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_listed_until_it_is_done() {
        let path = Path::new("/nowhere/.writing-test");
        let ((), writing) = Unfinished::make(|| Ok(()), |()| path).unwrap();
        assert!(unfinished().contains(path));
        drop(writing);
        assert!(!unfinished().contains(path));
    }
}
