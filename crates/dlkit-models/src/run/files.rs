//! Writing that leaves either the old file or the whole new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::unfinished::Unfinished;

/// What the names of files that are being written start with.
pub(crate) const TEMPORARY: &str = ".writing-";

/// Whether a name is that of something that is being written.
pub(crate) fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY))
}

/// A whole file that waits under another name in the directory of its own; dropped unpublished, it
/// is removed.
#[derive(Debug)]
pub struct StagedFile {
    file: NamedTempFile,
    path: PathBuf,
    /// Removes the file where a signal ends the process.
    #[expect(dead_code, reason = "held, never read")]
    unfinished: Unfinished,
}

impl StagedFile {
    /// Writes and syncs `content` beside `path`.
    ///
    /// # Errors
    /// Whatever the system says; nothing is left.
    pub fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        let (mut file, unfinished) = Unfinished::make(
            || temporary(0o666).tempfile_in(directory_of(path)),
            NamedTempFile::path,
        )?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(Self { file, path: path.to_owned(), unfinished })
    }

    /// Where the file lies until it is published.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// The name the file is to have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name, in place of what had it.
    ///
    /// # Errors
    /// Whatever the system says; the target is then what it was.
    pub fn publish(self) -> io::Result<PathBuf> {
        self.file.persist(&self.path).map_err(|error| error.error)?;
        sync_directory(directory_of(&self.path))?;
        Ok(self.path)
    }

    /// Gives the file its name, which nothing may have.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where something has it, also if that came
    /// about this moment; whatever the system says.
    pub fn publish_new(self) -> io::Result<PathBuf> {
        self.file.persist_noclobber(&self.path).map_err(|error| error.error)?;
        sync_directory(directory_of(&self.path))?;
        Ok(self.path)
    }
}

/// Writes a file so that there is the old one or the whole new one: staged, then renamed.
///
/// # Errors
/// Whatever the system says; the target is then what it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    StagedFile::write(path, content)?.publish().map(drop)
}

pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes renames inside a directory durable, where the system can.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Names for what is being written. Temporary files are private as a rule; results get the `mode`
/// that other new files have, less what the user's mask takes away.
pub(super) fn temporary(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_new_file_replaces_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        let staged = || StagedFile::write(&path, b"new").unwrap();
        let (first, second) = (staged(), staged());
        first.publish_new().unwrap();
        let error = second.publish_new().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        fs::write(&path, "old").unwrap();
        staged().publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    /// What the process's mask takes away is seen from a file made the plain way.
    #[cfg(unix)]
    #[test]
    fn files_have_the_permissions_of_other_new_files() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777
        };
        fs::write(directory.path().join("plain"), "").unwrap();
        write_atomically(&directory.path().join("ours"), b"").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
    }
}
