//! Pictures and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::ImageSource;
use super::evaluate::{evaluate, score};
use super::model::{Classifier, Classifying};
use super::threshold::choose_threshold;
use crate::data::{DataError, Fold, ImageData, ImageSet, Split};
use crate::facts::PictureInput;
use crate::network::{Network, NetworkSpec};
use crate::recipe::Experiment;
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{Loader, Loaders, Loss, Measure, ThresholdRule};
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
        let loaders = self.samples.loaders(experiment, split, device);
        let config = experiment.config();
        let Some(augmentation) = config.data.images().and_then(|images| images.augmentation) else {
            return loaders;
        };
        // Only what is learned from is changed.
        let source = Arc::new(self.samples.part(false).augmented(augmentation, config.seed));
        let (indices, batch_size) = (split.train.clone(), config.training.batch_size);
        let train = Loader::shuffled(source, indices, batch_size, config.seed, device.clone());
        Loaders { train: train.in_background(), ..loaders }
    }

    fn test_samples(&self) -> usize {
        self.samples.held_out()
    }

    fn class_weights(&self) -> Option<Vec<(&str, f32)>> {
        let weights = self.weights.as_ref()?;
        Some(self.classes.iter().map(String::as_str).zip(weights.iter().copied()).collect())
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

    fn report_at(
        &self,
        network: Network,
        threshold: f64,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let classifier = Classifier::new(network, self.loss).deciding_at(Some(threshold));
        let source = self.samples.part(test);
        let report = evaluate(&classifier, source, indices, &self.classes, device)?;
        Ok(TaskReport::Classification(report))
    }

    fn choose_threshold(
        &self,
        network: Network,
        rule: ThresholdRule,
        validation: Vec<usize>,
        device: &Device,
    ) -> Result<Option<f64>, DataError> {
        let classifier = Classifier::new(network, self.loss);
        let (scored, _) = score(&classifier, self.samples.part(false), validation, device)?;
        Ok(choose_threshold(rule, &scored))
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
    check_threshold(experiment, &train, &split, &data.classes)?;
    let weights = class_weights(experiment, &train, &split, &data.classes)?;
    let input = PictureInput::from(config.data.require_images()?);
    let source = |images| ImageSource::new(Arc::new(images), input.normalization);
    let classes = data.classes;
    let samples = Samples::new(source(train), data.test.map(source));
    let learning = Classifying { samples, classes: classes.clone(), loss, weights };
    let facts = TaskFacts::Classification { classes, input };
    let left_out = data.left_out;
    Ok(Prepared { facts, fingerprint, split, left_out, material: Box::new(learning) })
}

/// How much each class counts in training, if they count differently.
fn class_weights(
    experiment: &Experiment,
    images: &ImageSet,
    split: &Split,
    classes: &[String],
) -> Result<Option<Arc<[f32]>>, TaskError> {
    let Some(weights) = &experiment.config().training.class_weights else { return Ok(None) };
    let counts = counts(images, &split.train, classes);
    let weights = weights.of(classes, &counts).map_err(TaskError::Contradiction)?;
    #[expect(clippy::cast_possible_truncation, reason = "losses are single precision")]
    let single = weights.into_iter().map(|weight| weight as f32).collect();
    Ok(Some(single))
}

/// Samples of each class among those of some indices.
fn counts(images: &ImageSet, indices: &[usize], classes: &[String]) -> Vec<usize> {
    let mut counts = vec![0; classes.len()];
    for label in indices.iter().filter_map(|&index| images.labels().get(index)) {
        if let Some(count) = counts.get_mut(*label as usize) {
            *count += 1;
        }
    }
    counts
}

/// Refuses a threshold where there is nothing to decide, or nothing to choose it on.
fn check_threshold(
    experiment: &Experiment,
    images: &ImageSet,
    split: &Split,
    classes: &[String],
) -> Result<(), TaskError> {
    let training = &experiment.config().training;
    let Some(rule) = training.threshold else { return Ok(()) };
    let refused =
        |reason: String| Err(TaskError::Contradiction(format!("training.threshold: {reason}")));
    if classes.len() != 2 {
        return refused(format!(
            "decides between two classes, but the data has {}; remove it",
            classes.len()
        ));
    }
    let probabilities = experiment.network().ends_in_softmax();
    if !probabilities && !matches!(training.loss, Loss::CrossEntropy { .. }) {
        return refused(
            "needs probabilities; set training.loss = \"cross-entropy\", or end the network with a \
             softmax layer"
                .to_owned(),
        );
    }
    let counts = counts(images, &split.validation, classes);
    match (rule, classes.iter().zip(counts).find(|(_, count)| *count == 0)) {
        (ThresholdRule::BalancedAccuracy | ThresholdRule::F1, Some((class, _))) => {
            refused(format!(
                "the validation part has no sample of `{class}` to choose it on; raise data.validation, or \
             give a number such as 0.3"
            ))
        }
        _ => Ok(()),
    }
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
