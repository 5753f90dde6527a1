//! What a diagnosis asks of the data of an experiment.

use burn::tensor::{Device, Tensor};

use super::{Session, spread};
use crate::data::{DataError, Part};
use crate::network::Network;
use crate::tasks::{Prepared, TaskReport};
use crate::training::Look;

impl Session {
    /// At most 1,000 evenly spaced training samples as network inputs, with their classes; none where the
    /// task has no classes.
    pub(crate) fn labeled_inputs(
        &self,
        device: &Device,
    ) -> Result<Option<(Tensor<4>, Vec<usize>)>, DataError> {
        let Prepared { split, material, .. } = &self.prepared;
        let chosen = spread(&split.train, 1_000);
        let Some(classes) = material.classes_of(&chosen) else { return Ok(None) };
        Ok(Some((material.inputs(&chosen, device)?, classes)))
    }

    /// The number of training samples of each class; none where the task has no classes.
    pub(crate) fn class_counts(&self) -> Option<Vec<usize>> {
        let Prepared { split, material, .. } = &self.prepared;
        let classes = material.classes_of(&split.train)?;
        let mut counts = vec![0; classes.iter().max().map_or(0, |most| most + 1)];
        for class in classes {
            counts[class] += 1;
        }
        Some(counts)
    }

    /// Looks at a network, on an autodiff device, with batches of its training.
    pub(crate) fn look(&self, network: &Network, device: &Device) -> Result<Look, DataError> {
        let Prepared { split, material, .. } = &self.prepared;
        material.look(&self.experiment, split, network, device)
    }

    /// Evaluates a network on at most 2,000 evenly spaced samples of training or validation; `None` if
    /// there are none.
    pub(crate) fn evaluate_some(
        &self,
        network: Network,
        part: Part,
        device: &Device,
    ) -> Result<Option<TaskReport>, DataError> {
        let Prepared { split, material, .. } = &self.prepared;
        let indices = if part == Part::Validation { &split.validation } else { &split.train };
        if indices.is_empty() {
            return Ok(None);
        }
        material.report(network, None, false, spread(indices, 2_000), device).map(Some)
    }
}
