//! Pictures and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::ImageSource;
use super::evaluate::evaluate;
use super::model::{Classifier, Classifying};
use crate::data::{DataError, Fold, ImageData, Split};
use crate::facts::PictureInput;
use crate::network::{Network, NetworkSpec};
use crate::recipe::Experiment;
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{Loaders, Loss, Measure};
use crate::value::Shape;

impl Learning for Classifying {
    type Source = ImageSource;

    const MEASURES: &'static [Measure] = &[
        Measure { name: "loss", higher_is_better: false },
        Measure { name: "accuracy", higher_is_better: true },
    ];

    fn loaders(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
    ) -> Loaders<ImageSource> {
        self.samples.loaders(experiment, split, device)
    }

    fn test_samples(&self) -> usize {
        self.samples.held_out()
    }

    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        Ok(self.samples.batch(indices, device)?.images)
    }

    fn report(
        &self,
        network: Network,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let classifier = Classifier::new(network, self.loss);
        let source = self.samples.part(test);
        let report = evaluate(&classifier, source, indices, &self.classes, device)?;
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
    let fingerprint = data.fingerprint();
    let count = data.train.len();
    let (train, split) = match (data.validation, fold) {
        (Some(own), None) => {
            let validation = (count..count + own.len()).collect();
            (data.train.followed_by(&own), Split { train: (0..count).collect(), validation })
        }
        (own, fold) => {
            let train = match own {
                Some(own) => data.train.followed_by(&own),
                None => data.train,
            };
            let split = Split::of(train.len(), config.data.validation(), config.seed, fold)?;
            (train, split)
        }
    };
    let input = PictureInput::from(config.data.require_images()?);
    let source = |images| ImageSource::new(Arc::new(images), input.normalization);
    let classes = data.classes;
    let samples = Samples::new(source(train), data.test.map(source));
    let learning = Classifying { samples, classes: classes.clone(), loss };
    let facts = TaskFacts::Classification { classes, input };
    let left_out = data.left_out;
    Ok(Prepared { facts, fingerprint, split, left_out, material: Box::new(learning) })
}

fn check_loss(network: &NetworkSpec, loss: Loss) -> Result<(), TaskError> {
    match (loss, network.last_computing_layer()) {
        (Loss::CrossEntropy { .. }, Some(layer)) if network.ends_in_softmax() => {
            Err(TaskError::Contradiction(format!(
                "training.loss: \"cross-entropy\" needs raw scores and applies the softmax \
                 itself; remove the layer `{}` (predictions remain probabilities)",
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
    let advice = match (output, experiment.config().network.last_neurons()) {
        (Shape::Features(features), Some((index, neurons))) if neurons.count == features => {
            format!("set network.layers[{index}].{} = {classes}", neurons.key)
        }
        _ => format!("end network.layers with a dense layer with units = {classes}"),
    };
    let layer = experiment.network().layers().last().map_or("input", |layer| layer.name());
    Err(TaskError::Contradiction(format!(
        "layer `{layer}`: the network's output is {output}, but the data has {classes} classes; \
         {advice}"
    )))
}

#[cfg(test)]
mod tests;
