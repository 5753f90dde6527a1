//! Rows of other files, run through a trained network.

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::{BadCell, Coded, DataError, TableFile, TableFormat, Wanted};
use crate::facts::{Feature, inputs_of};
use crate::network::Network;
use crate::tasks::evaluation_batch;

/// Rows that were left out of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped(pub Vec<BadCell>);

impl Skipped {
    /// What is wrong with them, in one message.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        BadCell::message(&self.0)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        let mut rows: Vec<usize> = self.0.iter().map(|cell| cell.row).collect();
        rows.dedup();
        rows.len()
    }
}

/// What a network outputs for the rows of a file.
#[derive(Clone, Debug)]
pub struct RowOutputs<T> {
    /// How the file is written.
    pub format: TableFormat,
    /// For each row that can be used, its number from 1, without the line of names, and the answer.
    pub rows: Vec<(usize, T)>,
    /// The rows that cannot be used.
    pub skipped: Skipped,
}

/// The features of the rows of a file, as codes.
pub(crate) fn known_rows(file: &TableFile, features: &[Feature]) -> Result<Coded, DataError> {
    let wanted: Vec<Wanted<'_>> = features.iter().map(wanted).collect();
    file.code(&wanted)
}

/// A feature of a trained network, as a file must have it.
pub(crate) fn wanted(feature: &Feature) -> Wanted<'_> {
    Wanted { name: feature.name(), cells: &feature.cells, optional: feature.fill.is_some() }
}

/// The outputs of a network for rows of codes, one after the other.
///
/// # Shapes
/// - codes: rows by features
/// - given to `each`: `[rows, outputs]` of a batch
pub(crate) fn outputs_of(
    network: &Network,
    features: &[Feature],
    codes: &[f64],
    device: &Device,
    mut each: impl FnMut(Tensor<2>),
) {
    let (columns, inputs) = (features.len().max(1), inputs_of(features));
    let batch = evaluation_batch(network.spec());
    for codes in codes.chunks(batch * columns) {
        let rows = codes.len() / columns;
        let mut values = Vec::with_capacity(rows * inputs);
        for row in codes.chunks(columns) {
            for (code, feature) in row.iter().zip(features) {
                feature.encode(*code, &mut values);
            }
        }
        let data = TensorData::new(values, [rows, inputs, 1, 1]);
        let output = network.forward(Tensor::<4>::from_data(data, device));
        let [rows, channels, height, width] = output.dims();
        each(output.reshape([rows, channels * height * width]));
    }
}
