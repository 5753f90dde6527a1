//! Pictures and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::Device;

use super::batch::{ImageSource, PictureInput};
use super::evaluate::evaluate;
use super::model::Classifier;
use crate::config::Experiment;
use crate::data::{DataError, Fold, ImageData, Split};
use crate::network::{LayerConfig, Network, NetworkSpec, Shape};
use crate::tasks::{Learning, Parts, Prepared, TaskError, TaskFacts, TaskReport};
use crate::training::{Loss, Measure};

/// Learning to name classes.
struct Classifying {
    classes: Vec<String>,
    loss: Loss,
}

impl Learning for Classifying {
    type Source = ImageSource;
    type Model = Classifier;

    const MEASURES: &'static [Measure] = &[
        Measure { name: "loss", higher_is_better: false },
        Measure { name: "accuracy", higher_is_better: true },
    ];

    fn model(&self, network: Network) -> Classifier {
        Classifier::new(network, self.loss)
    }

    fn report(
        &self,
        network: Network,
        source: &Arc<ImageSource>,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let report = evaluate(&self.model(network), source, indices, &self.classes, device)?;
        Ok(TaskReport::Classification(report))
    }
}

/// Reads the pictures of an experiment and checks that its network fits them.
pub(crate) fn prepare(experiment: &Experiment, fold: Option<Fold>) -> Result<Prepared, TaskError> {
    let config = experiment.config();
    let loss = config.training.loss;
    check_loss(experiment.network(), loss)?;
    let data = ImageData::load(&config.data, experiment.network().input())?;
    check_outputs(experiment, data.classes.len())?;
    let split = Split::of(data.train.len(), config.data.validation(), config.seed, fold)?;
    let fingerprint = data.fingerprint();
    let input = PictureInput::from(config.data.require_images()?);
    let source = |images| ImageSource::new(Arc::new(images), input.normalization);
    let classes = data.classes;
    let learning = Classifying { classes: classes.clone(), loss };
    let parts = Parts::new(learning, source(data.train), data.test.map(source));
    let facts = TaskFacts::Classification { classes, input };
    Ok(Prepared { facts, fingerprint, split, material: Box::new(parts) })
}

fn check_loss(network: &NetworkSpec, loss: Loss) -> Result<(), TaskError> {
    match (loss, network.last_computing_layer()) {
        (Loss::CrossEntropy { .. }, Some(layer)) if network.ends_in_softmax() => {
            Err(TaskError::Contradiction(format!(
                "training.loss \"cross-entropy\" takes raw scores and applies the softmax itself; \
                 remove the layer `{}` (predictions are probabilities all the same)",
                layer.name()
            )))
        }
        _ => Ok(()),
    }
}

fn check_outputs(experiment: &Experiment, classes: usize) -> Result<(), TaskError> {
    let output = experiment.network().output();
    if output == Shape::Features(classes) {
        return Ok(());
    }
    let layers = &experiment.config().network.layers;
    let last = layers.iter().enumerate().rfind(|(_, layer)| layer.is_weighted());
    let advice = match (output, last) {
        (Shape::Features(features), Some((index, LayerConfig::Dense(dense))))
            if dense.units == features =>
        {
            format!("set network.layers[{index}].units = {classes}")
        }
        _ => format!(
            "the output must be [{classes}]: let network.layers end in a dense layer with units = \
             {classes}"
        ),
    };
    let layer = experiment.network().layers().last().map_or("input", |layer| layer.name());
    Err(TaskError::Contradiction(format!(
        "the network ends in {output} (layer `{layer}`), the data has {classes} classes; {advice}"
    )))
}

#[cfg(test)]
mod tests;
