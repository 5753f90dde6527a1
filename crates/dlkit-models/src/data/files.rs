//! Directories and files of data.

use std::path::Path;

use super::error::DataError;

/// Refuses a path that is not a directory.
pub(crate) fn require_directory(path: &Path) -> Result<(), DataError> {
    if path.is_dir() {
        return Ok(());
    }
    if path.exists() {
        return Err(DataError::content(path, "a file, not a directory"));
    }
    let advice = if path.ends_with("datasets/mnist") {
        "; scripts/fetch-mnist.sh downloads MNIST".to_owned()
    } else {
        String::new()
    };
    Err(DataError::Missing { path: path.to_owned(), advice })
}
