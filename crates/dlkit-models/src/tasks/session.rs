//! Data and network of one experiment, checked against each other.

mod look;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use dlkit_files::picture::LeftOut;

use super::error::TaskError;
use super::learning::Prepared;
use super::regression;
use super::report::TaskReport;
use super::trained::load_network;
use super::{classification, colorization};
use crate::data::{DataError, Fold, Part, Split};
use crate::facts::TaskFacts;
use crate::network::Network;
use crate::recipe::{Experiment, Task};
use crate::run::{Outcome, RunDirectory, RunError, RunInfo, Which, now};
use crate::training::{
    Interrupter, Measure, Monitor, RangeTest, Supervision, Trained, TrainingError,
};

/// Data and network of one experiment, checked against each other.
pub struct Session {
    experiment: Experiment,
    prepared: Prepared,
}

impl Session {
    /// Reads the data and checks that the network fits it.
    ///
    /// # Errors
    /// The data cannot be read; the network's inputs or outputs do not fit it; the loss or
    /// monitored metric does not fit the task.
    pub fn prepare(experiment: &Experiment) -> Result<Self, TaskError> {
        Self::prepare_parts(experiment, None, true)
    }

    /// The same of data that can be named with `--data`, as that of a run, which may lie elsewhere now.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare); the error names the data and what helps.
    pub fn prepare_data(experiment: &Experiment) -> Result<Self, TaskError> {
        Self::prepare(experiment).map_err(|source| unusable(experiment, source))
    }

    /// The data that a run was trained on, wherever it lies now.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare); other data.
    pub(crate) fn prepare_own(
        experiment: &Experiment,
        info: &RunInfo,
        run: &RunDirectory,
    ) -> Result<Self, TaskError> {
        let session = Self::prepare_parts(experiment, None, info.stratified)
            .map_err(|source| unusable(experiment, source))?;
        check_own(experiment, session.fingerprint(), info, run)?;
        Ok(session)
    }

    /// The same without one fold of the training and validation samples, which measures; the others are
    /// divided.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare); a number of folds the samples do not allow; colorization.
    pub fn prepare_fold(experiment: &Experiment, fold: Fold) -> Result<Self, TaskError> {
        Self::prepare_parts(experiment, Some(fold), true)
    }

    fn prepare_parts(
        experiment: &Experiment,
        fold: Option<Fold>,
        stratified: bool,
    ) -> Result<Self, TaskError> {
        let prepared = match experiment.config().task {
            Task::Classification => classification::prepare(experiment, fold, stratified)?,
            Task::Colorization if fold.is_some() => {
                return Err(TaskError::Contradiction(
                    "cross-validation supports the tasks \"classification\" and \"regression\"; \
                     photos are validated on the folder `validation`"
                        .to_owned(),
                ));
            }
            Task::Colorization => colorization::prepare(experiment)?,
            Task::Regression => regression::prepare(experiment, fold)?,
        };
        let monitor = experiment.config().training.monitor;
        check_monitor(monitor, prepared.material.measures(), !prepared.split.validation.is_empty())
            .map_err(TaskError::Contradiction)?;
        let mut session = Self { experiment: experiment.clone(), prepared };
        session.prepared.notes.extend(session.batches_of_one());
        Ok(session)
    }

    /// That batches of one sample leave nothing to normalize, if they do.
    fn batches_of_one(&self) -> Option<String> {
        let largest = self.prepared.split.train.len();
        let batch = self.experiment.config().training.batch_size.min(largest);
        let layer = self.experiment.network().normalizes_features().filter(|_| batch == 1)?;
        Some(format!(
            "layer `{}` normalizes batches of one sample, which leaves nothing of them; raise training.batch_size, or \
             leave batch normalization out",
            layer.name()
        ))
    }

    /// The recipe.
    #[must_use]
    pub const fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// What inputs and outputs stand for.
    #[must_use]
    pub const fn facts(&self) -> &TaskFacts {
        &self.prepared.facts
    }

    /// What is measured on each batch of a training.
    #[must_use]
    pub fn measures(&self) -> &'static [Measure] {
        self.prepared.material.measures()
    }

    /// The classes and how much each counts in training, where they count differently.
    #[must_use]
    pub fn class_weights(&self) -> Option<Vec<(&str, f32)>> {
        self.prepared.material.class_weights()
    }

    /// Files of the data that were skipped.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.prepared.left_out
    }

    /// What else is to be said of the data, such as classes that a part lacks.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.prepared.notes
    }

    /// SHA-256 of all samples.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.prepared.fingerprint
    }

    /// Samples in each part.
    #[must_use]
    pub fn samples(&self) -> BTreeMap<String, usize> {
        let Prepared { split, material, .. } = &self.prepared;
        [
            (Part::Train, split.train.len()),
            (Part::Validation, split.validation.len()),
            (Part::Test, material.test_samples()),
        ]
        .into_iter()
        .map(|(part, count)| (part.name().to_owned(), count))
        .collect()
    }

    /// The account of a new run: nothing trained yet.
    #[must_use]
    pub fn new_info(&self) -> RunInfo {
        let config = self.experiment.config();
        RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commands: Vec::new(),
            directory: String::new(),
            device: String::new(),
            threads: 0,
            seed: config.seed,
            started: now(),
            updated: now(),
            seconds: 0.0,
            outcome: Outcome::Running,
            reason: None,
            init: None,
            epochs: 0,
            epochs_planned: config.training.epochs,
            best: None,
            parameters: self.experiment.network().parameters(),
            stratified: true,
            samples: self.samples(),
            facts: self.facts().clone(),
            threshold: None,
            data_sha256: self.fingerprint().to_owned(),
            test: BTreeMap::new(),
        }
    }

    /// Checks, before anything slow starts, that the last checkpoint of a run is intact and fits.
    ///
    /// # Errors
    /// A damaged checkpoint, or weights of another network.
    pub fn check_checkpoint(&self, run: &RunDirectory, device: &Device) -> Result<(), RunError> {
        if run.checkpoint_path(Which::Last)?.is_some() {
            load_network(&self.experiment, run, Which::Last, device)?;
        }
        Ok(())
    }

    /// Trains in a run directory, from its last checkpoint if it has one.
    ///
    /// # Errors
    /// The loss is not finite; the run directory cannot be used.
    pub fn train(
        &self,
        device: &Device,
        supervision: Supervision<'_>,
    ) -> Result<Trained, TrainingError> {
        let Prepared { split, material, .. } = &self.prepared;
        material.train(&self.experiment, split, device, supervision)
    }

    /// The learning rate range test on the training part; `None` if interrupted. Nothing is kept.
    ///
    /// # Errors
    /// Samples that cannot be gathered.
    pub fn range_test(
        &self,
        device: &Device,
        interrupter: &Interrupter,
    ) -> Result<Option<RangeTest>, TrainingError> {
        let Prepared { split, material, .. } = &self.prepared;
        material.range_test(&self.experiment, split, device, interrupter)
    }

    /// At most `count` evenly spaced samples as network inputs: validation samples, or training
    /// samples without a validation part.
    ///
    /// # Shapes
    /// - output: `[samples, channels, height, width]`
    ///
    /// # Errors
    /// Samples that cannot be gathered.
    pub fn sample_inputs(&self, count: usize, device: &Device) -> Result<Tensor<4>, DataError> {
        let Split { train, validation, .. } = &self.prepared.split;
        let indices = if validation.is_empty() { train } else { validation };
        self.prepared.material.inputs(&spread(indices, count), device)
    }

    /// Evaluates a checkpoint on a part of the data; `None` if that part is empty.
    ///
    /// # Errors
    /// A checkpoint that cannot be read.
    pub fn evaluate(
        &self,
        run: &RunDirectory,
        which: Which,
        part: Part,
        device: &Device,
    ) -> Result<Option<TaskReport>, TaskError> {
        self.evaluate_checkpoint((run, which), None, part, device)
    }

    /// The same, with a threshold between two classes.
    pub(crate) fn evaluate_checkpoint(
        &self,
        (run, which): (&RunDirectory, Which),
        threshold: Option<f64>,
        part: Part,
        device: &Device,
    ) -> Result<Option<TaskReport>, TaskError> {
        if self.samples().get(part.name()).is_none_or(|&samples| samples == 0) {
            return Ok(None);
        }
        let network = load_network(&self.experiment, run, which, device)?;
        Ok(self.evaluate_deciding_at(network, threshold, part, device)?)
    }

    /// The threshold between two classes that the recipe asks for, chosen on the validation part for a
    /// checkpoint; `None` if it asks for none, or nothing is trained.
    ///
    /// # Errors
    /// A checkpoint that cannot be read.
    pub(crate) fn choose_threshold(
        &self,
        run: &RunDirectory,
        which: Which,
        device: &Device,
    ) -> Result<Option<f64>, TaskError> {
        let Some(rule) = self.experiment.config().training.threshold else { return Ok(None) };
        let network = load_network(&self.experiment, run, which, device)?;
        let Prepared { split, material, .. } = &self.prepared;
        Ok(material.choose_threshold(network, rule, split.validation.clone(), device)?)
    }

    /// Evaluates the last checkpoint on the fold that measures, with the threshold that the recipe asks for.
    /// Also returns the places of its samples among those to learn from.
    ///
    /// # Errors
    /// A checkpoint that cannot be read; samples that cannot be gathered.
    pub(crate) fn evaluate_fold(
        &self,
        run: &RunDirectory,
        device: &Device,
    ) -> Result<(TaskReport, Vec<usize>), TaskError> {
        let threshold = self.choose_threshold(run, Which::Last, device)?;
        let network = load_network(&self.experiment, run, Which::Last, device)?;
        let Prepared { split, material, .. } = &self.prepared;
        let places = split.measured.clone();
        let report = material.report(network, threshold, false, places.clone(), device)?;
        Ok((report, places))
    }

    /// Evaluates a network on a part of the data; `None` if that part is empty.
    ///
    /// # Errors
    /// Samples that cannot be gathered.
    pub fn evaluate_network(
        &self,
        network: Network,
        part: Part,
        device: &Device,
    ) -> Result<Option<TaskReport>, DataError> {
        self.evaluate_deciding_at(network, None, part, device)
    }

    /// The same, with a threshold between two classes.
    ///
    /// # Errors
    /// As [`evaluate_network`](Self::evaluate_network).
    pub fn evaluate_deciding_at(
        &self,
        network: Network,
        threshold: Option<f64>,
        part: Part,
        device: &Device,
    ) -> Result<Option<TaskReport>, DataError> {
        let Prepared { split, material, .. } = &self.prepared;
        let indices: Vec<usize> = match part {
            Part::Train => split.train.clone(),
            Part::Validation => split.validation.clone(),
            Part::Test => (0..material.test_samples()).collect(),
        };
        if indices.is_empty() {
            return Ok(None);
        }
        let test = part == Part::Test;
        material.report(network, threshold, test, indices, device).map(Some)
    }
}

/// At most `count` of some indices, evenly spaced.
fn spread(indices: &[usize], count: usize) -> Vec<usize> {
    let count = count.min(indices.len());
    (0..count).filter_map(|index| indices.get(index * indices.len() / count)).copied().collect()
}

fn unusable(experiment: &Experiment, source: TaskError) -> TaskError {
    TaskError::Unusable { data: experiment.config().data.name(), source: Box::new(source) }
}

/// Refuses data that is not what a run was trained on, by its fingerprint: the run's parts mean nothing
/// there.
pub(super) fn check_own(
    experiment: &Experiment,
    fingerprint: &str,
    info: &RunInfo,
    run: &RunDirectory,
) -> Result<(), TaskError> {
    if fingerprint == info.data_sha256 {
        return Ok(());
    }
    let data = experiment.config().data.name();
    Err(TaskError::OtherData { data, path: run.path().to_owned() })
}

fn check_monitor(
    monitor: Option<Monitor>,
    measures: &[Measure],
    validated: bool,
) -> Result<(), String> {
    let Some(monitor) = monitor else { return Ok(()) };
    let Some(measure) = monitor.measure() else { return Ok(()) };
    if measures.iter().all(|known| known.name != measure) {
        let known: Vec<&str> = measures.iter().map(|known| known.name).collect();
        return Err(format!(
            "training.monitor: this task does not measure {measure}; it measures {}",
            known.join(", ")
        ));
    }
    if monitor.part() == Part::Validation.name() && !validated {
        return Err("training.monitor: the validation part is empty; set training.monitor = \
             \"train-loss\" or data.validation = 0.1"
            .to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monitor_needs_its_measure_and_its_part() {
        let loss = [Measure { name: "loss", higher_is_better: false }];
        let check = |monitor, validated| check_monitor(Some(monitor), &loss, validated);
        assert!(check(Monitor::ValidationLoss, true).is_ok());
        assert!(
            check(Monitor::TrainLoss, false).is_ok() && check_monitor(None, &[], false).is_ok()
        );
        let message = check(Monitor::ValidationLoss, false).unwrap_err();
        assert!(message.contains("the validation part is empty"), "{message}");
        let message = check(Monitor::ValidationAccuracy, true).unwrap_err();
        assert!(message.contains("this task does not measure accuracy"));
    }
}
