//! Adam and AdamW for Burn's modules.

use burn::optim::{AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Device, Tensor};
use dlkit_kernels::flex;
use dlkit_kernels::optimizer::AdamStep;

use crate::training::shrinkage::Shrinkage;
use crate::value::number::float;

/// Adam or AdamW with its constants. Its records are those of Burn's own.
///
/// With a penalty, each weight shrinks by its own step size: the learning rate over the root of the
/// mean squared gradient. The result then minimizes loss plus penalty; a common threshold would
/// change the penalty of every weight.
///
/// # References
/// Yun, Lozano and Yang, Adaptive Proximal Gradient Methods for Structured Neural Networks, 2021.
#[derive(Clone, Debug)]
pub(super) struct Adam {
    pub(super) beta_1: f64,
    pub(super) beta_2: f64,
    pub(super) epsilon: f64,
    pub(super) weight_decay: f64,
    /// AdamW: the decay shrinks weights and leaves gradients alone.
    pub(super) decoupled: bool,
    pub(super) shrinkage: Option<Shrinkage>,
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: f64,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let Self { beta_1, beta_2, epsilon, weight_decay, decoupled, shrinkage } = *self;
        let (time, moments) = match state {
            Some(AdamState { momentum }) => (momentum.time, [momentum.moment_1, momentum.moment_2]),
            None => (0, [weight.zeros_like(), weight.zeros_like()]),
        };
        let time = time + 1;
        let step =
            AdamStep { learning_rate, beta_1, beta_2, epsilon, weight_decay, decoupled, time };
        let (weight, [first, second]) = flex::adam(step, weight, gradient, moments);
        let weight = match shrinkage.filter(|shrinkage| shrinkage.includes(D)) {
            Some(shrinkage) => {
                let correction = 1.0 - beta_2.powf(float(time));
                let root = second.clone().div_scalar(correction).sqrt().add_scalar(epsilon);
                shrinkage.apply_each(weight, root.recip().mul_scalar(learning_rate))
            }
            None => weight,
        };
        (weight, Some(AdamState::new(AdaptiveMomentumState::new(time, first, second))))
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}
