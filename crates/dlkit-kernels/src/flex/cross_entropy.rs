//! Cross-entropy of scores.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};

use super::values::{Values, is_single_flex, tensor};
use crate::cross_entropy::{self, Shape, Targets};

/// The mean over samples of the cross-entropy between their classes and the softmax of scores, with label
/// smoothing.
///
/// # Shapes
/// - scores: `[batch, classes]`
/// - classes: `[batch]`, each from 0 to the number of classes, exclusive
/// - output: `[1]`
///
/// # Panics
/// If there is not a class for each sample; on the processor also if one is none of those that have scores.
#[must_use]
pub fn cross_entropy(scores: Tensor<2>, classes: Tensor<1, Int>, smoothing: f64) -> Tensor<1> {
    let [batch, count] = scores.dims();
    if batch * count == 0 || !is_single_flex(&scores) {
        let logarithms = log_softmax(scores, 1);
        let right = logarithms.clone().gather(1, classes.reshape([batch, 1])).mean();
        if smoothing == 0.0 {
            return right.neg();
        }
        // The spread target puts smoothing / classes on every class.
        return right.mul_scalar(smoothing - 1.0) - logarithms.mean().mul_scalar(smoothing);
    }
    let classes = indices(classes);
    let shape = Shape { batch, classes: count, places: 1 };
    let settings = Settings { shape, smoothing: single(smoothing) };
    let scores = scores.into_dispatch();
    Tensor::from_dispatch(<Dispatch as CrossEntropyOps>::of_classes(scores, classes, settings))
}

/// The weighted mean over samples of the cross-entropy between their classes and the softmax of scores: the
/// sum of losses times the weights of their classes over the sum of these weights, 0 if that is 0. With label
/// smoothing, the share of each class counts with its own weight, as in PyTorch's `CrossEntropyLoss`.
///
/// # Shapes
/// - scores: `[batch, classes]`
/// - classes: `[batch]`, each from 0 to the number of classes, exclusive
/// - weights: one for each class, none below 0
/// - output: `[1]`
///
/// # Panics
/// As [`cross_entropy()`]; if there is not a weight for each class.
#[must_use]
pub fn weighted_cross_entropy(
    scores: Tensor<2>,
    classes: Tensor<1, Int>,
    weights: &Arc<[f32]>,
    smoothing: f64,
) -> Tensor<1> {
    let [batch, count] = scores.dims();
    if batch * count == 0 || !is_single_flex(&scores) {
        return weighted_by_parts(scores, classes, weights, smoothing);
    }
    let classes = indices(classes);
    let shape = Shape { batch, classes: count, places: 1 };
    let settings = Settings { shape, smoothing: single(smoothing) };
    let (scores, weights) = (scores.into_dispatch(), Arc::clone(weights));
    Tensor::from_dispatch(<Dispatch as CrossEntropyOps>::of_weighted_classes(
        scores, classes, weights, settings,
    ))
}

/// The same of any backend and precision.
fn weighted_by_parts(
    scores: Tensor<2>,
    classes: Tensor<1, Int>,
    weights: &[f32],
    smoothing: f64,
) -> Tensor<1> {
    let [batch, count] = scores.dims();
    let data = TensorData::new(weights.to_vec(), [1, count]).convert_dtype(scores.dtype());
    let weights = Tensor::<2>::from_data(data, (&scores.device(), scores.dtype()));
    let classes = classes.reshape([batch, 1]);
    let own = weights.clone().expand([batch, count]).gather(1, classes.clone());
    // Without a weight there is no loss, so that any positive sum does.
    let sum = own.clone().sum().clamp_min(f64::from(f32::MIN_POSITIVE));
    let logarithms = log_softmax(scores, 1);
    let right = (logarithms.clone().gather(1, classes) * own).sum();
    if smoothing == 0.0 {
        return right.neg() / sum;
    }
    #[expect(clippy::cast_precision_loss, reason = "so many classes have no share to speak of")]
    let spread = smoothing / count as f64;
    let rest = (logarithms * weights).sum();
    (right.mul_scalar(smoothing - 1.0) - rest.mul_scalar(spread)) / sum
}

/// Classes as numbers; what is below zero becomes a class that there is not.
fn indices(classes: Tensor<1, Int>) -> Arc<[usize]> {
    let classes = classes.into_data();
    classes.iter::<i64>().map(|class| usize::try_from(class).unwrap_or(usize::MAX)).collect()
}

/// The mean over places of the cross-entropy between shares of classes and the softmax of scores, with
/// label smoothing, times the place's weight. Shares and weights are constants: no gradient goes to them.
///
/// # Shapes
/// - scores, shares: `[batch, classes, places...]`
/// - weights: `[batch, 1, places...]`
/// - output: `[1]`
///
/// # Panics
/// If shapes do not go together.
#[must_use]
pub fn cross_entropy_of_shares<const D: usize>(
    scores: Tensor<D>,
    shares: Tensor<D>,
    weights: Option<Tensor<D>>,
    smoothing: f64,
) -> Tensor<1> {
    let dims = scores.dims();
    let (batch, classes, places) = (dims[0], dims[1], dims[2..].iter().product());
    let mut one = dims;
    one[1] = 1;
    let fits = batch * classes * places > 0
        && shares.dims() == dims
        && weights.as_ref().is_none_or(|weights| weights.dims() == one);
    let fast = is_single_flex(&scores)
        && is_single_flex(&shares)
        && weights.as_ref().is_none_or(is_single_flex);
    if !(fits && fast) {
        #[expect(clippy::cast_precision_loss, reason = "so many classes have no share to speak of")]
        let spread = smoothing / classes as f64;
        let shares = shares.detach().mul_scalar(1.0 - smoothing).add_scalar(spread);
        let losses = (log_softmax(scores, 1) * shares).sum_dim(1);
        let losses = match weights {
            Some(weights) => losses * weights.detach(),
            None => losses,
        };
        return losses.mean().neg();
    }
    let settings =
        Settings { shape: Shape { batch, classes, places }, smoothing: single(smoothing) };
    let (scores, shares) = (scores.into_dispatch(), shares.into_dispatch());
    Tensor::from_dispatch(match weights.map(Tensor::into_dispatch) {
        Some(weights) => {
            <Dispatch as CrossEntropyOps>::of_weighted_shares(scores, shares, weights, settings)
        }
        None => <Dispatch as CrossEntropyOps>::of_shares(scores, shares, settings),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "values are single precision")]
const fn single(number: f64) -> f32 {
    number as f32
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    shape: Shape,
    smoothing: f32,
}

/// The loss as an operation of a backend. Arguments are as the functions above have checked.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait CrossEntropyOps: Backend {
    /// Of one class for each sample.
    fn of_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// Of one class for each sample, with a weight for each class.
    fn of_weighted_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        weights: Arc<[f32]>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// Of shares of classes.
    fn of_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;

    /// Of shares of classes, with a weight for each place.
    fn of_weighted_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self>;
}

impl CrossEntropyOps for Flex {
    fn of_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        mean(scores, Targets::Classes(&classes), settings)
    }

    fn of_weighted_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        weights: Arc<[f32]>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let targets = Targets::WeightedClasses { classes: &classes, weights: &weights };
        mean(scores, targets, settings)
    }

    fn of_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let shares = Values::new(shares);
        mean(scores, Targets::Shares { shares: shares.slice(), weights: None }, settings)
    }

    fn of_weighted_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let [shares, weights] = [shares, weights].map(Values::new);
        let weights = Some(weights.slice());
        mean(scores, Targets::Shares { shares: shares.slice(), weights }, settings)
    }
}

fn mean(
    scores: FloatTensor<Flex>,
    targets: Targets<'_>,
    Settings { shape, smoothing }: Settings,
) -> FloatTensor<Flex> {
    let scores = Values::new(scores);
    tensor(vec![cross_entropy::mean(shape, scores.slice(), targets, smoothing)], [1])
}

impl<C: CheckpointStrategy> CrossEntropyOps for Autodiff<Flex, C> {
    fn of_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        record::<C>(&scores, Targets::Classes(&classes), settings)
    }

    fn of_weighted_classes(
        scores: FloatTensor<Self>,
        classes: Arc<[usize]>,
        weights: Arc<[f32]>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let targets = Targets::WeightedClasses { classes: &classes, weights: &weights };
        record::<C>(&scores, targets, settings)
    }

    fn of_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let shares = Values::new(shares.primitive().clone());
        let targets = Targets::Shares { shares: shares.slice(), weights: None };
        record::<C>(&scores, targets, settings)
    }

    fn of_weighted_shares(
        scores: FloatTensor<Self>,
        shares: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        settings: Settings,
    ) -> FloatTensor<Self> {
        let [shares, weights] = [shares, weights].map(|each| Values::new(each.primitive().clone()));
        let weights = Some(weights.slice());
        let targets = Targets::Shares { shares: shares.slice(), weights };
        record::<C>(&scores, targets, settings)
    }
}

/// Computes the loss and, where it is followed, its gradient with it.
fn record<C: CheckpointStrategy>(
    scores: &FloatTensor<Autodiff<Flex, C>>,
    targets: Targets<'_>,
    settings: Settings,
) -> FloatTensor<Autodiff<Flex, C>> {
    let primitive = scores.primitive().clone();
    match Gradient.prepare::<C>([scores.node()]).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => {
            let Settings { shape, smoothing } = settings;
            let dims = primitive.shape();
            let scores = Values::new(primitive);
            let (mean, gradient) =
                cross_entropy::mean_and_gradient(shape, scores.slice(), targets, smoothing);
            prepared.finish(tensor(gradient, dims), tensor(vec![mean], [1]))
        }
        OpsKind::UnTracked(prepared) => prepared.finish(mean(primitive, targets, settings)),
    }
}

#[derive(Debug)]
struct Gradient;

impl Backward<Flex, 1> for Gradient {
    /// The gradient of the scores from a gradient of the loss of 1.
    type State = FloatTensor<Flex>;

    fn backward(
        self,
        operation: Ops<FloatTensor<Flex>, 1>,
        gradients: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let gradient = Values::new(gradients.consume::<Flex>(&operation.node));
        let [Some(parent)] = operation.parents else { return };
        let factor = gradient.slice().first().copied().unwrap_or(f32::NAN);
        let result = operation.state;
        #[expect(clippy::float_cmp, reason = "only a factor of exactly one changes nothing")]
        let result =
            if factor == 1.0 { result } else { Flex::float_mul_scalar(result, factor.into()) };
        gradients.register::<Flex>(parent.id, result);
    }
}

#[cfg(test)]
mod tests;
