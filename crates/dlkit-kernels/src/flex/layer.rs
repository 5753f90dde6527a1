//! Layers with weights and perhaps a bias, followed by autodiff.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, OpsPrep};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex, TensorMetadata};
use burn::tensor::Shape;

use super::values::{Values, tensor};
use crate::rectifier::rectified_gradient;

/// A layer with its settings. Arguments were checked before it is recorded.
pub(super) trait Layer: Copy + Debug + Send + Sync + 'static {
    /// The output.
    fn forward(
        self,
        input: FloatTensor<Flex>,
        weight: FloatTensor<Flex>,
        bias: Option<FloatTensor<Flex>>,
    ) -> FloatTensor<Flex>;

    /// Whether negative outputs become zero.
    fn is_rectified(self) -> bool;

    /// The gradient of the input from `gradient`, that of the output before it was rectified.
    fn input_gradient(self, shapes: &Shapes, gradient: &[f32], weight: &[f32]) -> Vec<f32>;

    /// The gradient of the weights.
    fn weight_gradient(self, shapes: &Shapes, input: &[f32], gradient: &[f32]) -> Vec<f32>;

    /// The gradient of the bias.
    fn bias_gradient(self, shapes: &Shapes, gradient: &[f32]) -> Vec<f32>;
}

/// Shapes of a layer's arguments.
pub(super) struct Shapes {
    pub(super) input: Shape,
    pub(super) weight: Shape,
}

/// Computes a layer and records its gradient.
pub(super) fn followed<L: Layer, C: CheckpointStrategy>(
    layer: L,
    input: &FloatTensor<Autodiff<Flex, C>>,
    weight: &FloatTensor<Autodiff<Flex, C>>,
    bias: Option<&FloatTensor<Autodiff<Flex, C>>>,
) -> FloatTensor<Autodiff<Flex, C>> {
    let gradient = Gradient(PhantomData);
    let plain = bias.map(|bias| bias.primitive().clone());
    let output = layer.forward(input.primitive().clone(), weight.primitive().clone(), plain);
    if let Some(bias) = bias {
        let nodes = [input.node(), weight.node(), bias.node()];
        record::<L, C, 3>(gradient.prepare::<C>(nodes), layer, input, weight, output)
    } else {
        let nodes = [input.node(), weight.node()];
        record::<L, C, 2>(gradient.prepare::<C>(nodes), layer, input, weight, output)
    }
}

/// Records the gradient of a layer, which has `N` parents.
fn record<L: Layer, C: CheckpointStrategy, const N: usize>(
    prepared: OpsPrep<Gradient<L>, Flex, State<L>, C, N>,
    layer: L,
    input: &FloatTensor<Autodiff<Flex, C>>,
    weight: &FloatTensor<Autodiff<Flex, C>>,
    output: FloatTensor<Flex>,
) -> FloatTensor<Autodiff<Flex, C>>
where
    Gradient<L>: Backward<Flex, N, State = State<L>>,
{
    match prepared.compute_bound().stateful() {
        OpsKind::Tracked(mut prepared) => {
            let state = State {
                layer,
                input: prepared.checkpoint(input),
                weight: prepared.checkpoint(weight),
                mask: layer.is_rectified().then(|| output.clone()),
            };
            prepared.finish(state, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}

/// What the gradient needs of the layer.
#[derive(Clone, Debug)]
struct State<L> {
    layer: L,
    input: NodeId,
    weight: NodeId,
    /// The rectified output, where it is.
    mask: Option<FloatTensor<Flex>>,
}

#[derive(Debug)]
struct Gradient<L>(PhantomData<L>);

impl<L: Layer> Backward<Flex, 3> for Gradient<L> {
    type State = State<L>;

    fn backward(
        self,
        operation: Ops<State<L>, 3>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        backward(operation, gradients, checkpointer);
    }
}

impl<L: Layer> Backward<Flex, 2> for Gradient<L> {
    type State = State<L>;

    fn backward(
        self,
        operation: Ops<State<L>, 2>,
        gradients: &mut Gradients,
        checkpointer: &mut Checkpointer,
    ) {
        backward(operation, gradients, checkpointer);
    }
}

fn backward<L: Layer, const N: usize>(
    operation: Ops<State<L>, N>,
    gradients: &mut Gradients,
    checkpointer: &mut Checkpointer,
) {
    let gradient = Values::new(gradients.consume::<Flex>(&operation.node));
    let State { layer, input, weight, mask } = operation.state;
    let input: FloatTensor<Flex> = checkpointer.retrieve_node_output(input);
    let weight: FloatTensor<Flex> = checkpointer.retrieve_node_output(weight);
    let shapes = Shapes { input: input.shape(), weight: weight.shape() };
    let rectified = mask.map(|output| {
        let output = Values::new(output);
        rectified_gradient(output.slice(), gradient.slice())
    });
    let gradient = rectified.as_deref().unwrap_or(gradient.slice());
    let mut parents = operation.parents.into_iter();
    // The first layer of a network needs no gradient of its input.
    if let Some(parent) = parents.next().flatten() {
        let weight = Values::new(weight);
        let result = layer.input_gradient(&shapes, gradient, weight.slice());
        gradients.register::<Flex>(parent.id, tensor(result, shapes.input.clone()));
    }
    if let Some(parent) = parents.next().flatten() {
        let input = Values::new(input);
        let result = layer.weight_gradient(&shapes, input.slice(), gradient);
        gradients.register::<Flex>(parent.id, tensor(result, shapes.weight.clone()));
    }
    if let Some(parent) = parents.next().flatten() {
        let result = layer.bias_gradient(&shapes, gradient);
        let length = result.len();
        gradients.register::<Flex>(parent.id, tensor(result, [length]));
    }
}
