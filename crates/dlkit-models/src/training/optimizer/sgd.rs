//! Gradient descent for Burn's modules.

use burn::optim::{Optimizer, RecordState, StateSink, StateSource, join_path};
use burn::tensor::{Device, Tensor};
use dlkit_kernels::flex;
use dlkit_kernels::optimizer::SgdStep;

use crate::training::shrinkage::Shrinkage;

/// Gradient descent with its constants. Its records are those of Burn's own.
///
/// With a penalty, this is the inertial proximal method: the velocity is that of the weights as they
/// moved, shrinking included. Were it only the gradients', momentum would weaken the penalty
/// `1 / (1 - momentum)` times.
///
/// # References
/// Ochs, Chen, Brox and Pock, iPiano, 2014, algorithm 1.
#[derive(Clone, Debug)]
pub(super) struct Sgd {
    pub(super) momentum: f64,
    pub(super) nesterov: bool,
    pub(super) weight_decay: f64,
    pub(super) shrinkage: Option<Shrinkage>,
}

/// The velocity of a parameter, if there is momentum.
#[derive(Clone, Debug)]
pub(super) struct SgdState<const D: usize> {
    velocity: Option<Tensor<D>>,
}

impl Optimizer for Sgd {
    type State<const D: usize> = SgdState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: f64,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<SgdState<D>>,
    ) -> (Tensor<D>, Option<SgdState<D>>) {
        let Self { momentum, nesterov, weight_decay, shrinkage } = *self;
        let shrinkage = shrinkage.filter(|shrinkage| shrinkage.includes(D));
        let velocity = (momentum > 0.0)
            .then(|| state.and_then(|state| state.velocity).unwrap_or_else(|| weight.zeros_like()));
        let step = SgdStep { learning_rate, momentum, nesterov, weight_decay };
        let (weight, velocity) = flex::gradient_descent(step, weight, gradient, velocity);
        let Some(shrinkage) = shrinkage else { return (weight, Some(SgdState { velocity })) };
        // How often the gradient of this step counts in it.
        let share = if nesterov { 1.0 + momentum } else { 1.0 };
        let step = learning_rate * share;
        let shrunk = shrinkage.apply(weight.clone(), step);
        let velocity = velocity.map(|velocity| {
            if step == 0.0 {
                return velocity;
            }
            velocity + (weight - shrunk.clone()).div_scalar(step)
        });
        let weight = shrunk;
        (weight, Some(SgdState { velocity }))
    }

    fn to_device<const D: usize>(state: SgdState<D>, device: &Device) -> SgdState<D> {
        SgdState { velocity: state.velocity.map(|velocity| velocity.to_device(device)) }
    }
}

/// Where Burn's own records have the velocity.
const PATH: [&str; 2] = ["momentum", "velocity"];

impl<const D: usize> RecordState for SgdState<D> {
    fn state_flatten(&self, prefix: &str, sink: &mut StateSink) {
        if let Some(velocity) = &self.velocity {
            sink.push_tensor(&join_path(prefix, PATH[0]), PATH[1], velocity.to_data());
        }
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, device: &Device) -> Option<Self> {
        let data = source.take_tensor(&join_path(prefix, PATH[0]), PATH[1]);
        Some(Self { velocity: data.map(|data| Tensor::from_data(data, device)) })
    }
}
