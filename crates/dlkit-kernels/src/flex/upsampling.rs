//! Enlarged maps.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

use super::values::{Values, is_single_flex, map_gradient, tensor};
use crate::upsampling::{self, Shape};

/// Maps enlarged by bilinear interpolation with aligned pixel centers (PyTorch's `align_corners=False`).
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - factor: of height and width
/// - output: `[batch, channels, height * factor, width * factor]`
///
/// # Panics
/// Where Burn's `interpolate` does.
#[must_use]
pub fn bilinear(input: Tensor<4>, factor: [usize; 2]) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let shape = Shape { input: [height, width], factor };
    if batch * channels == 0 || shape.output().is_none() || !is_single_flex(&input) {
        let size = [height * factor[0], width * factor[1]];
        let options = InterpolateOptions::new(InterpolateMode::Bilinear)
            .with_align_corners(false)
            .with_output_size(size);
        return interpolate(input, options);
    }
    let input = input.into_dispatch();
    Tensor::from_dispatch(<Dispatch as UpsamplingOps>::bilinear(input, shape))
}

/// Upsampling as an operation of a backend. Arguments are as [`bilinear`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait UpsamplingOps: Backend {
    /// Enlarged maps.
    fn bilinear(input: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self>;
}

impl UpsamplingOps for Flex {
    fn bilinear(input: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self> {
        let [batch, channels, ..] = input.shape().dims::<4>();
        let [height, width] = shape.output().unwrap_or_default();
        let output = upsampling::bilinear(shape, Values::new(input).slice());
        tensor(output, [batch, channels, height, width])
    }
}

impl<C: CheckpointStrategy> UpsamplingOps for Autodiff<Flex, C> {
    fn bilinear(input: FloatTensor<Self>, shape: Shape) -> FloatTensor<Self> {
        let output = Flex::bilinear(input.primitive().clone(), shape);
        match Gradient.prepare::<C>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(shape, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

#[derive(Debug)]
struct Gradient;

impl Backward<Flex, 1> for Gradient {
    type State = Shape;

    fn backward(self, operation: Ops<Shape, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        map_gradient(operation, gradients, |shape, gradient| {
            (shape.input, upsampling::input_gradient(shape, gradient))
        });
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::reference::drawn;

    #[test]
    fn outputs_and_gradients_are_those_of_burn() {
        let device = Device::flex().autodiff();
        for factor in [[2, 2], [3, 1], [1, 4]] {
            let input = drawn([2, 3, 5, 4], 1, &device);
            let run = |enlarge: &dyn Fn(Tensor<4>) -> Tensor<4>| -> Vec<f32> {
                let input = Tensor::<4>::from_data(input.to_data(), &device).require_grad();
                let output = enlarge(input.clone());
                let gradients = output.clone().square().sum().backward();
                let gradient = input.grad(&gradients).unwrap();
                output.into_data().iter().chain(gradient.into_data().iter()).collect()
            };
            assert!(is_single_flex(&input));
            let ours = run(&|input| bilinear(input, factor));
            let burn = run(&|input| {
                let options = InterpolateOptions::new(InterpolateMode::Bilinear)
                    .with_align_corners(false)
                    .with_output_size([5 * factor[0], 4 * factor[1]]);
                interpolate(input, options)
            });
            assert_eq!(ours.len(), burn.len());
            for (ours, burn) in ours.iter().zip(&burn) {
                assert!((ours - burn).abs() <= 1e-5 * burn.abs().max(1.0), "{ours} {burn}");
            }
        }
    }
}
