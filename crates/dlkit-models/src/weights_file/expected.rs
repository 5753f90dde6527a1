//! The weights that a file may contain.

use burn::tensor::TensorData;

use crate::network::{Network, WeightsError};

/// Most bytes a value may take: those of float64, twice what is needed.
const VALUE: u64 = 8;
/// Room for what describes a weight: headers, names, entries of directories.
const WEIGHT: u64 = 1 << 10;
/// Room for what describes a file, such as the remarks of another program.
const FILE: u64 = 1 << 20;

/// The names of a network's weights and the room they need, so that nothing else is read.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    names: Vec<String>,
    bytes: u64,
}

impl Expected {
    pub(super) fn of(network: &Network) -> Self {
        Self::new(&network.weights())
    }

    pub(super) fn new(weights: &[(String, TensorData)]) -> Self {
        let bytes = weights.iter().map(|(_, data)| WEIGHT + VALUE * data.num_elements() as u64);
        Self {
            names: weights.iter().map(|(name, _)| name.clone()).collect(),
            bytes: FILE + bytes.sum::<u64>(),
        }
    }

    /// Most bytes of a file, packed or not.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Checks names before their values are unpacked.
    pub(super) fn check<'a>(
        &self,
        mut names: impl Iterator<Item = &'a str>,
    ) -> Result<(), WeightsError> {
        match names.find(|name| !self.names.iter().any(|known| known == name)) {
            Some(name) => {
                Err(WeightsError::Unknown { name: name.to_owned(), known: self.names.clone() })
            }
            None => Ok(()),
        }
    }
}
