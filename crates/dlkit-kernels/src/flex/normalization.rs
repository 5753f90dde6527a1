//! Batch normalization by the moments of the batch.

use std::sync::Arc;

use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::activation::relu;
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Tensor, TensorData};

use super::values::{Values, is_plain, is_single_flex, tensor};
use crate::normalization::{self, Ending, Moments, Shape};

/// A normalized batch and its moments, which belong to no graph.
pub struct NormalizedBatch {
    /// `[batch, channels, height, width]`.
    pub output: Tensor<4>,
    /// `[channels]`.
    pub mean: Tensor<1>,
    /// The biased variance: `[channels]`.
    pub variance: Tensor<1>,
}

/// Each channel with mean 0 and variance 1 but for epsilon, scaled by `gamma` and shifted by `beta`; if
/// `rectified`, negative outputs become zero.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - gamma, beta: `[channels]`
///
/// # Panics
/// Where Burn's `batch_norm_train` does: shapes that do not go together.
#[must_use]
pub fn normalized_batch(
    input: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    rectified: bool,
) -> NormalizedBatch {
    let [batch, channels, height, width] = input.dims();
    let fits = batch * channels * height * width > 0
        && [gamma.dims(), beta.dims()] == [[channels]; 2]
        && [&gamma, &beta].into_iter().all(is_single_flex);
    if !(fits && is_single_flex(&input)) {
        let result = batch_norm_train(input, gamma, beta, epsilon);
        let output = if rectified { relu(result.output) } else { result.output };
        let (mean, variance) = (result.mean.detach(), result.variance.detach());
        return NormalizedBatch { output, mean, variance };
    }
    let plain = if input.is_autodiff() { input.clone().inner() } else { input.clone() };
    let moments = <Dispatch as MomentsOps>::moments(plain.into_dispatch());
    let values = |numbers: &[f32]| {
        Tensor::from_data(TensorData::new(numbers.to_vec(), [channels]), &input.device())
    };
    let (mean, variance) = (values(&moments.mean), values(&moments.variance));
    let settings = Settings::new(moments, (epsilon, rectified));
    let [gamma, beta] = [gamma, beta].map(Tensor::into_dispatch);
    let output =
        <Dispatch as NormalizationOps>::normalized(input.into_dispatch(), gamma, beta, settings);
    NormalizedBatch { output: Tensor::from_dispatch(output), mean, variance }
}

/// Each channel minus `mean`, divided by the root of `variance` plus epsilon, scaled by `gamma` and shifted
/// by `beta`; if `rectified`, negative outputs become zero. It belongs to no graph: tensors are those
/// without autodiff.
///
/// # Shapes
/// - input: `[batch, channels, height, width]`
/// - weights: gamma, beta, mean, variance, `[channels]` each
///
/// # Panics
/// Where Burn's `batch_norm` does: shapes that do not go together.
#[must_use]
pub fn normalized_by(
    input: Tensor<4>,
    weights: [Tensor<1>; 4],
    epsilon: f64,
    rectified: bool,
) -> Tensor<4> {
    let [_, channels, ..] = input.dims();
    let fits = weights.iter().all(|weight| weight.dims() == [channels]);
    if !(fits && is_plain(&input) && weights.iter().all(is_plain)) {
        let [gamma, beta, mean, variance] = weights;
        let output = batch_norm(input, gamma, beta, mean, variance, epsilon);
        return if rectified { relu(output) } else { output };
    }
    let [gamma, beta, mean, variance] = weights.map(Tensor::into_dispatch);
    let ending = (epsilon, rectified);
    let input = input.into_dispatch();
    Tensor::from_dispatch(<Dispatch as MomentsOps>::normalized_by(
        input, gamma, beta, mean, variance, ending,
    ))
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    moments: Arc<Moments>,
    epsilon: f32,
    rectified: bool,
}

/// Operations of a backend that no gradient goes through.
#[backend_extension(Flex)]
pub(crate) trait MomentsOps: Backend {
    /// Moments of the channels.
    fn moments(input: FloatTensor<Self>) -> Moments;

    /// Normalized by moments that are given; the last argument is epsilon and whether to rectify.
    fn normalized_by(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        ending: (f64, bool),
    ) -> FloatTensor<Self>;
}

impl MomentsOps for Flex {
    fn moments(input: FloatTensor<Self>) -> Moments {
        normalization::moments(shape(&input), Values::new(input).slice())
    }

    fn normalized_by(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        ending: (f64, bool),
    ) -> FloatTensor<Self> {
        let [mean, variance] = [mean, variance].map(|values| Values::new(values).slice().to_vec());
        let settings = Settings::new(Moments { mean, variance }, ending);
        forward(input, gamma, beta, &settings)
    }
}

/// The normalization as an operation of a backend. Arguments are as [`normalized_batch`] has checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait NormalizationOps: Backend {
    /// Normalized by the moments of the settings, which are those of the input.
    fn normalized(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;
}

impl NormalizationOps for Flex {
    fn normalized(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        forward(input, gamma, beta, &settings)
    }
}

fn shape(input: &FloatTensor<Flex>) -> Shape {
    let [batch, channels, height, width] = input.shape().dims();
    Shape { batch, channels, area: height * width }
}

fn forward(
    input: FloatTensor<Flex>,
    gamma: FloatTensor<Flex>,
    beta: FloatTensor<Flex>,
    settings: &Settings,
) -> FloatTensor<Flex> {
    let (shape, dims) = (shape(&input), input.shape());
    let [input, gamma, beta] = [input, gamma, beta].map(Values::new);
    let ending = settings.ending(&gamma, &beta);
    tensor(normalization::normalized(shape, input.slice(), &settings.moments, ending), dims)
}

impl Settings {
    #[expect(clippy::cast_possible_truncation, reason = "values are single precision")]
    fn new(moments: Moments, (epsilon, rectified): (f64, bool)) -> Self {
        Self { moments: Arc::new(moments), epsilon: epsilon as f32, rectified }
    }

    fn ending<'a>(&self, gamma: &'a Values, beta: &'a Values) -> Ending<'a> {
        let (gamma, beta) = (gamma.slice(), beta.slice());
        Ending { gamma, beta, epsilon: self.epsilon, rectified: self.rectified }
    }
}

impl<C: CheckpointStrategy> NormalizationOps for Autodiff<Flex, C> {
    fn normalized(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let plain = [&input, &gamma, &beta].map(|tensor| tensor.primitive().clone());
        let [plain_input, plain_gamma, plain_beta] = plain;
        let output = forward(plain_input, plain_gamma, plain_beta, &settings);
        let nodes = [input.node(), gamma.node(), beta.node()];
        match Gradient.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(mut prepared) => {
                let state = State {
                    input: prepared.checkpoint(&input),
                    gamma: prepared.checkpoint(&gamma),
                    beta: prepared.checkpoint(&beta),
                    mask: settings.rectified.then(|| output.clone()),
                    settings,
                };
                prepared.finish(state, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}

/// What the gradient needs of the normalization.
#[derive(Clone, Debug)]
struct State {
    input: NodeId,
    gamma: NodeId,
    beta: NodeId,
    /// The rectified output, where it is.
    mask: Option<FloatTensor<Flex>>,
    settings: Settings,
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
        let gradient = Values::new(gradients.consume::<Flex>(&operation.node));
        let State { input, gamma, beta, mask, settings } = operation.state;
        let input: FloatTensor<Flex> = checkpointer.retrieve_node_output(input);
        let gamma: FloatTensor<Flex> = checkpointer.retrieve_node_output(gamma);
        let beta: FloatTensor<Flex> = checkpointer.retrieve_node_output(beta);
        let (shape, dims) = (shape(&input), input.shape());
        let [input, gamma, beta] = [input, gamma, beta].map(Values::new);
        let mask = mask.map(Values::new);
        let found = normalization::gradients(
            shape,
            [input.slice(), gradient.slice()],
            mask.as_ref().map(Values::slice),
            &settings.moments,
            settings.ending(&gamma, &beta),
        );
        let [for_input, for_gamma, for_beta] = operation.parents;
        if let Some(parent) = for_input {
            gradients.register::<Flex>(parent.id, tensor(found.input, dims));
        }
        if let Some(parent) = for_gamma {
            gradients.register::<Flex>(parent.id, tensor(found.gamma, [shape.channels]));
        }
        if let Some(parent) = for_beta {
            gradients.register::<Flex>(parent.id, tensor(found.beta, [shape.channels]));
        }
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
        let input = drawn([3, 4, 5, 6], 1, &device) * 3.0 + 0.5;
        let weights = [2, 3].map(|seed| drawn([4], seed, &device) * 3.0 + 0.5);
        for rectified in [false, true] {
            let run = |ours: bool| {
                let input = Tensor::<4>::from_data(input.to_data(), &device).require_grad();
                let [gamma, beta] = weights
                    .each_ref()
                    .map(|each| Tensor::<1>::from_data(each.to_data(), &device).require_grad());
                let (output, mean, variance) = if ours {
                    let result = normalized_batch(
                        input.clone(),
                        gamma.clone(),
                        beta.clone(),
                        1e-3,
                        rectified,
                    );
                    (result.output, result.mean, result.variance)
                } else {
                    let result = batch_norm_train(input.clone(), gamma.clone(), beta.clone(), 1e-3);
                    let output = if rectified { relu(result.output) } else { result.output };
                    (output, result.mean, result.variance)
                };
                let gradients = output.clone().powi_scalar(3).sum().backward();
                let vectors = [gamma.grad(&gradients), beta.grad(&gradients)];
                let mut numbers: Vec<f64> = output.into_data().iter().collect();
                numbers.extend(input.grad(&gradients).unwrap().into_data().iter::<f64>());
                for vector in vectors.into_iter().map(Option::unwrap) {
                    numbers.extend(vector.into_data().iter::<f64>());
                }
                for vector in [mean, variance] {
                    numbers.extend(vector.into_data().iter::<f64>());
                }
                numbers
            };
            let (ours, burn) = (run(true), run(false));
            let largest = burn.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
            assert_eq!(ours.len(), burn.len());
            for (ours, burn) in ours.iter().zip(&burn) {
                assert!((ours - burn).abs() <= 1e-5 * largest, "{ours} {burn}");
            }
        }
    }
}
