//! Writing that leaves either the old file or the whole new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// What the names of files that are being written start with.
pub(crate) const TEMPORARY: &str = ".writing-";

/// A whole file that waits under another name in the directory of its own; dropped unpublished, it
/// is removed.
#[derive(Debug)]
pub struct StagedFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl StagedFile {
    /// Writes and syncs `content` beside `path`.
    ///
    /// # Errors
    /// Whatever the system says; nothing is left.
    pub fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        let mut file = Builder::new().prefix(TEMPORARY).tempfile_in(directory_of(path))?;
        file.write_all(content)?;
        allow_reading(file.as_file())?;
        file.as_file().sync_all()?;
        Ok(Self { file, path: path.to_owned() })
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
}

/// Writes a file so that there is the old one or the whole new one: staged, then renamed.
///
/// # Errors
/// Whatever the system says; the target is then what it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    StagedFile::write(path, content)?.publish().map(drop)
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes renames inside a directory durable, where the system can.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Temporary files are private; results are meant to be read.
fn allow_reading(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}
