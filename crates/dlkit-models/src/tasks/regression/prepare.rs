//! A table and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::TableSource;
use super::evaluate::evaluate;
use super::model::{Regressing, Regressor};
use crate::data::{DataError, Fold, Split};
use crate::facts::{Column, Targets};
use crate::network::Network;
use crate::recipe::Experiment;
use crate::tasks::table::{Divided, Rows, check_inputs};
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{Loaders, Measure};

impl Learning for Regressing {
    type Source = TableSource;

    const MEASURES: &'static [Measure] = &[
        Measure { name: "loss", higher_is_better: false },
        Measure { name: "absolute_error", higher_is_better: false },
    ];

    fn loaders(
        &self,
        experiment: &Experiment,
        split: &Split,
        device: &Device,
    ) -> Loaders<TableSource> {
        self.samples.loaders(experiment, split, device)
    }

    fn test_samples(&self) -> usize {
        self.samples.held_out()
    }

    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        Ok(self.samples.batch(indices, device)?.features)
    }

    fn report(
        &self,
        network: Network,
        _: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let regressor = Regressor::new(network, self.loss);
        let source = self.samples.part(test);
        let report = evaluate(&regressor, source, indices, device)?;
        Ok(TaskReport::Regression(report))
    }
}

/// Reads the rows of an experiment and checks that its network fits them.
pub(crate) fn prepare(experiment: &Experiment, fold: Option<Fold>) -> Result<Prepared, TaskError> {
    let config = experiment.config();
    let rows = Rows::of_numbers(&config.data)?;
    let divided = rows.divided(experiment, fold, false)?;
    let targets: Arc<[Column]> = divided.target_columns().into();
    let Divided { train, held_out, split, features, fingerprint, .. } = divided;
    check_inputs(experiment, &features)?;
    let facts =
        TaskFacts::Regression { features: features.to_vec(), targets: Targets(targets.to_vec()) };
    let source = |set| TableSource::new(set, Arc::clone(&features), Arc::clone(&targets));
    let (train, held_out) = (source(train), (!held_out.is_empty()).then(|| source(held_out)));
    let samples = Samples::new(train, held_out);
    let material = Box::new(Regressing { samples, targets, loss: config.training.loss });
    Ok(Prepared { facts, fingerprint, split, left_out: Vec::new(), notes: Vec::new(), material })
}

#[cfg(test)]
mod tests;
