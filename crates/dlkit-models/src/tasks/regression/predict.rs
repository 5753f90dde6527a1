//! Predictions for rows of a table.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{DataError, read_table};
use crate::facts::Column;
use crate::network::Network;
use crate::tasks::evaluation_batch;

/// Predicts a number for each row of a table.
pub struct RegressionPredictor {
    network: Network,
    features: Vec<Column>,
    target: Column,
    device: Device,
}

impl RegressionPredictor {
    /// A predictor on a device without gradients.
    #[must_use]
    pub const fn new(
        network: Network,
        features: Vec<Column>,
        target: Column,
        device: Device,
    ) -> Self {
        Self { network, features, target, device }
    }

    /// Name of what is predicted.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target.name
    }

    /// Predictions, in the units of the target, for the rows of a CSV file that has the columns of the
    /// features.
    ///
    /// # Errors
    /// A file without these columns, or with cells that are no numbers.
    pub fn predict(&self, path: &Path) -> Result<Vec<f64>, DataError> {
        let names: Vec<&str> = self.features.iter().map(|column| column.name.as_str()).collect();
        let set = read_table(path, &names, None)?;
        let mut predictions = Vec::with_capacity(set.len());
        let batch = evaluation_batch(self.network.spec());
        for start in (0..set.len()).step_by(batch) {
            let rows = start..set.len().min(start + batch);
            let shape = [rows.len(), self.features.len(), 1, 1];
            let values: Vec<f32> = rows
                .flat_map(|row| set.row(row).iter().zip(&self.features))
                .map(|(value, column)| column.scaled(*value))
                .collect();
            let input = Tensor::<4>::from_data(TensorData::new(values, shape), &self.device);
            let output = self.network.forward(input).into_data();
            predictions.extend(output.iter::<f32>().map(|value| self.target.unscaled(value)));
        }
        Ok(predictions)
    }
}
