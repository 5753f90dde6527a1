//! Reads whole regular files in bounded memory.
//!
//! A path may name anything: a pipe that nobody writes to, a device that never ends, a file larger
//! than memory. Only regular files up to a given size are read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Most bytes of a recipe.
pub const LARGEST_RECIPE: u64 = 1 << 20;
/// Most bytes of a table, a report or a list.
pub const LARGEST_TABLE: u64 = 256 << 20;
/// Most bytes of a table of samples.
pub const LARGEST_SAMPLES: u64 = 1 << 30;
/// Most bytes of an array.
pub const LARGEST_ARRAY: u64 = 1 << 30;
/// Most bytes of a checkpoint: the weights of the largest network and two moments for each.
pub const LARGEST_CHECKPOINT: u64 = 32 << 30;

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub enum Unread {
    /// The system refuses.
    #[error(transparent)]
    System(#[from] io::Error),
    /// The path is that of a directory, a pipe or a device.
    #[error("not a regular file")]
    NotRegular,
    /// The file exceeds the size limit.
    #[error("larger than {most} bytes, the size limit")]
    TooLarge {
        /// Bytes allowed.
        most: u64,
    },
    /// The bytes are not UTF-8.
    #[error("not a text file (UTF-8)")]
    NotText,
}

impl From<Unread> for io::Error {
    fn from(error: Unread) -> Self {
        let kind = match error {
            Unread::System(error) => return error,
            Unread::NotRegular => io::ErrorKind::InvalidInput,
            Unread::TooLarge { .. } => io::ErrorKind::FileTooLarge,
            Unread::NotText => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error.to_string())
    }
}

/// Opens a regular file of at most `most` bytes.
///
/// # Errors
/// The file is not a regular one or is larger; the system refuses.
pub fn open_regular(path: &Path, most: u64) -> Result<File, Unread> {
    // Checked before opening: opening a pipe waits for its writer.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(Unread::NotRegular);
    }
    if about.len() > most {
        return Err(Unread::TooLarge { most });
    }
    Ok(File::open(path)?)
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// As [`open_regular`].
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let file = open_regular(path, most)?;
    let size = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // The file may grow meanwhile, and files such as those in /proc report a size of 0.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Unread::TooLarge { most }) } else { Ok(bytes) }
}

/// Reads a regular text file of at most `most` bytes.
///
/// # Errors
/// As [`open_regular`]; the bytes are not UTF-8.
pub fn read_regular_text(path: &Path, most: u64) -> Result<String, Unread> {
    String::from_utf8(read_regular(path, most)?).map_err(|_| Unread::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_size_allowed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_regular(&path, 5).unwrap(), b"12345");
        assert_eq!(read_regular_text(&path, 5).unwrap(), "12345");
        let message = read_regular(&path, 4).unwrap_err().to_string();
        assert!(message.contains("larger than 4 bytes"), "{message}");
        std::fs::write(&path, [0xff]).unwrap();
        let error = read_regular_text(&path, 5).unwrap_err();
        assert!(matches!(error, Unread::NotText));
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn directories_and_missing_files_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(read_regular(directory.path(), 5), Err(Unread::NotRegular)));
        let missing = read_regular(&directory.path().join("none"), 5).unwrap_err();
        assert_eq!(io::Error::from(missing).kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_refused_and_files_without_a_size_are_bounded() {
        assert!(matches!(read_regular(Path::new("/dev/zero"), 5), Err(Unread::NotRegular)));
        // The system reports this file as regular and of size 0.
        let endless = Path::new("/proc/self/status");
        if endless.is_file() {
            assert!(matches!(read_regular(endless, 5), Err(Unread::TooLarge { most: 5 })));
        }
    }
}
