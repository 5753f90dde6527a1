//! Rows of numbers in memory.

use sha2::{Digest, Sha256};

use crate::data::origin::{Origin, Origins};

/// Rows of features and targets, as codes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableSet {
    width: usize,
    targets: usize,
    values: Vec<f64>,
    origins: Origins,
}

impl TableSet {
    /// An empty table with `width` features and `targets` targets.
    #[must_use]
    pub fn new(width: usize, targets: usize) -> Self {
        Self { width, targets, ..Self::default() }
    }

    /// Values row by row: in each, the features before the targets. An incomplete last row is left out.
    #[must_use]
    pub fn of_values(width: usize, targets: usize, mut values: Vec<f64>) -> Self {
        values.truncate(values.len() - values.len() % (width + targets).max(1));
        Self { width, targets, values, ..Self::default() }
    }

    /// The same rows, which come from somewhere.
    #[must_use]
    pub fn from_places(mut self, origins: Origins) -> Self {
        self.origins = origins;
        self
    }

    /// Where a row comes from.
    #[must_use]
    pub fn origin(&self, index: usize) -> Origin {
        self.origins.of(index)
    }

    /// Adds a row.
    pub fn push(&mut self, features: &[f64], targets: &[f64]) {
        debug_assert_eq!((features.len(), targets.len()), (self.width, self.targets));
        self.values.extend(features);
        self.values.extend(targets);
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / (self.width + self.targets).max(1)
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of features.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    fn both(&self, index: usize) -> (&[f64], &[f64]) {
        let whole = self.width + self.targets;
        let row = self.values.get(index * whole..(index + 1) * whole).unwrap_or_default();
        row.split_at_checked(self.width).unwrap_or_default()
    }

    /// The features of a row; none beyond the last row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        self.both(index).0
    }

    /// The targets of a row; none beyond the last row.
    #[must_use]
    pub fn targets(&self, index: usize) -> &[f64] {
        self.both(index).1
    }

    /// Some rows, in this order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let kept: Vec<usize> =
            indices.iter().copied().filter(|&index| index < self.len()).collect();
        let mut selected = Self::new(self.width, self.targets);
        selected.origins = self.origins.select(&kept);
        selected.values.reserve_exact(kept.len() * (self.width + self.targets));
        for index in kept {
            let (features, targets) = self.both(index);
            selected.push(features, targets);
        }
        selected
    }

    /// SHA-256 of all numbers and, where codes stand for texts, of these.
    #[must_use]
    pub fn fingerprint(parts: &[&Self], texts: &[&str]) -> String {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            let features = (0..part.len()).flat_map(|index| part.row(index));
            let targets = (0..part.len()).flat_map(|index| part.targets(index));
            for value in features.chain(targets) {
                hash.update(value.to_le_bytes());
            }
        }
        for text in texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        format!("{:x}", hash.finalize())
    }
}
