//! Parameters as they are made: numbered in order, drawn from one generator.

use burn::module::{Param, ParamId, RunningState};
use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::ChaCha12Rng;

use super::initializer::{Fan, Initializer};
use crate::randomness::{Purpose, generator};

/// Makes the parameters of a network.
///
/// Identifiers are counted instead of drawn, so that the same training gives the same checkpoint
/// files, byte for byte.
pub(crate) struct Builder<'a> {
    random: ChaCha12Rng,
    made: u64,
    device: &'a Device,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(seed: u64, device: &'a Device) -> Self {
        Self { random: generator(seed, Purpose::Weights, 0), made: 0, device }
    }

    fn id(&mut self) -> ParamId {
        self.made += 1;
        ParamId::from(self.made)
    }

    /// Weights, drawn on the processor, so that every device starts from the same numbers.
    pub(crate) fn weight<const D: usize>(
        &mut self,
        initializer: Initializer,
        shape: [usize; D],
        fan: Fan,
    ) -> Param<Tensor<D>> {
        let values = initializer.values(shape.iter().product(), fan, &mut self.random);
        self.parameter(Tensor::from_data(TensorData::new(values, shape), self.device))
    }

    /// A vector of equal values that are trained.
    pub(crate) fn vector(&mut self, length: usize, value: f64) -> Param<Tensor<1>> {
        self.parameter(Tensor::full([length], value, self.device))
    }

    /// A vector of equal values that follow the batches.
    pub(crate) fn running(&mut self, length: usize, value: f64) -> RunningState<Tensor<1>> {
        let id = self.id();
        RunningState::with_id(id, Tensor::full([length], value, self.device))
    }

    fn parameter<const D: usize>(&mut self, value: Tensor<D>) -> Param<Tensor<D>> {
        let mut parameter = Param::from_tensor(value);
        parameter.id = self.id();
        parameter
    }
}
