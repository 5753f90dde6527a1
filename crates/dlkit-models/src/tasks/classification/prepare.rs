//! Samples and a network, checked against each other.

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::{ClassSource, ImageSource};
use super::evaluate::{evaluate, score};
use super::labels::Labels;
use super::model::{Classifier, Classifying};
use super::rows::RowSource;
use super::threshold::choose_threshold;
use crate::data::{
    DataConfig, DataError, Fold, ImageData, ImageSet, ImagesConfig, PictureGroups, Split, Strata,
    TableConfig,
};
use crate::facts::{ClassifierInput, PictureInput};
use crate::network::Network;
use crate::recipe::Experiment;
use crate::tasks::table::{Divided, Rows, check_inputs, classes_in};
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{Loader, Loaders, Measure, ThresholdRule};
use crate::value::Shape;

impl<S: ClassSource> Learning for Classifying<S> {
    type Source = S;

    const MEASURES: &'static [Measure] = &[
        Measure { name: "loss", higher_is_better: false },
        Measure { name: "accuracy", higher_is_better: true },
    ];

    fn loaders(&self, experiment: &Experiment, split: &Split, device: &Device) -> Loaders<S> {
        let loaders = self.samples.loaders(experiment, split, device);
        let config = experiment.config();
        let augmentation = config.data.images().and_then(|images| images.augmentation);
        // Only what is learned from is changed.
        let changed = augmentation
            .and_then(|changes| self.samples.part(false).augmented(changes, config.seed));
        let Some(source) = changed.map(Arc::new) else { return loaders };
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

    fn classes_of(&self, indices: &[usize]) -> Option<Vec<usize>> {
        indices.iter().map(|&index| self.of_each.get(index).copied()).collect()
    }

    fn report(
        &self,
        network: Network,
        threshold: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let classifier = Classifier::new(network, self.loss).deciding_at(threshold);
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
        let scored = score(&classifier, self.samples.part(false), validation, device)?;
        Ok(choose_threshold(rule, &scored))
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
    let groups = groups(config.data.require_images()?, &data, fold.is_some())?;
    let (groups, note) = groups.map(|groups| (groups.of_each, groups.note)).unzip();
    let count = data.train.len();
    let of_each = |train: &ImageSet| -> Vec<usize> {
        train.labels.iter().map(|&label| label as usize).collect()
    };
    let (train, split) = match (data.validation, fold) {
        (Some(own), None) => {
            let validation = (count..count + own.len()).collect();
            let train = (0..count).collect();
            (data.train.followed_by(&own), Split { train, validation, ..Split::default() })
        }
        (own, fold) => {
            let train = match own {
                Some(own) => data.train.followed_by(&own),
                None => data.train,
            };
            let classes = of_each(&train);
            let strata = Strata::plain(train.len())
                .of_classes(stratified.then_some(&classes))
                .in_groups(groups.as_deref());
            let split = Split::of(&strata, config.data.validation(), config.seed, fold)?;
            (train, split)
        }
    };
    let labels = Labels { names: data.classes, of_each: of_each(&train) };
    let input = PictureInput::from(config.data.require_images()?);
    let source = |images| ImageSource::new(Arc::new(images), input.normalization);
    let samples = Samples::new(source(train), data.test.map(source));
    let prepared = learning(experiment, samples, (labels, input.into()), split, fingerprint)?;
    let notes = note.flatten().into_iter().chain(prepared.notes).collect();
    Ok(Prepared { left_out: data.left_out, notes, ..prepared })
}

/// The groups of the pictures to learn from; if folds are made of them, a validation part is among them.
fn groups(
    config: &ImagesConfig,
    data: &ImageData,
    folds: bool,
) -> Result<Option<PictureGroups>, DataError> {
    let Some(pattern) = &config.group else { return Ok(None) };
    let files = |set: &ImageSet| -> Vec<PathBuf> {
        let file = |index| set.origins().of(index).file.map(|file| file.to_path_buf());
        (0..set.len()).filter_map(file).collect()
    };
    let mut learned = files(&data.train);
    let mut held_out = data.test.as_ref().map(files).unwrap_or_default();
    let validation = data.validation.as_ref().map(files).unwrap_or_default();
    if folds { &mut learned } else { &mut held_out }.extend(validation);
    PictureGroups::of(pattern, &config.path, &learned, &held_out).map(Some)
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
    let labels = Labels { names: classes, of_each: classes_in(&train) };
    let source = |set| RowSource::new(set, Arc::clone(&features));
    let (train, held_out) = (source(train), (!held_out.is_empty()).then(|| source(held_out)));
    let samples = Samples::new(train, held_out);
    let target = targets.pop().unwrap_or_default();
    let input = ClassifierInput::Table { features: features.to_vec(), target };
    learning(experiment, samples, (labels, input), split, fingerprint)
}

/// What is learned from samples that are read and divided.
fn learning<S: ClassSource>(
    experiment: &Experiment,
    samples: Samples<S>,
    (labels, input): (Labels, ClassifierInput),
    split: Split,
    fingerprint: String,
) -> Result<Prepared, TaskError> {
    labels.check_threshold(experiment, &split)?;
    let weights = labels.weights(experiment, &split)?;
    let notes = labels.absent(&split);
    let (classes, loss) = (labels.names, experiment.config().training.loss);
    let of_each = labels.of_each;
    let material =
        Box::new(Classifying { samples, classes: classes.clone(), of_each, loss, weights });
    let facts = TaskFacts::Classification { classes, input };
    Ok(Prepared { facts, fingerprint, split, left_out: Vec::new(), notes, material })
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
