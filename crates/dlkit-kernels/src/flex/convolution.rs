//! Two-dimensional convolutions.

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

use super::method::{Method, Movement};
use super::values::{Values, is_single_flex, tensor};
use crate::rectifier::rectified_gradient;
use crate::winograd::Ending;

/// The convolution of `input` with `weight`, plus `bias`; if `rectified`, negative outputs become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[filters, channels / groups, kernel height, kernel width]`
/// - bias: `[filters]`
/// - output: `[batch, filters, height, width]`
///
/// # Panics
/// Where Burn's `conv2d` does: shapes that do not go together.
#[must_use]
pub fn convolution(
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    movement: Movement,
    rectified: bool,
) -> Tensor<4> {
    let [filters, ..] = weight.dims();
    let fits = Method::new(input.dims(), weight.dims(), movement).is_some()
        && bias.as_ref().is_none_or(|bias| bias.dims() == [filters]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        let Movement { stride, padding, dilation, groups } = movement;
        let options = ConvOptions::new_with_padding(stride, padding, dilation, groups);
        let output = conv2d(input, weight, bias, options);
        return if rectified { relu(output) } else { output };
    }
    let settings = Settings { movement, rectified };
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => {
            <Dispatch as ConvolutionOps>::biased_convolution(input, weight, bias, settings)
        }
        None => <Dispatch as ConvolutionOps>::convolution(input, weight, settings),
    })
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    movement: Movement,
    rectified: bool,
}

/// The convolution as an operation of a backend. Arguments are as [`convolution()`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait ConvolutionOps: Backend {
    /// The convolution.
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// The convolution, plus `bias`.
    fn biased_convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;
}

impl ConvolutionOps for Flex {
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        forward(input, weight, None, settings)
    }

    fn biased_convolution(
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
    let method = method(&input, &weight, settings.movement);
    let bias = bias.map(Values::new);
    let ending = Ending { bias: bias.as_ref().map(Values::slice), rectified: settings.rectified };
    let (input, weight) = (Values::new(input), Values::new(weight));
    let output = method.convolution(input.slice(), weight.slice(), ending);
    tensor(output, method.output())
}

/// How a convolution is computed whose arguments were checked.
fn method(input: &FloatTensor<Flex>, weight: &FloatTensor<Flex>, movement: Movement) -> Method {
    let method = Method::new(input.shape().dims(), weight.shape().dims(), movement);
    method.unwrap_or_else(|| unreachable!("checked before the operation was recorded"))
}

impl<C: CheckpointStrategy> ConvolutionOps for Autodiff<Flex, C> {
    fn convolution(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node()];
        record::<C, 2>(Gradient.prepare::<C>(nodes), &input, &weight, None, settings)
    }

    fn biased_convolution(
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
                movement: settings.movement,
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
    movement: Movement,
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
    let State { input, weight, mask, movement } = operation.state;
    let input: FloatTensor<Flex> = checkpointer.retrieve_node_output(input);
    let weight: FloatTensor<Flex> = checkpointer.retrieve_node_output(weight);
    let method = method(&input, &weight, movement);
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
        let result = method.input_gradient(gradient.slice(), weight.slice());
        gradients.register::<Flex>(parent.id, tensor(result, input_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let input = Values::new(input);
        let result = method.weight_gradient(input.slice(), gradient.slice());
        gradients.register::<Flex>(parent.id, tensor(result, weight_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let result = method.bias_gradient(gradient.slice());
        gradients.register::<Flex>(parent.id, tensor(result, [method.output()[1]]));
    }
}

#[cfg(test)]
mod tests;
