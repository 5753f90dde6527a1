//! Pooling by maximum.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

use super::values::{Values, is_single_flex, tensor};
use crate::pool::{self, Windows};

/// The largest number of each window; undefined numbers are the largest.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - size, stride, padding: rows and columns; padding on each side
/// - output: `[batch, channels, rows, columns]` of windows
///
/// # Panics
/// Where Burn's `max_pool2d` does: windows that do not fit.
#[must_use]
pub fn maximum_pool(
    input: Tensor<4>,
    size: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let windows = Windows { input: [height, width], size, stride, padding };
    if batch * channels == 0 || windows.output().is_none() || !is_single_flex(&input) {
        let options = MaxPoolOptions::new(size).with_stride(stride).with_padding(padding);
        return max_pool2d(input, options);
    }
    let input = input.into_dispatch();
    Tensor::from_dispatch(<Dispatch as PoolOps>::maximum_pool(input, windows))
}

/// Pooling as an operation of a backend. Arguments are as [`maximum_pool`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait PoolOps: Backend {
    /// The largest number of each window.
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

impl PoolOps for Flex {
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        forward(input, windows).0
    }
}

fn forward(input: FloatTensor<Flex>, windows: Windows) -> (FloatTensor<Flex>, Vec<u32>) {
    let [batch, channels, ..] = input.shape().dims::<4>();
    let [rows, columns] = windows.output().unwrap_or_default();
    let (values, places) = pool::maximum(windows, Values::new(input).slice());
    (tensor(values, [batch, channels, rows, columns]), places)
}

impl<C: CheckpointStrategy> PoolOps for Autodiff<Flex, C> {
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let (output, places) = forward(input.primitive().clone(), windows);
        match Gradient.prepare::<C>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let state = State { windows, places: Arc::new(places) };
                prepared.finish(state, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

/// What the gradient needs of the pooling.
#[derive(Clone, Debug)]
struct State {
    windows: Windows,
    places: Arc<Vec<u32>>,
}

#[derive(Debug)]
struct Gradient;

impl Backward<Flex, 1> for Gradient {
    type State = State;

    fn backward(self, operation: Ops<State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&operation.node);
        let [Some(parent)] = operation.parents else { return };
        let State { windows, places } = operation.state;
        let [batch, channels, ..] = gradient.shape().dims::<4>();
        let [height, width] = windows.input;
        let result = pool::input_gradient(windows, &places, Values::new(gradient).slice());
        gradients.register::<Flex>(parent.id, tensor(result, [batch, channels, height, width]));
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Distribution};

    use super::*;

    #[test]
    fn outputs_and_gradients_are_those_of_burn() {
        let device = Device::flex().autodiff();
        for (size, stride, padding) in
            [([2, 2], [2, 2], [0, 0]), ([3, 2], [2, 1], [1, 0]), ([3, 3], [3, 2], [1, 1])]
        {
            let input = Tensor::<4>::random([2, 3, 9, 8], Distribution::Normal(0.0, 1.0), &device);
            let run = |pool: &dyn Fn(Tensor<4>) -> Tensor<4>| {
                let input = Tensor::<4>::from_data(input.to_data(), &device).require_grad();
                let output = pool(input.clone());
                let gradients = output.clone().square().sum().backward();
                (output.into_data(), input.grad(&gradients).unwrap().into_data())
            };
            let options = MaxPoolOptions::new(size).with_stride(stride).with_padding(padding);
            let ours = run(&|input| maximum_pool(input, size, stride, padding));
            let burn = run(&|input| max_pool2d(input, options.clone()));
            assert_eq!(ours, burn);
        }
    }
}
