//! Predictions for rows of a table.

use burn::tensor::Device;

use super::evaluate::unscaled;
use crate::data::{DataError, TableFile};
use crate::facts::{Column, Feature, Targets};
use crate::network::Network;
use crate::tasks::table::{RowOutputs, Skipped, known_rows, outputs_of};

/// Predicts one or several numbers for each row of a table.
pub struct RegressionPredictor {
    network: Network,
    features: Vec<Feature>,
    targets: Targets,
    device: Device,
}

impl RegressionPredictor {
    /// A predictor on a device without gradients.
    #[must_use]
    pub const fn new(
        network: Network,
        features: Vec<Feature>,
        targets: Targets,
        device: Device,
    ) -> Self {
        Self { network, features, targets, device }
    }

    /// What is predicted.
    #[must_use]
    pub fn targets(&self) -> &[Column] {
        &self.targets.0
    }

    /// Predictions, in the units of the targets, for the rows of a file that has the columns of the
    /// features. Rows that cannot be used are left out.
    ///
    /// # Errors
    /// A file without these columns or without rows.
    pub fn predict(&self, file: &TableFile) -> Result<RowOutputs<Vec<f64>>, DataError> {
        let coded = known_rows(file, &self.features)?;
        let mut answers = Vec::with_capacity(coded.rows.len());
        outputs_of(&self.network, &self.features, &coded.values, &self.device, |output| {
            let [_, targets] = output.dims();
            let outputs: Vec<f32> = output.into_data().iter::<f32>().collect();
            answers
                .extend(outputs.chunks(targets.max(1)).map(|row| unscaled(&self.targets.0, row)));
        });
        let rows = coded.rows.into_iter().zip(answers).collect();
        Ok(RowOutputs { format: file.format(), rows, skipped: Skipped(coded.bad) })
    }
}
