//! Against Burn's own operation in double precision.

use burn::tensor::{DType, Device, TensorData};

use super::*;
use crate::reference::drawn;

const TOLERANCE: f64 = 1e-5;

struct Case {
    input: Tensor<4>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    rectified: bool,
}

impl Case {
    fn new(dims: [usize; 4], units: usize, bias: bool, rectified: bool) -> Self {
        let device = Device::flex();
        Self {
            input: drawn(dims, 1, &device),
            weight: drawn([dims[1] * dims[2] * dims[3], units], 2, &device),
            bias: bias.then(|| drawn([units], 3, &device)),
            rectified,
        }
    }

    /// The output and the gradients of input, weight and bias for a weighted sum of outputs.
    fn run(&self, dtype: DType) -> Vec<Vec<f64>> {
        let device = Device::flex().autodiff();
        let input = leaf(&self.input, dtype, &device);
        let weight = leaf(&self.weight, dtype, &device);
        let bias = self.bias.as_ref().map(|bias| leaf(bias, dtype, &device));
        let output = dense(input.clone(), weight.clone(), bias.clone(), self.rectified);
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
        for rectified in [false, true] {
            let case = Case::new([5, 3, 2, 4], 7, bias, rectified);
            let (results, references) = (case.run(DType::F32), case.run(DType::F64));
            assert_eq!(results.len(), references.len());
            for (result, reference) in results.iter().zip(&references) {
                assert_eq!(result.len(), reference.len());
                let norm = |values: &mut dyn Iterator<Item = f64>| {
                    values.map(|v| v * v).sum::<f64>().sqrt()
                };
                let error = norm(&mut result.iter().zip(reference).map(|(a, b)| a - b));
                let size = norm(&mut reference.iter().copied());
                assert!(error <= TOLERANCE * size, "relative error {:e}", error / size);
            }
        }
    }
}

#[test]
fn parameters_alone_can_be_tracked() {
    let device = Device::flex().autodiff();
    let case = Case::new([4, 6, 1, 1], 3, true, false);
    let input = Tensor::from_data(case.input.to_data(), &device);
    let weight = leaf(&case.weight, DType::F32, &device);
    let output = dense(input.clone(), weight.clone(), None, false);
    let gradients = output.sum().backward();
    assert!(input.grad(&gradients).is_none());
    // Each weight's gradient is the sum of its input over the batch.
    let sums = numbers(case.input.sum_dim(0));
    for (index, gradient) in numbers(weight.grad(&gradients).unwrap()).into_iter().enumerate() {
        assert!((gradient - sums[index / 3]).abs() < 1e-5);
    }
}
