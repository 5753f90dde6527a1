//! Trained networks and pictures, loaded without the data a network was trained on.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::{Device, Tensor};

use super::batch::{Normalization, PictureInput, PixelTable};
use super::model::Classifier;
use super::predict::Predictor;
use crate::config::Experiment;
use crate::data::{DataError, read_picture};
use crate::network::{Network, Shape};
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

/// Reads pictures as a network takes them.
///
/// # Shapes
/// - output: `[pictures, channels, height, width]`
///
/// # Errors
/// A file that is no picture; a network whose input is none.
pub fn read_batch(
    shape: Shape,
    input: PictureInput,
    files: &[PathBuf],
    device: &Device,
) -> Result<Tensor<4>, DataError> {
    let pictures = files
        .iter()
        .map(|file| read_picture(file, shape, input.invert))
        .collect::<Result<Vec<_>, _>>()?;
    let pixels = pictures.iter().map(Vec::as_slice);
    Ok(PixelTable::from(input.normalization).tensor(pixels, files.len(), shape, device))
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
