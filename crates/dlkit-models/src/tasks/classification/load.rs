//! Trained networks and pictures, loaded without the data a network was trained on.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::{Device, Tensor, TensorData};

use super::batch::{Normalization, PictureInput, PixelTable};
use super::model::Classifier;
use super::predict::Predictor;
use crate::config::Experiment;
use crate::data::{DataError, read_picture};
use crate::network::{Network, Shape, WeightsError};
use crate::npy::read_npy;
use crate::regular_file::{LARGEST_ARRAY, read_regular};
use crate::run::{RunDirectory, RunError, Which};

/// Loads a predictor from a run directory; needs no data.
///
/// # Errors
/// A run directory without an intact checkpoint, or with another number of classes than outputs.
pub fn load_predictor(
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Predictor, RunError> {
    let experiment = run.experiment()?;
    let images = experiment.config().data.images().clone();
    let classes = run.info()?.classes;
    check_names(run.path(), classes.len(), experiment.network().output().values())?;
    let classifier = load_classifier(&experiment, run, which, device)?;
    let normalization = Normalization::from(&images);
    Ok(Predictor::new(classifier, classes, normalization, images.invert, device.clone()))
}

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
    Ok(load_classifier(experiment, run, which, device)?.network().clone())
}

/// The network of an experiment with weights from elsewhere, as
/// [`Network::weights`] names and shapes them.
///
/// # Errors
/// Weights that are missing, unknown or of another shape.
pub fn classifier_of_weights(
    experiment: &Experiment,
    weights: impl IntoIterator<Item = (String, TensorData)>,
) -> Result<Classifier, WeightsError> {
    let seed = experiment.config().seed;
    let network = Network::new(experiment.network(), seed, &Device::flex());
    Ok(Classifier::new(network.with_weights(weights)?, experiment.config().training.loss))
}

/// Reads inputs as a network takes them: pictures, scaled as its recipe says, and `.npy` files,
/// whose values are taken as they are.
///
/// # Shapes
/// - a `.npy` file: that of the network's input, or several such inputs along a first axis
/// - output: `[inputs, channels, height, width]`
///
/// # Errors
/// A file that is no picture or no such array; a picture for a network whose input is none.
pub fn read_batch(
    shape: Shape,
    input: PictureInput,
    files: &[PathBuf],
    device: &Device,
) -> Result<Tensor<4>, DataError> {
    let table = PixelTable::from(input.normalization);
    let mut values = Vec::new();
    for file in files {
        if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
            values.extend(read_array(file, shape)?);
        } else {
            let pixels = read_picture(file, shape, input.invert)?;
            values.extend(table.values(&pixels));
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

fn check_names(run: &Path, classes: usize, outputs: usize) -> Result<(), RunError> {
    if classes == outputs {
        return Ok(());
    }
    Err(RunError::Damaged {
        path: run.join("run.json"),
        reason: format!(
            "names {classes} classes, the network has {outputs} outputs; restore the names or \
             train again"
        ),
    })
}

pub(crate) fn load_classifier(
    experiment: &Experiment,
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Classifier, RunError> {
    let (path, record): (_, ModuleRecord) = run.weights(which)?;
    let network = Network::new(experiment.network(), experiment.config().seed, device);
    Classifier::new(network, experiment.config().training.loss)
        .try_load_record(record)
        .map_err(|error| RunError::OtherNetwork { path, reason: error.to_string() })
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

    #[test]
    fn names_of_classes_must_be_as_many_as_outputs() {
        assert_eq!(
            check_names(Path::new("runs/a"), 9, 10).unwrap_err().to_string(),
            "runs/a/run.json names 9 classes, the network has 10 outputs; restore the names or train \
             again"
        );
        assert!(check_names(Path::new("runs/a"), 10, 10).is_ok());
    }
}
