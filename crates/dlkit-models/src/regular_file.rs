//! Files read whole, in bounded memory.
//!
//! A path may name anything: a pipe that nobody writes to, a device that never ends, a file larger
//! than memory. Only regular files of a size that makes sense are read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Most bytes of a recipe.
pub const LARGEST_RECIPE: u64 = 1 << 20;
/// Most bytes of a table of figures, an account or a list.
pub const LARGEST_TABLE: u64 = 256 << 20;
/// Most bytes of a file of numbers.
pub const LARGEST_ARRAY: u64 = 1 << 30;
/// Most bytes of weights with the state of their optimiser: those of the largest network thrice.
pub(crate) const LARGEST_CHECKPOINT: u64 = 32 << 30;

/// Why a file was not read.
#[derive(Debug, Error)]
pub enum Unread {
    /// What the system says.
    #[error(transparent)]
    System(#[from] io::Error),
    /// A directory, a pipe, a device.
    #[error("it is no regular file")]
    NotRegular,
    /// More bytes than allowed.
    #[error("it is larger than {most} bytes, the most that is read")]
    TooLarge {
        /// Bytes allowed.
        most: u64,
    },
}

impl From<Unread> for io::Error {
    fn from(error: Unread) -> Self {
        match error {
            Unread::System(error) => error,
            Unread::NotRegular => Self::new(io::ErrorKind::InvalidInput, error.to_string()),
            Unread::TooLarge { .. } => Self::new(io::ErrorKind::FileTooLarge, error.to_string()),
        }
    }
}

/// Opens a regular file of at most `most` bytes.
///
/// # Errors
/// Anything else, and whatever the system says.
pub fn open_regular(path: &Path, most: u64) -> Result<File, Unread> {
    // Asked before opening: a pipe would be waited for.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(Unread::NotRegular);
    }
    if about.len() > most {
        return Err(Unread::TooLarge { most });
    }
    Ok(File::open(path)?)
}

/// The bytes of a regular file of at most `most` bytes.
///
/// # Errors
/// Anything else, and whatever the system says.
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let file = open_regular(path, most)?;
    let size = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // It may grow, and files of the system have no size.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(Unread::TooLarge { most }) } else { Ok(bytes) }
}

/// The text of a regular file of at most `most` bytes.
///
/// # Errors
/// Anything else, bytes that are not UTF-8, and whatever the system says.
pub fn read_regular_text(path: &Path, most: u64) -> Result<String, Unread> {
    String::from_utf8(read_regular(path, most)?).map_err(|_| {
        Unread::System(io::Error::new(io::ErrorKind::InvalidData, "it is no text (UTF-8)"))
    })
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
        assert_eq!(message, "it is larger than 4 bytes, the most that is read");
        std::fs::write(&path, [0xff]).unwrap();
        let message = read_regular_text(&path, 5).unwrap_err().to_string();
        assert_eq!(message, "it is no text (UTF-8)");
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
    fn devices_are_refused_and_what_has_no_size_is_cut() {
        let message = read_regular(Path::new("/dev/zero"), 5).unwrap_err().to_string();
        assert_eq!(message, "it is no regular file");
        // A regular file of the system whose size is said to be 0.
        let endless = Path::new("/proc/self/status");
        if endless.is_file() {
            assert!(matches!(read_regular(endless, 5), Err(Unread::TooLarge { most: 5 })));
        }
    }
}
