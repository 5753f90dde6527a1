//! Dense layers.

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, OpsPrep};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::linear;

use super::values::{Values, is_single_flex, tensor};
use crate::dense::{self, Ending, Shape};
use crate::rectifier::rectified_gradient;

/// The product of each sample of `input` with `weight`, plus `bias`; if `rectified`, negative outputs
/// become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weight: `[channels * height * width, units]`
/// - bias: `[units]`
/// - output: `[batch, units, 1, 1]`
///
/// # Panics
/// Where Burn's `linear` does: shapes that do not go together.
#[must_use]
pub fn dense(
    input: Tensor<4>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    rectified: bool,
) -> Tensor<4> {
    let [batch, channels, height, width] = input.dims();
    let [inputs, units] = weight.dims();
    let fits = inputs == channels * height * width
        && batch * inputs * units > 0
        && bias.as_ref().is_none_or(|bias| bias.dims() == [units]);
    let fast = is_single_flex(&input)
        && is_single_flex(&weight)
        && bias.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        let output = linear(input.reshape([batch, channels * height * width]), weight, bias)
            .reshape([batch, units, 1, 1]);
        return if rectified { relu(output) } else { output };
    }
    let (input, weight) = (input.into_dispatch(), weight.into_dispatch());
    Tensor::from_dispatch(match bias.map(Tensor::into_dispatch) {
        Some(bias) => <Dispatch as DenseOps>::biased_dense(input, weight, bias, rectified),
        None => <Dispatch as DenseOps>::dense(input, weight, rectified),
    })
}

/// The layer as an operation of a backend. Arguments are as [`dense()`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait DenseOps: Backend {
    /// The product.
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self>;

    /// The product, plus `bias`.
    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self>;
}

impl DenseOps for Flex {
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        forward(input, weight, None, rectified)
    }

    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        forward(input, weight, Some(bias), rectified)
    }
}

fn forward(
    input: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    bias: Option<FloatTensor<Flex>>,
    rectified: bool,
) -> FloatTensor<Flex> {
    let shape = shape(&input, &weight);
    let bias = bias.map(Values::new);
    let ending = Ending { bias: bias.as_ref().map(Values::slice), rectified };
    let (input, weight) = (Values::new(input), Values::new(weight));
    let output = dense::forward(shape, input.slice(), weight.slice(), ending);
    tensor(output, [shape.batch, shape.units, 1, 1])
}

fn shape(input: &FloatTensor<Flex>, weight: &FloatTensor<Flex>) -> Shape {
    let [batch, ..] = input.shape().dims::<4>();
    let [inputs, units] = weight.shape().dims();
    Shape { batch, inputs, units }
}

impl<C: CheckpointStrategy> DenseOps for Autodiff<Flex, C> {
    fn dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node()];
        record::<C, 2>(Gradient.prepare::<C>(nodes), &input, &weight, None, rectified)
    }

    fn biased_dense(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        rectified: bool,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        record::<C, 3>(Gradient.prepare::<C>(nodes), &input, &weight, Some(&bias), rectified)
    }
}

/// Computes the layer and records its gradient, which has `N` parents.
fn record<C: CheckpointStrategy, const N: usize>(
    prepared: OpsPrep<Gradient, Flex, State, C, N>,
    input: &FloatTensor<Autodiff<Flex, C>>,
    weight: &FloatTensor<Autodiff<Flex, C>>,
    bias: Option<&FloatTensor<Autodiff<Flex, C>>>,
    rectified: bool,
) -> FloatTensor<Autodiff<Flex, C>>
where
    Gradient: Backward<Flex, N, State = State>,
{
    let bias = bias.map(|bias| bias.primitive().clone());
    let output = forward(input.primitive().clone(), weight.primitive().clone(), bias, rectified);
    match prepared.compute_bound().stateful() {
        OpsKind::Tracked(mut prepared) => {
            let state = State {
                input: prepared.checkpoint(input),
                weight: prepared.checkpoint(weight),
                mask: rectified.then(|| output.clone()),
            };
            prepared.finish(state, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

/// What the gradient needs of the layer.
#[derive(Clone, Debug)]
struct State {
    input: NodeId,
    weight: NodeId,
    /// The rectified output, where it is.
    mask: Option<FloatTensor<Flex>>,
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
    let gradient = Values::new(gradients.consume::<Flex>(&operation.node));
    let State { input, weight, mask } = operation.state;
    let input: FloatTensor<Flex> = checkpointer.retrieve_node_output(input);
    let weight: FloatTensor<Flex> = checkpointer.retrieve_node_output(weight);
    let shape = shape(&input, &weight);
    let (input_dims, weight_dims) = (input.shape(), weight.shape());
    let rectified = mask.map(|output| {
        let output = Values::new(output);
        rectified_gradient(output.slice(), gradient.slice())
    });
    let gradient = rectified.as_deref().unwrap_or(gradient.slice());
    let mut parents = operation.parents.into_iter();
    // The first layer of a network needs no gradient of its input.
    if let Some(parent) = parents.next().flatten() {
        let weight = Values::new(weight);
        let result = dense::input_gradient(shape, gradient, weight.slice());
        gradients.register::<Flex>(parent.id, tensor(result, input_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let input = Values::new(input);
        let result = dense::weight_gradient(shape, input.slice(), gradient);
        gradients.register::<Flex>(parent.id, tensor(result, weight_dims));
    }
    if let Some(parent) = parents.next().flatten() {
        let result = dense::bias_gradient(shape, gradient);
        gradients.register::<Flex>(parent.id, tensor(result, [shape.units]));
    }
}

#[cfg(test)]
mod tests;
