//! Sums of squares of tensors.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use super::values::{Values, is_plain};
use crate::squares;

/// The sum of the squares of a tensor's numbers, in single precision on Flex the same, bit for bit, for
/// any number of threads: Flex's own sum of 4 million numbers is not, as threads share the work as it
/// comes.
#[must_use]
pub fn sum_of_squares<const D: usize>(tensor: Tensor<D>) -> f64 {
    if is_plain(&tensor) {
        return <Dispatch as SquaresOps>::sum_of_squares(tensor.into_dispatch());
    }
    tensor.square().sum().into_scalar::<f64>()
}

/// The sum as an operation of a backend.
#[backend_extension(Flex)]
pub(crate) trait SquaresOps: Backend {
    /// The sum of squares.
    fn sum_of_squares(tensor: FloatTensor<Self>) -> f64;
}

impl SquaresOps for Flex {
    fn sum_of_squares(tensor: FloatTensor<Self>) -> f64 {
        squares::sum_of_squares(Values::new(tensor).slice())
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{DType, Device};

    use super::*;
    use crate::reference::{drawn, on_threads};

    #[test]
    fn sums_of_millions_are_the_same_for_any_number_of_threads() {
        // Above the 4,194,304 numbers that Flex sums by all threads.
        let tensor = drawn([2051, 2048], 1, &Device::flex());
        let values = tensor.to_data().try_into_vec_as::<f32>().unwrap();
        let expected: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
        let sum = |threads| on_threads(threads, || sum_of_squares(tensor.clone()));
        let one = sum(1);
        assert!((one - expected).abs() <= 1e-12 * expected, "{one} {expected}");
        for threads in [2, 5] {
            assert_eq!(sum(threads).to_bits(), one.to_bits(), "{threads} threads");
        }
    }

    #[test]
    fn any_order_and_precision_is_summed() {
        let device = Device::flex();
        let tensor = Tensor::<2>::from_data([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]], &device);
        let exact = |tensor: Tensor<2>| (sum_of_squares(tensor) - 91.0).abs() < 1e-12;
        assert!(exact(tensor.clone()));
        assert!(exact(tensor.clone().transpose()));
        assert!(exact(tensor.clone().cast(DType::F64)));
        assert!(exact(Tensor::from_data(tensor.into_data(), &device.autodiff())));
    }
}
