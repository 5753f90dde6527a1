//! Photos in memory, as far as they fit.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use dlkit_files::regular::read_regular;
use sha2::{Digest, Sha256};

use super::error::DataError;
use super::photos::{Photo, read_photo};

/// Most bytes of a photo's file.
const LARGEST_PHOTO: u64 = 1 << 30;
/// Most bytes of photos kept in memory; other photos are read anew each time.
const KEPT_BYTES: usize = 1 << 30;

/// Photos that are read on demand and kept in memory up to a limit.
#[derive(Debug)]
pub struct PhotoStore {
    files: Vec<PathBuf>,
    short_side: u32,
    smallest: [usize; 2],
    kept: Vec<OnceLock<Arc<Photo>>>,
    kept_bytes: AtomicUsize,
}

impl PhotoStore {
    /// A store of files. [`read_photo`] scales them to `short_side` and `smallest`.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, short_side: u32, smallest: [usize; 2]) -> Self {
        let kept = files.iter().map(|_| OnceLock::new()).collect();
        Self { files, short_side, smallest, kept, kept_bytes: AtomicUsize::new(0) }
    }

    /// The number of photos.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether the store is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// A photo.
    ///
    /// # Errors
    /// The index is too large; the file cannot be read.
    pub fn photo(&self, index: usize) -> Result<Arc<Photo>, DataError> {
        let (Some(file), Some(place)) = (self.files.get(index), self.kept.get(index)) else {
            let count = self.len();
            return Err(DataError::Unfit(format!("photo {index}: only {count} exist")));
        };
        if let Some(photo) = place.get() {
            return Ok(Arc::clone(photo));
        }
        let photo = Arc::new(read_photo(file, self.short_side, self.smallest)?);
        let bytes = photo.rgb.len();
        if self.kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= KEPT_BYTES {
            // Where another thread was first, its photo is the same.
            let _ = place.set(Arc::clone(&photo));
        }
        Ok(photo)
    }

    /// Adds the number of files and the SHA-256 of each, in order, to `hash`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn fingerprint(&self, hash: &mut Sha256) -> Result<(), DataError> {
        hash.update((self.len() as u64).to_le_bytes());
        for file in &self.files {
            let bytes = read_regular(file, LARGEST_PHOTO).map_err(DataError::unread(file))?;
            hash.update(Sha256::digest(&bytes));
        }
        Ok(())
    }
}
