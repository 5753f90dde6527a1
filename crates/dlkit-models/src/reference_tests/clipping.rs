//! Limits on gradients.

use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use serde::Deserialize;

use super::{Comparison, Precision, Values, cases, norm};
use crate::training::GradientClipping;

const FILE: &str = "clipping.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    max_norm: f64,
    norm: f64,
    gradients: [Values; 3],
    clipped: [Values; 3],
}

#[derive(Module, Debug)]
struct Parameters {
    matrix: Param<Tensor<2>>,
    vector: Param<Tensor<1>>,
    kernel: Param<Tensor<4>>,
}

impl Parameters {
    fn zeros(shapes: &[Values; 3], precision: Precision) -> Self {
        let device = Device::flex();
        let [matrix, vector, kernel] = shapes;
        Self {
            matrix: Param::from_tensor(matrix.tensor::<2>(&device, precision).zeros_like()),
            vector: Param::from_tensor(vector.tensor::<1>(&device, precision).zeros_like()),
            kernel: Param::from_tensor(kernel.tensor::<4>(&device, precision).zeros_like()),
        }
    }

    fn gradients(
        &self,
        [matrix, vector, kernel]: &[Values; 3],
        precision: Precision,
    ) -> GradientsParams {
        let device = Device::flex();
        let mut gradients = GradientsParams::new();
        gradients.register(self.matrix.id, matrix.tensor::<2>(&device, precision));
        gradients.register(self.vector.id, vector.tensor::<1>(&device, precision));
        gradients.register(self.kernel.id, kernel.tensor::<4>(&device, precision));
        gradients
    }
}

fn compare(precision: Precision) {
    let mut comparison = Comparison::new(FILE, precision);
    for case in cases::<Case>(FILE) {
        let all: Vec<f64> = case.gradients.iter().flat_map(|values| values.data.clone()).collect();
        assert!((norm(&all) - case.norm).abs() < 1e-12 * case.norm);
        let parameters = Parameters::zeros(&case.gradients, precision);
        let gradients = parameters.gradients(&case.gradients, precision);
        let limit = GradientClipping::Norm { limit: case.max_norm };
        let clipped = limit.apply(&parameters, gradients);
        let [matrix, vector, kernel] = &case.clipped;
        let what = |part: &str| format!("{}, {part}", case.name);
        let given = clipped.get::<2>(parameters.matrix.id).unwrap();
        comparison.tensor(&what("matrix"), given, matrix, 1.0);
        let given = clipped.get::<1>(parameters.vector.id).unwrap();
        comparison.tensor(&what("vector"), given, vector, 1.0);
        let given = clipped.get::<4>(parameters.kernel.id).unwrap();
        comparison.tensor(&what("kernel"), given, kernel, 1.0);
    }
    comparison.finish();
}

#[test]
fn norms_are_limited_as_by_pytorch() {
    compare(Precision::F64);
}

#[test]
fn norms_are_limited_as_by_pytorch_in_single_precision() {
    compare(Precision::F32);
}

#[test]
fn values_are_cut_to_the_limit() {
    let parameter = Param::from_tensor(Tensor::<1>::zeros([5], &Device::flex()));
    let mut gradients = GradientsParams::new();
    let gradient = Tensor::<1>::from_data([-3.0, -0.5, 0.0, 0.25, 0.75], &Device::flex());
    gradients.register(parameter.id, gradient);
    let clipped = GradientClipping::Value { limit: 0.5 }.apply(&parameter, gradients);
    let values = clipped.get::<1>(parameter.id).unwrap().try_into_vec_as::<f32>().unwrap();
    assert_eq!(values, [-0.5, -0.5, 0.0, 0.25, 0.5]);
}
