//! Convolutions with 3x3 kernels and stride 1.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, OpsPrep};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::values::{Values, is_single_flex, tensor};
use crate::rectifier::rectified_gradient;
use crate::winograd::{self, Ending, Shape};

/// The convolution of `input` with `weight` with stride 1, plus `bias`; if `rectified`, negative
/// outputs become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[filters, channels, 3, 3]`
/// - bias: `[filters]`
/// - padding: rows and columns of zeros on each side
/// - output: `[batch, filters, height + 2 * padding - 2, width + 2 * padding - 2]`
///
/// # Panics
/// Where Burn's `conv2d` does: shapes that do not go together.
#[must_use]
pub fn convolution3x3(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    padding: [usize; 2],
    rectified: bool,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let [filters, weight_channels, rows, columns] = weight.dims();
    let shape = Shape { batch, channels, filters, height, width, padding };
    let fits = [rows, columns] == [3, 3]
        && weight_channels == channels
        && batch * channels * filters > 0
        && shape.output().is_some()
        && bias.as_ref().is_none_or(|bias| bias.dims() == [filters]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        let padding = padding.map(|padding| (padding, padding));
        let options = ConvOptions::new_with_padding([1, 1], padding, [1, 1], 1);
        let output = conv2d(input, weight, bias, options);
        return if rectified { relu(output) } else { output };
    }
    let settings = Settings { padding, rectified };
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => {
            <Dispatch as ConvolutionOps>::biased_convolution3x3(input, weight, bias, settings)
        }
        None => <Dispatch as ConvolutionOps>::convolution3x3(input, weight, settings),
    })
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    padding: [usize; 2],
    rectified: bool,
}

/// The convolution as an operation of a backend. Arguments are as [`convolution3x3`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait ConvolutionOps: Backend {
    /// The convolution.
    fn convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// The convolution, plus `bias`.
    fn biased_convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;
}

impl ConvolutionOps for Flex {
    fn convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        forward(input, weight, None, settings)
    }

    fn biased_convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        forward(input, weight, Some(bias), settings)
    }
}

fn forward(
    input: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    bias: Option<FloatTensor<Flex>>,
    settings: Settings,
) -> FloatTensor<Flex> {
    let shape = shape(&input, &weight, settings.padding);
    let bias = bias.map(Values::new);
    let ending = Ending { bias: bias.as_ref().map(Values::slice), rectified: settings.rectified };
    let (input, weight) = (Values::new(input), Values::new(weight));
    let output = winograd::convolution(shape, input.slice(), weight.slice(), ending);
    let [height, width] = shape.output().unwrap_or_default();
    tensor(output, [shape.batch, shape.filters, height, width])
}

fn shape(input: &FloatTensor<Flex>, weight: &FloatTensor<Flex>, padding: [usize; 2]) -> Shape {
    let [batch, channels, height, width] = input.shape().dims();
    let [filters, ..] = weight.shape().dims::<4>();
    Shape { batch, channels, filters, height, width, padding }
}

impl<C: CheckpointStrategy> ConvolutionOps for Autodiff<Flex, C> {
    fn convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node()];
        record::<C, 2>(Gradient.prepare::<C>(nodes), &input, &weight, None, settings)
    }

    fn biased_convolution3x3(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        record::<C, 3>(Gradient.prepare::<C>(nodes), &input, &weight, Some(&bias), settings)
    }
}

/// Computes the convolution and records its gradient, which has `N` parents.
fn record<C: CheckpointStrategy, const N: usize>(
    prepared: OpsPrep<Gradient, Flex, State, C, N>,
    input: &FloatTensor<Autodiff<Flex, C>>,
    weight: &FloatTensor<Autodiff<Flex, C>>,
    bias: Option<&FloatTensor<Autodiff<Flex, C>>>,
    settings: Settings,
) -> FloatTensor<Autodiff<Flex, C>>
where
    Gradient: Backward<Flex, N, State = State>,
{
    let bias = bias.map(|bias| bias.primitive().clone());
    let output = forward(input.primitive().clone(), weight.primitive().clone(), bias, settings);
    match prepared.compute_bound().stateful() {
        OpsKind::Tracked(mut prepared) => {
            let state = State {
                input: prepared.checkpoint(input),
                weight: prepared.checkpoint(weight),
                mask: settings.rectified.then(|| output.clone()),
                padding: settings.padding,
            };
            prepared.finish(state, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

/// What the gradient needs of the convolution.
#[derive(Clone, Debug)]
struct State {
    input: NodeId,
    weight: NodeId,
    /// The rectified output, where it is.
    mask: Option<FloatTensor<Flex>>,
    padding: [usize; 2],
}

#[derive(Debug)]
struct Gradient;

impl Backward<Flex, 3> for Gradient {
    type State = State;

    fn backward(
        self,
        operation: Ops<State, 3>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        backward(operation, gradients, checkpointer);
    }
}

impl Backward<Flex, 2> for Gradient {
    type State = State;

    fn backward(
        self,
        operation: Ops<State, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        backward(operation, gradients, checkpointer);
    }
}

fn backward<const N: usize>(
    operation: Ops<State, N>,
    gradients: &mut Gradients,
    checkpointer: &mut Checkpointer,
) {
    let gradient = gradients.consume::<Flex>(&operation.node);
    let State { input, weight, mask, padding } = operation.state;
    let input: FloatTensor<Flex> = checkpointer.retrieve_node_output(input);
    let weight: FloatTensor<Flex> = checkpointer.retrieve_node_output(weight);
    let shape = shape(&input, &weight, padding);
    let (input_dims, weight_dims) = (input.shape(), weight.shape());
    let gradient = match mask {
        Some(output) => {
            let dims = gradient.shape();
            let (output, gradient) = (Values::new(output), Values::new(gradient));
            tensor(rectified_gradient(output.slice(), gradient.slice()), dims)
        }
        None => gradient,
    };
    let gradient = Values::new(gradient);
    let mut parents = operation.parents.into_iter();
    if let Some(parent) = parents.next().flatten() {
        let weight = Values::new(weight);
        let result = winograd::input_gradient(shape, gradient.slice(), weight.slice());
        gradients.register::<Flex>(parent.id, tensor(result, input_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let input = Values::new(input);
        let result = winograd::weight_gradient(shape, input.slice(), gradient.slice());
        gradients.register::<Flex>(parent.id, tensor(result, weight_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let result = winograd::bias_gradient(shape, gradient.slice());
        gradients.register::<Flex>(parent.id, tensor(result, [shape.filters]));
    }
}

#[cfg(test)]
mod tests;
