//! Rows of a table, gathered into batches.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{DataError, TableSet};
use crate::facts::{Column, Feature};
use crate::tasks::table::TableInputs;
use crate::training::BatchSource;

/// A batch of rows.
///
/// # Shapes
/// - features: `[batch, inputs, 1, 1]`, standardized
/// - targets: `[batch, targets]`, standardized
#[derive(Clone, Debug)]
pub struct TableBatch {
    /// What the network is given.
    pub features: Tensor<4>,
    /// What it is to predict.
    pub targets: Tensor<2>,
}

/// Rows in memory, ready to be gathered.
#[derive(Clone, Debug)]
pub struct TableSource {
    inputs: TableInputs,
    targets: Arc<[Column]>,
}

impl TableSource {
    /// Rows that become input, and whose targets are standardized, when they are gathered.
    #[must_use]
    pub fn new(set: TableSet, features: Arc<[Feature]>, targets: Arc<[Column]>) -> Self {
        Self { inputs: TableInputs::new(set, features), targets }
    }

    /// The rows.
    #[must_use]
    pub fn set(&self) -> &TableSet {
        self.inputs.set()
    }

    /// The features.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        self.inputs.features()
    }

    /// The columns that are predicted.
    #[must_use]
    pub fn targets(&self) -> &[Column] {
        &self.targets
    }
}

impl BatchSource for TableSource {
    type Batch = TableBatch;

    fn samples(&self) -> usize {
        self.set().len()
    }

    fn batch(&self, indices: &[usize], _: usize, device: &Device) -> Result<TableBatch, DataError> {
        let features = self.inputs.tensor(indices, device)?;
        let mut targets = Vec::with_capacity(indices.len() * self.targets.len());
        for &index in indices {
            let row = self.set().targets(index).iter().zip(self.targets.iter());
            targets.extend(row.map(|(value, column)| column.scaled(*value)));
        }
        let shape = [indices.len(), self.targets.len()];
        Ok(TableBatch {
            features,
            targets: Tensor::from_data(TensorData::new(targets, shape), device),
        })
    }
}
