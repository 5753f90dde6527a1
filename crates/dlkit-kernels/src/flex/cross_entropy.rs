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
use burn::tensor::{Int, Tensor};

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
    // What is below zero becomes a class that there is not.
    let classes = classes.into_data();
    let classes =
        classes.iter::<i64>().map(|class| usize::try_from(class).unwrap_or(usize::MAX)).collect();
    let shape = Shape { batch, classes: count, places: 1 };
    let settings = Settings { shape, smoothing: single(smoothing) };
    let scores = scores.into_dispatch();
    Tensor::from_dispatch(<Dispatch as CrossEntropyOps>::of_classes(scores, classes, settings))
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
mod tests {
    use burn::tensor::{DType, Device, Distribution, TensorData};

    use super::*;

    const DTYPES: [DType; 2] = [DType::F32, DType::F64];

    fn drawn(dims: [usize; 4]) -> TensorData {
        let normal = Distribution::Normal(0.5, 2.0);
        Tensor::<4>::random(dims, normal, &Device::flex()).into_data()
    }

    fn tensor(data: &TensorData, dtype: DType) -> Tensor<4> {
        let device = Device::flex().autodiff();
        Tensor::from_data(data.clone().convert_dtype(dtype), (&device, dtype))
    }

    /// Holds three times a loss and its gradient to the same in double precision, which is Burn's.
    fn check(scores: &TensorData, loss: impl Fn(Tensor<4>, DType) -> Tensor<1>) {
        let [ours, burn] = DTYPES.map(|dtype| {
            let scores = tensor(scores, dtype).require_grad();
            assert_eq!(is_single_flex(&scores), dtype == DType::F32);
            let loss = loss(scores.clone(), dtype).mul_scalar(3.0);
            let gradient = scores.grad(&loss.backward()).unwrap();
            let numbers = loss.into_data().iter().chain(gradient.into_data().iter()).collect();
            let numbers: Vec<f64> = numbers;
            numbers
        });
        assert_eq!(ours.len(), burn.len());
        let largest = burn[1..].iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        assert!((ours[0] - burn[0]).abs() <= 1e-6 * burn[0].abs().max(1.0));
        for (ours, burn) in ours[1..].iter().zip(&burn[1..]) {
            assert!((ours - burn).abs() <= 1e-6 * largest, "{ours} {burn}");
        }
    }

    #[test]
    fn losses_and_gradients_are_those_of_burn() {
        let (scores, shares) = (drawn([3, 4, 5, 7]), drawn([3, 4, 5, 7]));
        let weights = drawn([3, 1, 5, 7]);
        let one = drawn([6, 10, 1, 1]);
        for smoothing in [0.0, 0.1] {
            for weighted in [false, true] {
                check(&scores, |scores, dtype| {
                    let weights = weighted.then(|| tensor(&weights, dtype));
                    cross_entropy_of_shares(scores, tensor(&shares, dtype), weights, smoothing)
                });
            }
            check(&one, |scores, _| {
                let classes = Tensor::<1, Int>::from_data([0, 9, 4, 4, 1, 2], &scores.device());
                cross_entropy(scores.reshape([6, 10]), classes, smoothing)
            });
        }
    }
}
