//! Pictures and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::{ImageBatch, ImageSource};
use super::evaluate::evaluate;
use super::model::{Classifier, Classifying};
use super::rows::RowSource;
use crate::data::{DataConfig, DataError, Fold, ImageData, Split, Strata, TableConfig};
use crate::facts::{ClassifierInput, PictureInput};
use crate::network::Network;
use crate::recipe::Experiment;
use crate::tasks::table::{Divided, Rows, check_inputs, classes_in};
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{BatchSource, Loaders, Measure};
use crate::value::Shape;

impl<S: BatchSource<Batch = ImageBatch>> Learning for Classifying<S> {
    type Source = S;

    const MEASURES: &'static [Measure] = &[
        Measure { name: "loss", higher_is_better: false },
        Measure { name: "accuracy", higher_is_better: true },
    ];

    fn loaders(&self, experiment: &Experiment, split: &Split, device: &Device) -> Loaders<S> {
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

/// Reads the samples of an experiment and checks that its network fits them. Classes keep their shares in
/// the parts if `stratified`.
pub(crate) fn prepare(
    experiment: &Experiment,
    fold: Option<Fold>,
    stratified: bool,
) -> Result<Prepared, TaskError> {
    match &experiment.config().data {
        DataConfig::Table(table) => prepare_rows(experiment, table, fold, stratified),
        _ => prepare_pictures(experiment, fold, stratified),
    }
}

fn prepare_pictures(
    experiment: &Experiment,
    fold: Option<Fold>,
    stratified: bool,
) -> Result<Prepared, TaskError> {
    let config = experiment.config();
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
            let classes: Vec<usize> = train.labels.iter().map(|&label| label as usize).collect();
            let strata = Strata::plain(train.len());
            let strata = strata.of_classes(stratified.then_some(&classes));
            let split = Split::of(&strata, config.data.validation(), config.seed, fold)?;
            (train, split)
        }
    };
    let input = PictureInput::from(config.data.require_images()?);
    let classes = data.classes;
    let notes = absent(&classes, &split, |sample| {
        train.labels.get(sample).map_or(0, |&label| label as usize)
    });
    let source = |images| ImageSource::new(Arc::new(images), input.normalization);
    let samples = Samples::new(source(train), data.test.map(source));
    let learning = Classifying { samples, classes: classes.clone(), loss: config.training.loss };
    let facts = TaskFacts::Classification { classes, input: input.into() };
    let left_out = data.left_out;
    Ok(Prepared { facts, fingerprint, split, left_out, notes, material: Box::new(learning) })
}

fn prepare_rows(
    experiment: &Experiment,
    table: &TableConfig,
    fold: Option<Fold>,
    stratified: bool,
) -> Result<Prepared, TaskError> {
    let divided = Rows::of_classes(table)?.divided(experiment, fold, stratified)?;
    let Divided { train, held_out, split, features, mut targets, classes, fingerprint, .. } =
        divided;
    check_inputs(experiment, &features)?;
    check_outputs(experiment, classes.len())?;
    let labels = classes_in(&train);
    let notes = absent(&classes, &split, |row| labels.get(row).copied().unwrap_or(0));
    let source = |set| RowSource::new(set, Arc::clone(&features));
    let (train, held_out) = (source(train), (!held_out.is_empty()).then(|| source(held_out)));
    let loss = experiment.config().training.loss;
    let samples = Samples::new(train, held_out);
    let learning = Classifying { samples, classes: classes.clone(), loss };
    let target = targets.pop().unwrap_or_default();
    let input = ClassifierInput::Table { features: features.to_vec(), target };
    let facts = TaskFacts::Classification { classes, input };
    let material = Box::new(learning);
    Ok(Prepared { facts, fingerprint, split, left_out: Vec::new(), notes, material })
}

/// Names the classes that have too few samples for each part to have one.
fn absent(classes: &[String], split: &Split, class: impl Fn(usize) -> usize) -> Vec<String> {
    let counts = |samples: &[usize]| {
        let mut counts = vec![0_usize; classes.len()];
        for &sample in samples {
            if let Some(count) = counts.get_mut(class(sample)) {
                *count += 1;
            }
        }
        counts
    };
    let (train, validation) = (counts(&split.train), counts(&split.validation));
    let lacking = |part: &[usize], name: &str| {
        let names: Vec<String> = classes
            .iter()
            .zip(part.iter().zip(train.iter().zip(&validation)))
            .filter(|(_, (own, _))| **own == 0)
            .map(|(class, (_, (train, validation)))| format!("{class} ({})", train + validation))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "no samples in the {name} part of the classes (samples to learn from): {}",
                names.join(", ")
            )
        })
    };
    let of_validation = (!split.validation.is_empty()).then(|| lacking(&validation, "validation"));
    lacking(&train, "training").into_iter().chain(of_validation.flatten()).collect()
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
