//! Five steps of each optimizer.

use burn::module::Param;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use serde::Deserialize;

use super::{Comparison, Precision, Values, cases};
use crate::training::OptimizerConfig;
use crate::value::choice::name_or_table;

const FILE: &str = "optimizers.json";

/// For the way a parameter has gone, a small part of the parameter that shows what the parameter
/// hides. Burn keeps the constants of RMSprop in single precision: `1 - alpha` keeps five or six of
/// its digits and the step, in its square root, a little more. The others are in double precision.
/// In single precision the way is mostly rounding and is not looked at.
const SINGLE_WAY: f64 = 1e-5;
/// As [`SINGLE_WAY`], for the optimizers that keep their constants in double precision.
const DOUBLE_WAY: f64 = 1e-11;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    optimizer: String,
    learning_rate: f64,
    initial: Values,
    gradients: Vec<Values>,
    #[serde(rename = "final")]
    last: Values,
}

#[derive(Deserialize)]
struct Recipe {
    #[serde(deserialize_with = "name_or_table")]
    optimizer: OptimizerConfig,
}

impl Case {
    fn optimizer(&self) -> ModuleOptimizer {
        let recipe: Recipe = toml::from_str(&format!("optimizer = {}", self.optimizer)).unwrap();
        recipe.optimizer.build()
    }

    fn parameter(&self, precision: Precision) -> Param<Tensor<2>> {
        Param::from_tensor(self.initial.tensor(&Device::flex().autodiff(), precision))
    }
}

fn step(
    case: &Case,
    optimizer: &mut ModuleOptimizer,
    parameter: Param<Tensor<2>>,
    gradient: &Values,
    precision: Precision,
) -> Param<Tensor<2>> {
    let mut gradients = GradientsParams::new();
    gradients.register(parameter.id, gradient.tensor::<2>(&Device::flex(), precision));
    optimizer.step(case.learning_rate, parameter, gradients)
}

fn compare(precision: Precision) {
    let mut comparison = Comparison::new(FILE, precision);
    for case in cases::<Case>(FILE) {
        let mut optimizer = case.optimizer();
        let mut parameter = case.parameter(precision);
        for gradient in &case.gradients {
            parameter = step(&case, &mut optimizer, parameter, gradient, precision);
        }
        let given = parameter.val().try_into_vec_as::<f64>().unwrap();
        let what = format!("{}, parameter", case.name);
        comparison.norm(&what, &given, &case.last.data, 0.0, precision.tolerance());
        if precision == Precision::F64 {
            let way = |last: &[f64]| -> Vec<f64> {
                last.iter().zip(&case.initial.data).map(|(last, first)| last - first).collect()
            };
            let what = format!("{}, way gone", case.name);
            let tolerance =
                if case.optimizer.contains("rmsprop") { SINGLE_WAY } else { DOUBLE_WAY };
            comparison.norm(&what, &way(&given), &way(&case.last.data), 0.0, tolerance);
        }
    }
    comparison.finish();
}

#[test]
fn optimizers_are_those_of_pytorch() {
    compare(Precision::F64);
}

#[test]
fn optimizers_are_those_of_pytorch_in_single_precision() {
    compare(Precision::F32);
}

#[test]
fn a_saved_optimizer_goes_on_as_if_never_saved() {
    for case in cases::<Case>(FILE) {
        let mut whole = case.optimizer();
        let mut halved = case.optimizer();
        let mut parameter = case.parameter(Precision::F32);
        let mut resumed = parameter.clone();
        for (index, gradient) in case.gradients.iter().enumerate() {
            if index == 2 {
                halved = case.optimizer().from_bytes(halved.into_bytes().unwrap()).unwrap();
            }
            parameter = step(&case, &mut whole, parameter, gradient, Precision::F32);
            resumed = step(&case, &mut halved, resumed, gradient, Precision::F32);
        }
        assert_eq!(parameter.val().into_data(), resumed.val().into_data(), "{}", case.name);
    }
}
