//! Writes files whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::unfinished::Unfinished;

/// The prefix of the names of files that are being written.
pub const TEMPORARY: &str = ".writing-";

/// Whether a path has the name of a file that is being written.
#[must_use]
pub fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY))
}

/// A finished file under a temporary name beside its final place. Dropping it before it is
/// published removes it.
#[derive(Debug)]
pub struct StagedFile {
    file: NamedTempFile,
    path: PathBuf,
    /// Removes the file when a signal ends the process.
    #[expect(dead_code, reason = "held, never read")]
    unfinished: Unfinished,
}

impl StagedFile {
    /// Writes and syncs `content` beside `path`.
    ///
    /// # Errors
    /// The system refuses; nothing is left behind.
    pub fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        let (mut file, unfinished) = Unfinished::make(
            || temporary(0o666).tempfile_in(directory_of(path)),
            NamedTempFile::path,
        )?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(Self { file, path: path.to_owned(), unfinished })
    }

    /// The temporary path, until the file is published.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// The final path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its final name, and overwrites an existing file.
    ///
    /// # Errors
    /// The system refuses; the target is then unchanged.
    pub fn publish(self) -> io::Result<PathBuf> {
        self.file.persist(&self.path).map_err(|error| error.error)?;
        sync_directory(directory_of(&self.path))?;
        Ok(self.path)
    }

    /// Gives the file its final name, which must be free.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if the name is taken, even if only since a
    /// check; the system refuses.
    pub fn publish_new(self) -> io::Result<PathBuf> {
        self.file.persist_noclobber(&self.path).map_err(|error| error.error)?;
        sync_directory(directory_of(&self.path))?;
        Ok(self.path)
    }
}

/// Writes a file in one step: at any time, either the old file or the whole new file exists.
///
/// # Errors
/// The system refuses; the target is then unchanged.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    StagedFile::write(path, content)?.publish().map(drop)
}

/// The directory that a path lies in; `.` for a bare name.
#[must_use]
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes renames inside a directory durable, if the system can.
///
/// # Errors
/// The system refuses.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// A builder of temporary files and directories. Like other new files, they have the permissions
/// `mode` minus the user's mask; temporary files would be private otherwise.
#[must_use]
pub fn temporary(mode: u32) -> Builder<'static, 'static> {
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
    fn a_new_file_overwrites_nothing() {
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

    /// A file made the plain way shows the process's mask.
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
