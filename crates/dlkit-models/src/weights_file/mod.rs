//! Weights in files other programs read: `.safetensors` and NumPy's `.npz`.
//!
//! Names and shapes are those of [`Network::weights`](crate::network::Network::weights). Note that
//! the weights of a dense layer are `[inputs, units]`, which PyTorch has the other way round.

mod error;
mod npz;
mod safetensors;

use std::path::Path;

use burn::tensor::TensorData;

pub use error::WeightsFileError;

use crate::run::write_atomically;

/// The kinds of files, by the ending of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsFormat {
    /// Hugging Face's format.
    Safetensors,
    /// NumPy's archive of arrays.
    Npz,
}

/// Most bytes of a file, packed or not: beyond any network a recipe can describe in memory.
const LARGEST_FILE: u64 = 1 << 33;

impl WeightsFormat {
    /// The format of a file.
    ///
    /// # Errors
    /// A name that ends in neither `.safetensors` nor `.npz`.
    pub fn of(path: &Path) -> Result<Self, WeightsFileError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("safetensors") => Ok(Self::Safetensors),
            Some("npz") => Ok(Self::Npz),
            _ => Err(WeightsFileError::Ending(path.to_owned())),
        }
    }
}

/// Writes named weights in single precision, all or nothing.
///
/// # Errors
/// A name with another ending; whatever the system says.
pub fn write_weights(
    path: &Path,
    weights: &[(String, TensorData)],
) -> Result<(), WeightsFileError> {
    let packed = match WeightsFormat::of(path)? {
        WeightsFormat::Safetensors => safetensors::pack(weights),
        WeightsFormat::Npz => npz::pack(weights),
    };
    let bytes =
        packed.map_err(|reason| WeightsFileError::Pack { path: path.to_owned(), reason })?;
    write_atomically(path, &bytes)
        .map_err(|source| WeightsFileError::Write { path: path.to_owned(), source })
}

/// Reads named weights as single precision, sorted by name.
///
/// # Errors
/// A file that cannot be read or is not what its ending says; values that are no finite numbers.
pub fn read_weights(path: &Path) -> Result<Vec<(String, TensorData)>, WeightsFileError> {
    let format = WeightsFormat::of(path)?;
    let unreadable = |source| WeightsFileError::Read { path: path.to_owned(), source };
    let damaged = |reason| WeightsFileError::Content { path: path.to_owned(), reason };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST_FILE {
        return Err(damaged(format!("has {size} bytes; at most {LARGEST_FILE} are read")));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let mut weights = match format {
        WeightsFormat::Safetensors => safetensors::unpack(&bytes),
        WeightsFormat::Npz => npz::unpack(&bytes),
    }
    .map_err(damaged)?;
    let undefined = |data: &TensorData| data.iter::<f32>().any(|value| !value.is_finite());
    if let Some((name, _)) = weights.iter().find(|(_, data)| undefined(data)) {
        return Err(damaged(format!("holds infinite or undefined values in `{name}`")));
    }
    weights.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Vec<(String, TensorData)> {
        vec![
            ("dense1.bias".to_owned(), TensorData::from([0.5_f32, -1.0, f32::MIN_POSITIVE])),
            ("dense1.weight".to_owned(), TensorData::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]])),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.safetensors", "a.npz"] {
            let path = directory.path().join(name);
            write_weights(&path, &weights()).unwrap();
            assert_eq!(read_weights(&path).unwrap(), weights(), "{name}");
            let again = std::fs::read(&path).unwrap();
            write_weights(&path, &weights()).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), again, "{name} differs from run to run");
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.safetensors", "a.npz"] {
            let path = directory.path().join(name);
            write_weights(&path, &weights()).unwrap();
            let whole = std::fs::read(&path).unwrap();
            for length in 0..whole.len() {
                std::fs::write(&path, &whole[..length]).unwrap();
                assert!(read_weights(&path).is_err(), "{name} cut to {length}");
            }
            for index in 0..whole.len() {
                let mut changed = whole.clone();
                changed[index] ^= 0x41;
                std::fs::write(&path, &changed).unwrap();
                // Any answer will do, but an answer.
                let _ = read_weights(&path);
            }
        }
        let message = read_weights(&directory.path().join("a.pt")).unwrap_err().to_string();
        assert!(message.ends_with("a.pt: the name must end in .safetensors or .npz"), "{message}");
    }
}
