//! Adam and AdamW for Burn's modules.

use burn::optim::{AdamState, AdaptiveMomentumState, Optimizer};
use burn::tensor::{Device, Tensor};
use dlkit_kernels::flex;
use dlkit_kernels::optimizer::AdamStep;

use crate::training::shrinkage::Shrinkage;

/// Adam or AdamW with its constants. Its records are those of Burn's own.
///
/// With a penalty, each weight shrinks by its own step size. The result then minimizes loss plus penalty; a
/// common threshold would change the penalty of every weight.
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
        let penalty = shrinkage.and_then(|shrinkage| shrinkage.penalty(D));
        let step = AdamStep {
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            weight_decay,
            decoupled,
            time,
            penalty,
        };
        let (weight, [first, second]) = flex::adam(step, weight, gradient, moments);
        (weight, Some(AdamState::new(AdaptiveMomentumState::new(time, first, second))))
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}
