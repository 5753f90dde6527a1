//! Writing that leaves either the old file or the whole new one.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;

/// What the names of files that are being written start with.
pub(crate) const TEMPORARY: &str = ".writing-";

/// Writes a file through a temporary one in the same directory: written, synced, renamed.
///
/// # Errors
/// Whatever the system says; the target is then what it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = Builder::new().prefix(TEMPORARY).tempfile_in(directory)?;
    file.write_all(content)?;
    allow_reading(file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_directory(directory)
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
