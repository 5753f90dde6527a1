//! Classifiers in frozen files.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::batch::ImageSource;
use super::evaluate::evaluate;
use super::load::not_classes;
use super::model::Classifier;
use super::predict::Predictor;
use crate::data::{DataConfig, ImageData, ImagesConfig};
use crate::freeze::{FreezeError, FrozenNetwork};
use crate::tasks::{Part, TaskError, TaskFacts, TaskReport};

/// A predictor from a frozen file; needs nothing else.
///
/// # Errors
/// A file of another task.
pub fn frozen_predictor(frozen: &FrozenNetwork, device: &Device) -> Result<Predictor, FreezeError> {
    let TaskFacts::Classification { classes, input } = frozen.metadata().facts.clone() else {
        return Err(other_task(frozen));
    };
    Ok(Predictor::new(classifier(frozen, device)?, classes, input, device.clone()))
}

fn other_task(frozen: &FrozenNetwork) -> FreezeError {
    let reason = format!("it says {}", not_classes(&frozen.metadata().facts));
    FreezeError::Unusable { path: frozen.path().to_owned(), reason }
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
) -> Result<Option<TaskReport>, TaskError> {
    let TaskFacts::Classification { classes, input } = &frozen.metadata().facts else {
        return Err(other_task(frozen).into());
    };
    let config = DataConfig::of_directory(ImagesConfig {
        path: directory.to_owned(),
        validation: 0.0,
        invert: input.invert,
        mean: input.normalization.mean,
        deviation: input.normalization.deviation,
    })?;
    let data = ImageData::load(&config, frozen.spec().input())?;
    let found = TaskFacts::Classification { classes: data.classes.clone(), input: *input };
    frozen
        .metadata()
        .facts
        .check_data(&found)
        .map_err(|reason| TaskError::Contradiction(format!("{} {reason}", directory.display())))?;
    let images = match part {
        Part::Train => Some(data.train),
        Part::Validation => None,
        Part::Test => data.test,
    };
    let Some(images) = images else { return Ok(None) };
    let indices = (0..images.len()).collect();
    let source = Arc::new(ImageSource::new(Arc::new(images), input.normalization));
    let report = evaluate(&classifier(frozen, device)?, &source, indices, classes, device)?;
    Ok(Some(TaskReport::Classification(report)))
}
