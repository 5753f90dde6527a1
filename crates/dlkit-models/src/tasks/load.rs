//! Trained networks and their input, loaded without the data a network was trained on.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::{Device, Tensor, TensorData};

use super::classification::{PictureInput, PixelTable};
use crate::config::Experiment;
use crate::data::{DataError, read_picture};
use crate::network::{Network, Shape, WeightsError};
use crate::npy::read_npy;
use crate::regular_file::{LARGEST_ARRAY, read_regular};
use crate::run::{RunDirectory, RunError, Which};
use crate::training::Held;

/// Loads the network of a run directory, whose recipe `experiment` is; needs no data.
///
/// # Errors
/// A run directory without an intact checkpoint.
pub fn load_network(
    experiment: &Experiment,
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Network, RunError> {
    let (path, record): (_, ModuleRecord) = run.weights(which)?;
    let network = Network::new(experiment.network(), experiment.config().seed, device);
    Held { network }
        .try_load_record(record)
        .map(|held| held.network)
        .map_err(|error| RunError::OtherNetwork { path, reason: error.to_string() })
}

/// The network of an experiment with weights from elsewhere, as
/// [`Network::weights`] names and shapes them.
///
/// # Errors
/// Weights that are missing, unknown or of another shape.
pub fn network_of_weights(
    experiment: &Experiment,
    weights: impl IntoIterator<Item = (String, TensorData)>,
) -> Result<Network, WeightsError> {
    let seed = experiment.config().seed;
    Network::new(experiment.network(), seed, &Device::flex()).with_weights(weights)
}

/// Reads inputs as a network takes them: pictures, where it takes any, scaled as its recipe says, and
/// `.npy` files, whose values are taken as they are.
///
/// # Shapes
/// - a `.npy` file: that of the network's input, or several such inputs along a first axis
/// - output: `[inputs, channels, height, width]`
///
/// # Errors
/// A file that is no picture or no such array; a picture for a network whose input is none.
pub fn read_batch(
    shape: Shape,
    pictures: Option<PictureInput>,
    files: &[PathBuf],
    device: &Device,
) -> Result<Tensor<4>, DataError> {
    let mut values = Vec::new();
    for file in files {
        if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
            values.extend(read_array(file, shape)?);
        } else if let Some(PictureInput { normalization, invert }) = pictures {
            let pixels = read_picture(file, shape, invert)?;
            values.extend(PixelTable::from(normalization).values(&pixels));
        } else {
            let reason = format!("is no .npy file; the network takes {shape}, not pictures");
            return Err(DataError::content(file, reason));
        }
    }
    let inputs = values.len() / shape.values();
    Ok(Tensor::from_data(TensorData::new(values, shape.batch(inputs)), device))
}

/// The values of one or more inputs.
fn read_array(file: &Path, shape: Shape) -> Result<Vec<f32>, DataError> {
    let bytes = read_regular(file, LARGEST_ARRAY).map_err(DataError::unread(file))?;
    let (sizes, values) =
        read_npy(&bytes).map_err(|error| DataError::content(file, error.to_string()))?;
    let one = Vec::from(shape);
    let several = sizes.split_first().is_some_and(|(&count, rest)| count > 0 && rest == one);
    if sizes == one || several {
        return Ok(values);
    }
    Err(DataError::content(
        file,
        format!(
            "has the shape {sizes:?}; the network takes {one:?}, or several along a first axis"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::npy_bytes;

    #[test]
    fn an_array_is_one_input_or_several() {
        let directory = tempfile::tempdir().unwrap();
        let shape = Shape::Maps { channels: 1, height: 2, width: 3 };
        let read = |sizes: &[usize]| {
            let values: Vec<f32> = vec![0.5; sizes.iter().product()];
            let path = directory.path().join("a.npy");
            std::fs::write(&path, npy_bytes(sizes, &values)).unwrap();
            read_array(&path, shape).map(|values| values.len()).map_err(|error| error.to_string())
        };
        assert_eq!(read(&[1, 2, 3]), Ok(6));
        assert_eq!(read(&[4, 1, 2, 3]), Ok(24));
        for sizes in [&[2, 3][..], &[0, 1, 2, 3], &[1, 3, 2], &[]] {
            let message = read(sizes).unwrap_err();
            assert!(
                message.ends_with("the network takes [1, 2, 3], or several along a first axis")
            );
        }
    }
}
