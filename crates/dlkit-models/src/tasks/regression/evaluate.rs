//! Figures of a regressor.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::batch::TableSource;
use super::model::Regressor;
use super::report::{FittedSample, RegressionReport};
use crate::data::{DataError, read_table};
use crate::facts::Column;
use crate::network::Network;
use crate::tasks::{TaskReport, evaluation_batch};
use crate::training::{Loader, Loss};
use crate::value::number::float;

/// Runs a regressor, on a device without gradients, over the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn evaluate(
    regressor: &Regressor,
    source: &Arc<TableSource>,
    features: &[Column],
    indices: Vec<usize>,
    device: &Device,
) -> Result<RegressionReport, DataError> {
    let rows = indices.clone();
    let mut outputs: Vec<f32> = Vec::with_capacity(rows.len());
    let mut loss_sum = 0.0;
    let batch = evaluation_batch(regressor.network().spec());
    let loader = Loader::in_order(Arc::clone(source), indices, batch, device.clone());
    for batch in loader.batches(0) {
        let batch = batch?;
        let count = float(batch.targets.dims()[0]);
        let predicted = regressor.predict(batch.features);
        let loss = regressor.loss().of_values(predicted.clone(), batch.targets);
        let loss = f64::from(loss.into_scalar::<f32>());
        loss_sum += regressor.loss().per_sample(loss, count) * count;
        outputs.extend(predicted.into_data().iter::<f32>());
    }
    let set = source.set();
    let fitted: Vec<FittedSample> = rows
        .iter()
        .zip(outputs)
        .map(|(&row, output)| FittedSample {
            features: set.row(row).to_vec(),
            target: set.target(row),
            prediction: source.target().unscaled(output),
        })
        .collect();
    let loss = loss_sum / float(rows.len());
    let feature = if let [only] = features { Some(only.name.clone()) } else { None };
    Ok(RegressionReport::new(loss, source.target().name.clone(), feature, fitted))
}

/// Evaluates a network on all rows of a CSV file, whose columns are found by name.
///
/// # Errors
/// A file without these columns.
pub fn evaluate_table(
    network: Network,
    loss: Loss,
    features: &[Column],
    target: &Column,
    path: &Path,
    device: &Device,
) -> Result<TaskReport, DataError> {
    let names: Vec<&str> = features.iter().map(|column| column.name.as_str()).collect();
    let set = read_table(path, &names, Some(&target.name))?;
    let indices = (0..set.len()).collect();
    let regressor = Regressor::new(network, loss);
    let source = TableSource::new(Arc::new(set), features.into(), target.clone());
    let report = evaluate(&regressor, &Arc::new(source), features, indices, device)?;
    Ok(TaskReport::Regression(report))
}
