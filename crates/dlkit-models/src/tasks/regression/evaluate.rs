//! Figures of a regressor.

use std::sync::Arc;

use burn::tensor::Device;

use super::batch::TableSource;
use super::model::Regressor;
use super::report::{FittedSample, RegressionReport};
use crate::data::{Cells, DataError, TableFile, TableSet, Wanted};
use crate::facts::{Column, Feature, Targets};
use crate::network::Network;
use crate::tasks::table::wanted;
use crate::tasks::{TaskReport, evaluation_batch};
use crate::training::{Loader, Loss};

/// Runs a regressor, on a device without gradients, over the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn evaluate(
    regressor: &Regressor,
    source: &Arc<TableSource>,
    indices: Vec<usize>,
    device: &Device,
) -> Result<RegressionReport, DataError> {
    let (set, columns, loss) = (source.set(), source.targets(), regressor.loss());
    let rows = indices.clone();
    let mut outputs: Vec<f32> = Vec::with_capacity(rows.len() * columns.len());
    let batch = evaluation_batch(regressor.network().spec());
    let loader = Loader::in_order(Arc::clone(source), indices, batch, device.clone());
    for batch in loader.batches(0) {
        outputs.extend(regressor.predict(batch?.features).into_data().iter::<f32>());
    }
    let fitted: Vec<FittedSample> = rows
        .iter()
        .zip(outputs.chunks(columns.len().max(1)))
        .map(|(&row, outputs)| {
            let targets = set.targets(row).to_vec();
            let scaled: Vec<f64> = columns
                .iter()
                .zip(&targets)
                .map(|(column, target)| f64::from(column.scaled(*target)))
                .collect();
            let given: Vec<f64> = outputs.iter().copied().map(f64::from).collect();
            FittedSample {
                features: set.row(row).to_vec(),
                targets,
                predictions: unscaled(columns, outputs),
                loss: loss.of_sample(&given, &scaled),
                origin: set.origin(row),
            }
        })
        .collect();
    let feature = match source.features() {
        [only] if only.cells.is_number() => Some(only.name().to_owned()),
        _ => None,
    };
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    Ok(RegressionReport::new(&names, feature, fitted))
}

/// Outputs of one row, in the units of the targets.
pub(super) fn unscaled(columns: &[Column], outputs: &[f32]) -> Vec<f64> {
    columns.iter().zip(outputs).map(|(column, output)| column.unscaled(*output)).collect()
}

/// Evaluates a network on all rows of a CSV file, whose columns are found by name.
///
/// # Errors
/// A file without these columns; cells that cannot be used.
pub(crate) fn evaluate_table(
    network: Network,
    loss: Loss,
    (features, targets): (&[Feature], &Targets),
    file: &TableFile,
    device: &Device,
) -> Result<TaskReport, DataError> {
    let number = Cells::Number;
    let mut columns: Vec<Wanted<'_>> = features.iter().map(wanted).collect();
    let measured = |target| Wanted { name: target, cells: &number, optional: false };
    columns.extend(targets.0.iter().map(|target| measured(target.name.as_str())));
    let (values, origins) = file.code(&columns)?.whole(file)?;
    let set = TableSet::of_values(features.len(), targets.0.len(), values).from_places(origins);
    let indices = (0..set.len()).collect();
    let regressor = Regressor::new(network, loss);
    let source = TableSource::new(set, features.into(), targets.0.clone().into());
    let report = evaluate(&regressor, &Arc::new(source), indices, device)?;
    Ok(TaskReport::Regression(report))
}
