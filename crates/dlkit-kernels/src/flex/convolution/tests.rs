//! Against Burn's own operation in double precision.

use burn::tensor::{DType, Device, TensorData};

use super::*;
use crate::reference::drawn;

const TOLERANCE: f64 = 1e-5;

struct Case {
    input: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    movement: Movement,
    rectified: bool,
}

/// Stride 1 without groups.
fn padded(padding: [usize; 2]) -> Movement {
    let padding = padding.map(|padding| (padding, padding));
    Movement { stride: [1, 1], padding, dilation: [1, 1], groups: 1 }
}

impl Case {
    fn new(dims: [usize; 4], filters: usize, padding: [usize; 2], bias: bool) -> Self {
        let device = Device::flex();
        let input = drawn(dims, 1, &device);
        let weight = drawn([filters, dims[1], 3, 3], 2, &device);
        let bias = bias.then(|| drawn([filters], 3, &device));
        Self { input, weight, bias, movement: padded(padding), rectified: false }
    }

    /// The output and the gradients of input, weight and bias for a weighted sum of outputs.
    fn run(&self, dtype: DType) -> Vec<Vec<f64>> {
        let device = Device::flex().autodiff();
        let input = leaf(&self.input, dtype, &device);
        let weight = leaf(&self.weight, dtype, &device);
        let bias = self.bias.as_ref().map(|bias| leaf(bias, dtype, &device));
        let output =
            convolution(input.clone(), weight.clone(), bias.clone(), self.movement, self.rectified);
        let count = output.shape().num_elements();
        let slopes: Vec<f64> =
            [-2.5, -1.5, 0.5, 1.0, 2.0].into_iter().cycle().take(count).collect();
        let slopes = TensorData::new(slopes, output.shape()).convert_dtype(dtype);
        let slopes = Tensor::<4>::from_data(slopes, (&device, dtype));
        let gradients = (output.clone() * slopes).sum().backward();
        let mut results = vec![numbers(output.inner())];
        results.push(numbers(input.grad(&gradients).unwrap()));
        results.push(numbers(weight.grad(&gradients).unwrap()));
        results.extend(bias.map(|bias| numbers(bias.grad(&gradients).unwrap())));
        results
    }

    fn check(&self) {
        let results = self.run(DType::F32);
        let references = self.run(DType::F64);
        assert_eq!(results.len(), references.len());
        for (result, reference) in results.iter().zip(&references) {
            assert_eq!(result.len(), reference.len());
            let norm =
                |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
            let error = norm(&mut result.iter().zip(reference).map(|(a, b)| a - b));
            let size = norm(&mut reference.iter().copied());
            assert!(error <= TOLERANCE * size, "relative error {:e}", error / size);
        }
    }
}

fn leaf<const D: usize>(tensor: &Tensor<D>, dtype: DType, device: &Device) -> Tensor<D> {
    let data = tensor.to_data().convert_dtype(dtype);
    Tensor::from_data(data, (device, dtype)).require_grad()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter().collect()
}

#[test]
fn outputs_and_gradients_are_those_of_burn() {
    for bias in [false, true] {
        for padding in [[0, 0], [1, 1], [2, 0]] {
            Case::new([2, 5, 11, 9], 7, padding, bias).check();
        }
    }
}

#[test]
fn a_rectified_convolution_has_the_gradients_of_relu() {
    let mut case = Case::new([3, 4, 8, 10], 6, [1, 1], true);
    case.rectified = true;
    case.check();
}

#[test]
fn an_input_out_of_order_is_read_in_order() {
    let mut case = Case::new([2, 9, 8, 5], 3, [0, 0], true);
    case.input = case.input.permute([0, 3, 1, 2]);
    case.weight = Case::new([1, 5, 8, 8], 3, [0, 0], false).weight;
    case.check();
}

#[test]
fn other_kernels_strides_and_groups_are_those_of_burn() {
    let device = Device::flex();
    for (kernel, groups, stride, padding, dilation) in [
        ([1, 1], 1, [1, 1], [(0, 0), (0, 0)], [1, 1]),
        ([5, 5], 1, [1, 1], [(2, 2), (2, 2)], [1, 1]),
        ([3, 3], 1, [2, 2], [(1, 1), (0, 0)], [1, 1]),
        ([2, 4], 3, [1, 2], [(0, 1), (1, 2)], [2, 1]),
        ([3, 3], 6, [1, 1], [(1, 1), (1, 1)], [1, 1]),
        ([3, 2], 6, [2, 3], [(1, 1), (0, 0)], [1, 2]),
    ] {
        let mut case = Case::new([2, 6, 11, 9], 12, [0, 0], true);
        case.weight = drawn([12, 6 / groups, kernel[0], kernel[1]], 4, &device);
        case.movement = Movement { stride, padding, dilation, groups };
        case.check();
        case.rectified = true;
        case.check();
    }
}

#[test]
fn a_constant_input_has_no_gradient() {
    let device = Device::flex().autodiff();
    let input = Tensor::<4>::ones([1, 1, 4, 4], &device);
    let weight = Tensor::<4>::ones([1, 1, 3, 3], &device).require_grad();
    let output = convolution(input.clone(), weight.clone(), None, padded([0, 0]), false);
    let gradients = output.sum().backward();
    assert!(input.grad(&gradients).is_none());
    let slopes = numbers(weight.grad(&gradients).unwrap());
    assert!(slopes.iter().all(|slope| (slope - 4.0).abs() < 1e-5), "{slopes:?}");
}
