//! Weights as plain numbers, that can be looked at and left out along an axis.

use std::ops::Range;

use burn::tensor::TensorData;

use crate::network::module::Network;

/// Named values with their sizes.
pub(super) struct Tensors(Vec<(String, Vec<usize>, Vec<f32>)>);

impl Tensors {
    pub(super) fn of(network: &Network) -> Self {
        let weights = network.weights().into_iter();
        let plain = |(name, data): (String, TensorData)| {
            (name, data.shape().to_vec(), data.iter::<f32>().collect())
        };
        Self(weights.map(plain).collect())
    }

    pub(super) fn into_weights(self) -> impl Iterator<Item = (String, TensorData)> {
        self.0.into_iter().map(|(name, dims, values)| (name, TensorData::new(values, dims)))
    }

    /// Sizes and values; none of an unknown name.
    pub(super) fn get(&self, name: &str) -> (&[usize], &[f32]) {
        let found = self.0.iter().find(|(known, ..)| known == name);
        found.map_or((&[], &[]), |(_, dims, values)| (dims, values))
    }

    /// The values at some places of an axis; none of an unknown name.
    pub(super) fn places(
        &self,
        name: &str,
        axis: usize,
        range: Range<usize>,
    ) -> impl Iterator<Item = f32> {
        let (dims, values) = self.get(name);
        let inner: usize = dims.iter().skip(axis + 1).product();
        let size = dims.get(axis).copied().unwrap_or(1);
        let places = range.start * inner..range.end * inner;
        values.chunks(size * inner).flat_map(move |row| row[places.clone()].iter().copied())
    }

    /// Whether all values at some places of an axis are at most `threshold`.
    pub(super) fn are_small(
        &self,
        name: &str,
        axis: usize,
        range: Range<usize>,
        threshold: f64,
    ) -> bool {
        self.places(name, axis, range).all(|value| f64::from(value.abs()) <= threshold)
    }

    /// Keeps these places of an axis.
    pub(super) fn keep(&mut self, name: &str, axis: usize, kept: &[usize]) {
        if let Some((_, dims, values)) = self.0.iter_mut().find(|(known, ..)| known == name) {
            let (size, inner) = (dims[axis], dims[axis + 1..].iter().product::<usize>());
            let row = |row: &[f32]| -> Vec<f32> {
                let place = |&place: &usize| row[place * inner..(place + 1) * inner].iter();
                kept.iter().flat_map(place).copied().collect()
            };
            *values = values.chunks(size * inner).flat_map(row).collect();
            dims[axis] = kept.len();
        }
    }

    /// Adds numbers, times a sign.
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    pub(super) fn add(&mut self, name: &str, sign: f64, numbers: &[f64]) {
        if let Some((.., values)) = self.0.iter_mut().find(|(known, ..)| known == name) {
            for (value, number) in values.iter_mut().zip(numbers) {
                *value = (f64::from(*value) + sign * number) as f32;
            }
        }
    }
}
