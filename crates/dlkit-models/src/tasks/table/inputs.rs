//! Rows in memory as network input.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{DataError, TableSet};
use crate::facts::{Feature, inputs_of};

/// Rows in memory, which become input when they are gathered.
#[derive(Clone, Debug)]
pub(crate) struct TableInputs {
    set: Arc<TableSet>,
    features: Arc<[Feature]>,
    width: usize,
}

impl TableInputs {
    pub(crate) fn new(set: TableSet, features: Arc<[Feature]>) -> Self {
        let width = inputs_of(&features);
        Self { set: Arc::new(set), features, width }
    }

    /// The rows.
    pub(crate) fn set(&self) -> &TableSet {
        &self.set
    }

    /// The features.
    pub(crate) fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Some rows as input.
    ///
    /// # Shapes
    /// - output: `[rows, inputs, 1, 1]`
    ///
    /// # Errors
    /// A row beyond the last.
    pub(crate) fn tensor(&self, rows: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for &row in rows {
            if row >= self.set.len() {
                let rows = self.set.len();
                return Err(DataError::Unfit(format!("row {row}: only {rows} exist")));
            }
            for (code, feature) in self.set.row(row).iter().zip(self.features.iter()) {
                feature.encode(*code, &mut values);
            }
        }
        let shape = [rows.len(), self.width, 1, 1];
        Ok(Tensor::from_data(TensorData::new(values, shape), device))
    }
}
