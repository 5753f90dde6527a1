//! Pooling by maximum and by mean.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use super::values::{Values, is_single_flex, map_gradient, tensor};
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

/// The mean of the numbers of each window; padding is none of them.
///
/// # Shapes
/// As [`maximum_pool`].
///
/// # Panics
/// Where Burn's `avg_pool2d` does: windows that do not fit.
#[must_use]
pub fn average_pool(
    input: Tensor<4>,
    size: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let windows = Windows { input: [height, width], size, stride, padding };
    if batch * channels == 0 || windows.output().is_none() || !is_single_flex(&input) {
        let options = AvgPoolOptions::new(size).with_stride(stride).with_padding(padding);
        return avg_pool2d(input, options.with_count_include_pad(false));
    }
    let input = input.into_dispatch();
    Tensor::from_dispatch(<Dispatch as PoolOps>::average_pool(input, windows))
}

/// Pooling as an operation of a backend. Arguments are as the functions above have checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait PoolOps: Backend {
    /// The largest number of each window.
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;

    /// The mean of each window.
    fn average_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self>;
}

impl PoolOps for Flex {
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        maximum(input, windows).0
    }

    fn average_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let dims = output(&input, &windows);
        tensor(pool::average(windows, Values::new(input).slice()), dims)
    }
}

fn maximum(input: FloatTensor<Flex>, windows: Windows) -> (FloatTensor<Flex>, Vec<u32>) {
    let dims = output(&input, &windows);
    let (values, places) = pool::maximum(windows, Values::new(input).slice());
    (tensor(values, dims), places)
}

fn output(input: &FloatTensor<Flex>, windows: &Windows) -> [usize; 4] {
    let [batch, channels, ..] = input.shape().dims::<4>();
    let [rows, columns] = windows.output().unwrap_or_default();
    [batch, channels, rows, columns]
}

impl<C: CheckpointStrategy> PoolOps for Autodiff<Flex, C> {
    fn maximum_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let (output, places) = maximum(input.primitive().clone(), windows);
        match MaximumGradient.prepare::<C>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((windows, Arc::new(places)), output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn average_pool(input: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let output = Flex::average_pool(input.primitive().clone(), windows);
        match AverageGradient.prepare::<C>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(windows, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

#[derive(Debug)]
struct MaximumGradient;

impl Backward<Flex, 1> for MaximumGradient {
    /// The windows, and where their largest numbers were.
    type State = (Windows, Arc<Vec<u32>>);

    fn backward(
        self,
        operation: Ops<Self::State, 1>,
        gradients: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        map_gradient(operation, gradients, |(windows, places), gradient| {
            (windows.input, pool::maximum_gradient(windows, &places, gradient))
        });
    }
}

#[derive(Debug)]
struct AverageGradient;

impl Backward<Flex, 1> for AverageGradient {
    type State = Windows;

    fn backward(self, operation: Ops<Windows, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        map_gradient(operation, gradients, |windows, gradient| {
            (windows.input, pool::average_gradient(windows, gradient))
        });
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tolerance};

    use super::*;
    use crate::reference::drawn;

    #[test]
    fn outputs_and_gradients_are_those_of_burn() {
        let device = Device::flex().autodiff();
        for (size, stride, padding) in
            [([2, 2], [2, 2], [0, 0]), ([3, 2], [2, 1], [1, 0]), ([3, 3], [3, 2], [1, 1])]
        {
            let input = drawn([2, 3, 9, 8], 1, &device);
            assert!(is_single_flex(&input));
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

            let options = AvgPoolOptions::new(size).with_stride(stride).with_padding(padding);
            let options = options.with_count_include_pad(false);
            let ours = run(&|input| average_pool(input, size, stride, padding));
            let burn = run(&|input| avg_pool2d(input, options.clone()));
            for (ours, burn) in [(ours.0, burn.0), (ours.1, burn.1)] {
                ours.assert_approx_eq::<f32>(&burn, Tolerance::absolute(1e-5));
            }
        }
    }
}
