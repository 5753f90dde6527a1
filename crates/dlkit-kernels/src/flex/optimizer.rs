//! Steps of optimisers on tensors.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::values::{Values, is_plain, own, tensor};
use crate::optimizer::{AdamStep, Penalty, SgdStep};

/// A step of Adam or AdamW: the new weight and the new moments of its gradients, which start from
/// zero. It belongs to no graph: tensors are those without autodiff.
///
/// # Shapes
/// - weight, gradient, moments: all the same
///
/// # Panics
/// If the shapes differ.
#[must_use]
pub fn adam<const D: usize>(
    step: AdamStep,
    weight: Tensor<D>,
    gradient: Tensor<D>,
    [first, second]: [Tensor<D>; 2],
) -> (Tensor<D>, [Tensor<D>; 2]) {
    check_shapes(&weight, &[&gradient, &first, &second]);
    if [&weight, &gradient, &first, &second].into_iter().all(is_plain) {
        let [weight, gradient, first, second] =
            [weight, gradient, first, second].map(Tensor::into_dispatch);
        let (weight, first, second) =
            <Dispatch as OptimizerOps>::adam(weight, gradient, first, second, step);
        return (Tensor::from_dispatch(weight), [first, second].map(Tensor::from_dispatch));
    }
    let AdamStep { beta_1, beta_2, epsilon, weight_decay, decoupled, .. } = step;
    let (weight, gradient) = if weight_decay == 0.0 {
        (weight, gradient)
    } else if decoupled {
        (weight.mul_scalar(1.0 - step.learning_rate * weight_decay), gradient)
    } else {
        let gradient = gradient + weight.clone().mul_scalar(weight_decay);
        (weight, gradient)
    };
    let first = first.mul_scalar(beta_1) + gradient.clone().mul_scalar(1.0 - beta_1);
    let second = second.mul_scalar(beta_2) + gradient.square().mul_scalar(1.0 - beta_2);
    let root = second.clone().sqrt().div_scalar(step.root()).add_scalar(epsilon);
    let weight = weight - first.clone().mul_scalar(step.size()) / root.clone();
    let weight = match step.penalty {
        Some(penalty) => shrunk(weight, root.recip().mul_scalar(step.learning_rate), penalty),
        None => weight,
    };
    (weight, [first, second])
}

/// See [`Penalty`].
fn shrunk<const D: usize>(weight: Tensor<D>, sizes: Tensor<D>, penalty: Penalty) -> Tensor<D> {
    let threshold = sizes.clone().mul_scalar(penalty.l1);
    let clipped = weight.clone().min_pair(threshold.clone()).max_pair(threshold.neg());
    (weight - clipped) / sizes.mul_scalar(penalty.l2).add_scalar(1.0)
}

/// A step of gradient descent: the new weight and the new velocity, which starts from zero and is
/// there if there is momentum. It belongs to no graph: tensors are those without autodiff.
///
/// # Shapes
/// - weight, gradient, velocity: all the same
///
/// # Panics
/// If the shapes differ.
#[must_use]
pub fn gradient_descent<const D: usize>(
    step: SgdStep,
    weight: Tensor<D>,
    gradient: Tensor<D>,
    velocity: Option<Tensor<D>>,
) -> (Tensor<D>, Option<Tensor<D>>) {
    check_shapes(&weight, &[&gradient]);
    if let Some(velocity) = &velocity {
        check_shapes(&weight, &[velocity]);
    }
    if is_plain(&weight) && is_plain(&gradient) && velocity.as_ref().is_none_or(is_plain) {
        let (weight, gradient) = (weight.into_dispatch(), gradient.into_dispatch());
        if let Some(velocity) = velocity.map(Tensor::into_dispatch) {
            let (weight, velocity) =
                <Dispatch as OptimizerOps>::descent(weight, gradient, velocity, step);
            return (Tensor::from_dispatch(weight), Some(Tensor::from_dispatch(velocity)));
        }
        let weight = <Dispatch as OptimizerOps>::plain_descent(weight, gradient, step);
        return (Tensor::from_dispatch(weight), None);
    }
    let SgdStep { learning_rate, momentum, nesterov, weight_decay } = step;
    let gradient = if weight_decay == 0.0 {
        gradient
    } else {
        gradient + weight.clone().mul_scalar(weight_decay)
    };
    let velocity = velocity.map(|velocity| velocity.mul_scalar(momentum) + gradient.clone());
    let direction = match &velocity {
        Some(velocity) if nesterov => gradient + velocity.clone().mul_scalar(momentum),
        Some(velocity) => velocity.clone(),
        None => gradient,
    };
    (weight - direction.mul_scalar(learning_rate), velocity)
}

/// Burn's own operations would repeat a smaller tensor.
fn check_shapes<const D: usize>(weight: &Tensor<D>, others: &[&Tensor<D>]) {
    for other in others {
        assert_eq!(weight.dims(), other.dims(), "shapes of a weight and of what changes it");
    }
}

/// The steps as operations of a backend. Arguments are as the functions above have checked.
#[backend_extension(Flex)]
pub(crate) trait OptimizerOps: Backend {
    /// The new weight and moments.
    fn adam(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The new weight and velocity.
    fn descent(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        step: SgdStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// The new weight, without momentum.
    fn plain_descent(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        step: SgdStep,
    ) -> FloatTensor<Self>;
}

impl OptimizerOps for Flex {
    fn adam(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let gradient = Values::new(gradient);
        let [mut weight, mut first, mut second] = [weight, first, second].map(own);
        let moments = [first.storage_mut(), second.storage_mut()];
        let [first_moment, second_moment] = moments;
        if let Some(weight) = weight.try_storage_mut() {
            step.apply(weight, gradient.slice(), first_moment, second_moment);
        } else {
            // Who shares the weight keeps it as it is.
            let shape = weight.shape();
            let old = weight.storage();
            let new = step.applied(old, gradient.slice(), first_moment, second_moment);
            weight = tensor(new, shape);
        }
        (weight, first, second)
    }

    fn descent(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        velocity: FloatTensor<Self>,
        step: SgdStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let gradient = Values::new(gradient);
        let [mut weight, mut velocity] = [weight, velocity].map(own);
        step.apply(weight.storage_mut(), gradient.slice(), Some(velocity.storage_mut()));
        (weight, velocity)
    }

    fn plain_descent(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        step: SgdStep,
    ) -> FloatTensor<Self> {
        let gradient = Values::new(gradient);
        let mut weight = own(weight);
        step.apply(weight.storage_mut(), gradient.slice(), None);
        weight
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{DType, Device, TensorData};

    use super::*;

    fn wave(frequency: f64, dtype: DType) -> Tensor<2> {
        let values: Vec<f64> = (1..=35).map(|i| (frequency * f64::from(i)).sin()).collect();
        let data = TensorData::new(values, [5, 7]).convert_dtype(dtype);
        Tensor::from_data(data, (&Device::flex(), dtype))
    }

    fn close(single: Tensor<2>, double: Tensor<2>) {
        let difference = single.cast(DType::F64) - double;
        assert!(difference.abs().max().into_scalar::<f64>() < 1e-6);
    }

    #[test]
    fn adam_is_what_tensor_operations_give() {
        let none = [(false, None), (true, None)];
        let penalties = [(0.2, 0.0), (0.2, 3.0), (0.0, 3.0)];
        let penalties = penalties.map(|(l1, l2)| (false, Some(Penalty { l1, l2 })));
        for (decoupled, penalty) in none.into_iter().chain(penalties) {
            let run = |dtype: DType| {
                let zeros = || wave(0.0, dtype);
                let (mut weight, mut moments) = (wave(0.1, dtype), [zeros(), zeros()]);
                for time in 1..5_u8 {
                    let gradient = wave(f64::from(time), dtype);
                    let step = AdamStep {
                        learning_rate: 0.01,
                        beta_1: 0.9,
                        beta_2: 0.999,
                        epsilon: 1e-8,
                        weight_decay: 0.1,
                        decoupled,
                        time: usize::from(time),
                        penalty,
                    };
                    (weight, moments) = adam(step, weight, gradient, moments);
                }
                weight
            };
            close(run(DType::F32), run(DType::F64));
        }
    }

    #[test]
    fn weights_within_their_threshold_are_zero() {
        // The root of the second moment is the gradient's size, so that a size of a step is 0.1.
        let step = AdamStep {
            learning_rate: 0.1,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 0.0,
            weight_decay: 0.0,
            decoupled: false,
            time: 1,
            penalty: Some(Penalty { l1: 2.0, l2: 10.0 }),
        };
        for dtype in [DType::F32, DType::F64] {
            let tensor = |values: [f64; 5]| {
                let data = TensorData::new(values.to_vec(), [1, 5]).convert_dtype(dtype);
                Tensor::<2>::from_data(data, (&Device::flex(), dtype))
            };
            // The step takes 0.1 away from each first; the threshold is 0.1 * 2, the divisor 1 + 0.1 * 10.
            let weight = tensor([3.1, -0.4, 0.2, -0.05, 0.3]);
            let ones = tensor([1.0; 5]);
            let moments = [tensor([0.0; 5]), tensor([0.0; 5])];
            let (found, _) = adam(step, weight, ones, moments);
            let found: Vec<f64> = found.into_data().iter().collect();
            for (found, expected) in found.iter().zip([1.4, -0.15, 0.0, 0.0, 0.0]) {
                assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            }
            assert!(found[2..4].iter().all(|value| *value == 0.0), "{found:?}");
        }
    }

    #[test]
    fn gradient_descent_is_what_tensor_operations_give() {
        for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
            let step = SgdStep { learning_rate: 0.1, momentum, nesterov, weight_decay: 0.01 };
            let run = |dtype: DType| {
                let mut weight = wave(0.1, dtype);
                let mut velocity = (momentum > 0.0).then(|| wave(0.0, dtype));
                for frequency in [0.2, 0.3] {
                    (weight, velocity) =
                        gradient_descent(step, weight, wave(frequency, dtype), velocity);
                }
                weight
            };
            close(run(DType::F32), run(DType::F64));
        }
    }

    #[test]
    #[should_panic(expected = "shapes of a weight and of what changes it")]
    fn rejects_moments_of_another_shape() {
        let [weight, gradient, moment] = [0.1, 0.2, 0.0].map(|f| wave(f, DType::F32));
        let step = AdamStep {
            learning_rate: 0.01,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
            time: 1,
            penalty: None,
        };
        // As many numbers as the weight has.
        let _ = adam(step, weight, gradient, [moment.clone(), moment.transpose()]);
    }

    #[test]
    #[should_panic(expected = "shapes of a weight and of what changes it")]
    fn rejects_a_velocity_of_another_shape() {
        let step =
            SgdStep { learning_rate: 0.1, momentum: 0.9, nesterov: false, weight_decay: 0.0 };
        let [weight, gradient, velocity] = [0.1, 0.2, 0.0].map(|f| wave(f, DType::F64));
        // Burn's addition would repeat its one row.
        let velocity = velocity.narrow(0, 0, 1);
        let _ = gradient_descent(step, weight, gradient, Some(velocity));
    }

    #[test]
    fn a_shared_weight_stays_as_it_was() {
        let weight = wave(0.1, DType::F32);
        let before = weight.to_data();
        let step =
            SgdStep { learning_rate: 1.0, momentum: 0.0, nesterov: false, weight_decay: 0.0 };
        let (moved, _) = gradient_descent(step, weight.clone(), wave(0.2, DType::F32), None);
        assert_eq!(weight.to_data(), before);
        assert_ne!(moved.to_data(), before);
    }
}
