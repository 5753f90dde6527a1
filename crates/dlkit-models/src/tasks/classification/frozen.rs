//! Classifiers in frozen files.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::batch::ImageSource;
use super::evaluate::evaluate;
use super::model::Classifier;
use super::predict::Predictor;
use super::report::ClassificationReport;
use super::session::{ClassificationError, Part};
use crate::data::{DataConfig, ImageData, ImagesConfig};
use crate::freeze::{FreezeError, FrozenNetwork};

/// A predictor from a frozen file; needs nothing else.
///
/// # Errors
/// None that a checked file can have.
pub fn frozen_predictor(frozen: &FrozenNetwork, device: &Device) -> Result<Predictor, FreezeError> {
    let about = frozen.metadata();
    Ok(Predictor::new(
        classifier(frozen, device)?,
        about.classes.clone(),
        about.input.normalization,
        about.input.invert,
        device.clone(),
    ))
}

fn classifier(frozen: &FrozenNetwork, device: &Device) -> Result<Classifier, FreezeError> {
    Ok(Classifier::new(frozen.network(device)?, frozen.metadata().loss))
}

/// Evaluates a frozen file on the `train` or the `test` part of a data directory, whose kind is
/// seen from its files; `None` where there is no such part. A frozen file knows of no validation
/// part: it was taken from the training part.
///
/// # Errors
/// Data that cannot be read or has other classes.
pub fn evaluate_frozen(
    frozen: &FrozenNetwork,
    directory: &Path,
    part: Part,
    device: &Device,
) -> Result<Option<ClassificationReport>, ClassificationError> {
    let about = frozen.metadata();
    let config = DataConfig::of_directory(ImagesConfig {
        path: directory.to_owned(),
        validation: 0.0,
        invert: about.input.invert,
        mean: about.input.normalization.mean,
        deviation: about.input.normalization.deviation,
    })?;
    let data = ImageData::load(&config, frozen.spec().input())?;
    if data.classes != about.classes {
        return Err(ClassificationError::Contradiction(format!(
            "{} has the classes {}; the frozen network knows {}",
            directory.display(),
            data.classes.join(", "),
            about.classes.join(", ")
        )));
    }
    let images = match part {
        Part::Train => Some(data.train),
        Part::Validation => None,
        Part::Test => data.test,
    };
    let Some(images) = images else { return Ok(None) };
    let indices = (0..images.len()).collect();
    let source = ImageSource::new(Arc::new(images), about.input.normalization);
    let classifier = classifier(frozen, device)?;
    Ok(Some(evaluate(&classifier, &source, indices, &about.classes, device)?))
}
