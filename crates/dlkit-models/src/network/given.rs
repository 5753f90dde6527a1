//! Weights that were given by name, seen from one layer.

use std::collections::BTreeMap;

use burn::module::{Module, Param, RunningState};
use burn::tensor::{Tensor, TensorData};
use thiserror::Error;

/// Why weights do not fit a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WeightsError {
    /// A name the network does not have.
    #[error("weight `{name}`: not in the network, which has {}", .known.join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names the network has.
        known: Vec<String>,
    },
    /// A name that was given more than once.
    #[error("weight `{name}`: given twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A weight that was not given.
    #[error("weight `{name}`: missing; its shape is {shape:?}")]
    Missing {
        /// The name of the weight.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A weight of another shape than the network's.
    #[error("weight `{name}`: its shape is {given:?}, but the network needs {expected:?}")]
    Shape {
        /// The name of the weight.
        name: String,
        /// The shape that was given.
        given: Vec<usize>,
        /// The shape the network has.
        expected: Vec<usize>,
    },
}

/// The weights that were given, seen from one layer.
pub(crate) struct Given<'a> {
    pub(super) layer: &'a str,
    pub(super) weights: &'a mut BTreeMap<String, TensorData>,
}

impl Given<'_> {
    fn tensor<const D: usize>(
        &mut self,
        field: &str,
        old: &Tensor<D>,
    ) -> Result<Tensor<D>, WeightsError> {
        let name = format!("{}.{field}", self.layer);
        let expected = old.dims().to_vec();
        let Some(data) = self.weights.remove(&name) else {
            return Err(WeightsError::Missing { name, shape: expected });
        };
        let given = data.shape().to_vec();
        if given != expected {
            return Err(WeightsError::Shape { name, given, expected });
        }
        Ok(Tensor::from_data(data, (&old.device(), old.dtype())))
    }

    /// Sets a trained parameter by the name of its field; its id stays.
    pub(crate) fn parameter<const D: usize>(
        &mut self,
        field: &str,
        parameter: &mut Param<Tensor<D>>,
    ) -> Result<(), WeightsError> {
        let new = self.tensor(field, &parameter.val())?;
        *parameter = parameter
            .clone()
            .map(|old| if old.is_require_grad() { new.require_grad() } else { new });
        Ok(())
    }

    /// Sets a running statistic by the name of its field.
    pub(crate) fn statistic(
        &mut self,
        field: &str,
        statistic: &mut RunningState<Tensor<1>>,
    ) -> Result<(), WeightsError> {
        let new = self.tensor(field, &statistic.value_sync())?;
        // Clones of a network share their running statistics; `valid` makes one of its own with
        // the same id.
        *statistic = statistic.valid();
        statistic.update(new);
        statistic.value_sync();
        Ok(())
    }
}
