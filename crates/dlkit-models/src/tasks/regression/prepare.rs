//! A table and a network, checked against each other.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::batch::TableSource;
use super::evaluate::evaluate;
use super::model::{Regressing, Regressor};
use crate::data::{DataConfig, DataError, Fold, Split, TableSet, read_table};
use crate::facts::Column;
use crate::network::Network;
use crate::recipe::Experiment;
use crate::tasks::{Learning, Prepared, Samples, TaskError, TaskFacts, TaskReport};
use crate::training::{Loaders, Loss, Measure};
use crate::value::Shape;

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
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let regressor = Regressor::new(network, self.loss);
        let source = self.samples.part(test);
        let report = evaluate(&regressor, source, &self.features, indices, device)?;
        Ok(TaskReport::Regression(report))
    }
}

/// Settings of the samples in a data table.
struct Rows {
    set: TableSet,
    features: Vec<String>,
    target: String,
    test: f64,
    seed: u64,
    standardise: bool,
}

impl Rows {
    fn read(data: &DataConfig) -> Result<Self, TaskError> {
        match data {
            DataConfig::Line(line) => Ok(Self {
                set: line.points(),
                features: vec!["x".to_owned()],
                target: "y".to_owned(),
                test: line.test,
                seed: line.seed,
                standardise: line.standardise,
            }),
            DataConfig::Table(table) => {
                let names: Vec<&str> = table.features.iter().map(String::as_str).collect();
                Ok(Self {
                    set: read_table(&table.path, &names, Some(&table.target))?,
                    features: table.features.clone(),
                    target: table.target.clone(),
                    test: table.test,
                    seed: table.seed,
                    standardise: table.standardise,
                })
            }
            other => Err(TaskError::Contradiction(format!(
                "data.kind: \"{}\" has no numbers to predict",
                other.kind()
            ))),
        }
    }
}

/// Reads the rows of an experiment and checks that its network fits them.
pub(crate) fn prepare(experiment: &Experiment, fold: Option<Fold>) -> Result<Prepared, TaskError> {
    let config = experiment.config();
    let Rows { set, features, target, test, seed, standardise } = Rows::read(&config.data)?;
    check_network(experiment, features.len())?;
    let held_out = Split::hold_out(set.len(), test, seed)?;
    let train = set.select(&held_out.train);
    let held_out = set.select(&held_out.validation);
    let split = Split::of(train.len(), config.data.validation(), config.seed, fold)?;
    let fingerprint = TableSet::fingerprint(&[&train, &held_out]);
    let column = |name: String, value: &dyn Fn(usize) -> f64| {
        if !standardise {
            return Column::plain(name);
        }
        let values: Vec<f64> = split.train.iter().map(|&row| value(row)).collect();
        Column::standardized(name, &values)
    };
    let of_feature = |(place, name): (usize, String)| {
        column(name, &|row| train.row(row).get(place).copied().unwrap_or(f64::NAN))
    };
    let features: Arc<[Column]> = features.into_iter().enumerate().map(of_feature).collect();
    let target = column(target, &|row| train.target(row));
    let facts = TaskFacts::Regression { features: features.to_vec(), target: target.clone() };
    let source = |set| TableSource::new(Arc::new(set), Arc::clone(&features), target.clone());
    let (train, held_out) = (source(train), (!held_out.is_empty()).then(|| source(held_out)));
    let loss = config.training.loss;
    let samples = Samples::new(train, held_out);
    let material = Box::new(Regressing { samples, features, target, loss });
    Ok(Prepared { facts, fingerprint, split, left_out: Vec::new(), material })
}

fn check_network(experiment: &Experiment, features: usize) -> Result<(), TaskError> {
    let network = experiment.network();
    if let Loss::CrossEntropy { .. } = experiment.config().training.loss {
        return Err(TaskError::Contradiction(
            "training.loss: \"cross-entropy\" is for classes; set training.loss = \"mse\", \
             \"mae\" or \"huber\""
                .to_owned(),
        ));
    }
    if network.input() != Shape::Features(features) {
        return Err(TaskError::Contradiction(format!(
            "network.input: it is {}, but the data has {features} features; set network.input = \
             [{features}]",
            network.input()
        )));
    }
    if network.output() != Shape::Features(1) {
        return Err(TaskError::Contradiction(format!(
            "the network's output is {}, but a regression predicts one number; end network.layers \
             with a dense layer with units = 1",
            network.output()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
