//! Rows of a table, gathered into batches.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{DataError, TableSet};
use crate::facts::Column;
use crate::training::BatchSource;

/// A batch of rows.
///
/// # Shapes
/// - features: `[batch, features, 1, 1]`, standardized
/// - targets: `[batch, 1]`, standardized
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
    set: Arc<TableSet>,
    features: Arc<[Column]>,
    target: Column,
}

impl TableSource {
    /// Rows that are standardized when they are gathered.
    #[must_use]
    pub fn new(set: Arc<TableSet>, features: Arc<[Column]>, target: Column) -> Self {
        Self { set, features, target }
    }

    /// The rows.
    #[must_use]
    pub fn set(&self) -> &TableSet {
        &self.set
    }

    /// The column that is predicted.
    #[must_use]
    pub const fn target(&self) -> &Column {
        &self.target
    }
}

impl BatchSource for TableSource {
    type Batch = TableBatch;

    fn samples(&self) -> usize {
        self.set.len()
    }

    fn batch(&self, indices: &[usize], _: usize, device: &Device) -> Result<TableBatch, DataError> {
        let count = indices.len();
        let mut values = Vec::with_capacity(count * self.features.len());
        let mut targets = Vec::with_capacity(count);
        for &index in indices {
            if index >= self.set.len() {
                let rows = self.set.len();
                return Err(DataError::Unfit(format!("row {index}: only {rows} exist")));
            }
            let row = self.set.row(index).iter().zip(self.features.iter());
            values.extend(row.map(|(value, column)| column.scaled(*value)));
            targets.push(self.target.scaled(self.set.target(index)));
        }
        let shape = [count, self.features.len(), 1, 1];
        Ok(TableBatch {
            features: Tensor::from_data(TensorData::new(values, shape), device),
            targets: Tensor::from_data(TensorData::new(targets, [count, 1]), device),
        })
    }
}
