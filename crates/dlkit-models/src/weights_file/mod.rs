//! Weights in files other programs read: `.safetensors` and NumPy's `.npz`.
//!
//! Names and shapes are those of [`Network::weights`](crate::network::Network::weights). Note that
//! the weights of a dense layer are `[inputs, units]`, which PyTorch has the other way round.

mod error;
mod expected;
mod npz;
mod safetensors;

use std::path::Path;

use burn::tensor::TensorData;

pub use error::WeightsFileError;

use expected::Expected;

use crate::network::{Network, WeightsError};
use dlkit_files::StagedFile;
use dlkit_files::regular::{Unread, read_regular};

/// The kinds of files, by the ending of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsFormat {
    /// Hugging Face's format.
    Safetensors,
    /// NumPy's archive of arrays.
    Npz,
}

/// Why a file is not what its name promises.
enum Refusal {
    Content(String),
    Unknown(WeightsError),
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Content(reason)
    }
}

impl From<WeightsError> for Refusal {
    fn from(error: WeightsError) -> Self {
        Self::Unknown(error)
    }
}

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

/// Writes named weights in single precision, to be given the name `path`.
///
/// # Errors
/// The name has another ending; the system refuses.
pub fn stage_weights(
    path: &Path,
    weights: &[(String, TensorData)],
) -> Result<StagedFile, WeightsFileError> {
    let packed = match WeightsFormat::of(path)? {
        WeightsFormat::Safetensors => safetensors::pack(weights),
        WeightsFormat::Npz => npz::pack(weights),
    };
    let bytes =
        packed.map_err(|reason| WeightsFileError::Pack { path: path.to_owned(), reason })?;
    StagedFile::write(path, &bytes)
        .map_err(|source| WeightsFileError::Write { path: path.to_owned(), source })
}

/// Reads the named weights of a network as single precision, sorted by name. Names the network does
/// not have, and more than its weights can take, are refused before they are unpacked; shapes and
/// completeness are for [`Network::with_weights`].
///
/// # Errors
/// The file cannot be read or does not match its ending; a name is not in the network; a value is
/// not finite, or a running variance is negative.
pub fn read_weights(
    path: &Path,
    network: &Network,
) -> Result<Vec<(String, TensorData)>, WeightsFileError> {
    read_expected(path, &Expected::of(network))
}

fn read_expected(
    path: &Path,
    expected: &Expected,
) -> Result<Vec<(String, TensorData)>, WeightsFileError> {
    let format = WeightsFormat::of(path)?;
    let damaged = |reason| WeightsFileError::Content { path: path.to_owned(), reason };
    let bytes = read_bytes(path, expected)?;
    let mut weights = match format {
        WeightsFormat::Safetensors => safetensors::unpack(&bytes, expected),
        WeightsFormat::Npz => npz::unpack(&bytes, expected),
    }
    .map_err(|refusal| match refusal {
        Refusal::Content(reason) => damaged(reason),
        Refusal::Unknown(source) => WeightsFileError::Unknown { path: path.to_owned(), source },
    })?;
    let undefined = |data: &TensorData| data.iter::<f32>().any(|value| !value.is_finite());
    if let Some((name, _)) = weights.iter().find(|(_, data)| undefined(data)) {
        return Err(damaged(format!("`{name}` contains infinite or undefined values")));
    }
    let negative = |data: &TensorData| data.iter::<f32>().any(|value| value < 0.0);
    let variances = |(name, _): &&(String, TensorData)| name.ends_with(".running_variance");
    if let Some((name, _)) = weights.iter().filter(variances).find(|(_, data)| negative(data)) {
        return Err(damaged(format!(
            "`{name}` contains negative values; a variance must be 0 or more"
        )));
    }
    weights.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(weights)
}

/// Reads a file of at most the expected size.
fn read_bytes(path: &Path, expected: &Expected) -> Result<Vec<u8>, WeightsFileError> {
    let path_of = || path.to_owned();
    read_regular(path, expected.bytes()).map_err(|error| match error {
        Unread::NotRegular => {
            let reason = "not a regular file; save the weights in one".to_owned();
            WeightsFileError::Content { path: path_of(), reason }
        }
        Unread::TooLarge { most } => {
            let reason = format!(
                "larger than {most} bytes, the most that this network's weights need; save only \
                 these weights, as float32"
            );
            WeightsFileError::Content { path: path_of(), reason }
        }
        other => WeightsFileError::Read { path: path_of(), source: other.into() },
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write_weights(path: &Path, weights: &[(String, TensorData)]) {
        stage_weights(path, weights).unwrap().publish().unwrap();
    }

    /// As for a network of [`weights`].
    fn read(path: &Path) -> Result<Vec<(String, TensorData)>, WeightsFileError> {
        read_expected(path, &Expected::new(&weights()))
    }

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
            write_weights(&path, &weights());
            assert_eq!(read(&path).unwrap(), weights(), "{name}");
            let again = std::fs::read(&path).unwrap();
            write_weights(&path, &weights());
            assert_eq!(std::fs::read(&path).unwrap(), again, "{name} differs from run to run");
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.safetensors", "a.npz"] {
            let path = directory.path().join(name);
            write_weights(&path, &weights());
            let whole = std::fs::read(&path).unwrap();
            for length in 0..whole.len() {
                std::fs::write(&path, &whole[..length]).unwrap();
                assert!(read(&path).is_err(), "{name} cut to {length}");
            }
            for index in 0..whole.len() {
                let mut changed = whole.clone();
                changed[index] ^= 0x41;
                std::fs::write(&path, &changed).unwrap();
                // Any answer will do, but an answer.
                let _ = read(&path);
            }
        }
        let message = read(&directory.path().join("a.pt")).unwrap_err().to_string();
        assert!(message.ends_with("a.pt: the name must end in .safetensors or .npz"), "{message}");
    }

    #[test]
    fn other_weights_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.safetensors", "a.npz"] {
            let path = directory.path().join(name);
            let refused = |weights: &[(String, TensorData)]| {
                write_weights(&path, weights);
                read(&path).unwrap_err().to_string()
            };
            let mut more = weights();
            more.push(("dense2.bias".to_owned(), TensorData::from([0.0_f32])));
            let expected = format!(
                "{}: weight `dense2.bias`: not in the network, which has dense1.bias, \
                 dense1.weight",
                path.display()
            );
            assert_eq!(refused(&more), expected);
            let huge = vec![("dense1.bias".to_owned(), TensorData::zeros::<f32, _>([300_000]))];
            let message = refused(&huge);
            assert!(message.contains("larger than 1050696 bytes"), "{message}");
        }
    }

    #[test]
    fn values_no_network_can_have_are_refused_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let refused = |name: &str, value: f32| {
            let weights = vec![(name.to_owned(), TensorData::from([1.0_f32, value]))];
            let path = directory.path().join("a.safetensors");
            write_weights(&path, &weights);
            read_expected(&path, &Expected::new(&weights))
                .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
        };
        let variance = "dense1.batch_norm.running_variance";
        for (name, value, expected) in [
            ("dense1.bias", f32::NAN, "`dense1.bias` contains infinite or undefined values"),
            (
                "dense1.bias",
                f32::NEG_INFINITY,
                "`dense1.bias` contains infinite or undefined values",
            ),
            (
                variance,
                -0.5,
                "`dense1.batch_norm.running_variance` contains negative values; a variance must \
                 be 0 or more",
            ),
        ] {
            assert_eq!(refused(name, value).unwrap_err(), format!("FILE: {expected}"));
        }
        assert!(refused(variance, 0.0).is_ok() && refused("dense1.bias", -0.5).is_ok());
    }

    #[test]
    fn entries_are_named_in_errors() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.npz");
        let bytes = npz::archive_of(&[("dense1.bias.npy", b"PNG")]);
        fs::write(&path, bytes).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.ends_with("a.npz: dense1.bias.npy: not a .npy file"), "{message}");
    }

    /// 64 MiB of zeros, packed into 64 KiB.
    #[test]
    fn what_unpacks_to_more_than_the_network_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.npz");
        let bytes = npz::archive_of(&[("dense1.bias.npy", &vec![0; 1 << 26])]);
        assert!(bytes.len() < 1 << 18, "{}", bytes.len());
        fs::write(&path, bytes).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("it unpacks to more than 1050696 bytes"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_directories_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.npz");
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("a.npz: not a regular file"), "{message}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("a.npz: not a regular file"), "{message}");
    }
}
