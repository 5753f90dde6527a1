//! Losses and their gradients.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::Deserialize;

use super::{Comparison, Precision, Values, cases, norm};
use crate::training::{Loss, Reduction};

const FILE: &str = "losses.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    loss: String,
    label_smoothing: f64,
    outputs: Values,
    classes: Option<Vec<i64>>,
    class_weights: Option<Vec<f32>>,
    targets: Option<Values>,
    value: f64,
    gradient: Values,
}

impl Case {
    fn loss(&self) -> Loss {
        match self.loss.as_str() {
            "cross-entropy" => Loss::CrossEntropy { label_smoothing: self.label_smoothing },
            "mse" => Loss::Mse { reduction: Reduction::Mean },
            "mae" => Loss::Mae { reduction: Reduction::Mean },
            other => panic!("unknown loss {other}"),
        }
    }

    fn value(&self, outputs: Tensor<2>, precision: Precision) -> Tensor<1> {
        let device = outputs.device();
        match (&self.classes, &self.targets) {
            (Some(classes), None) => {
                let shape = [classes.len()];
                let classes = TensorData::new(classes.clone(), shape);
                let classes = Tensor::<1, Int>::from_data(classes, &device);
                let weights = self.class_weights.as_deref().map(Arc::from);
                self.loss().of_weighted_classes(outputs, classes, weights.as_ref())
            }
            (None, Some(targets)) => {
                self.loss().of_values(outputs, targets.tensor::<2>(&device, precision))
            }
            _ => panic!("{} needs either classes or targets", self.name),
        }
    }
}

fn compare(precision: Precision) {
    let device = Device::flex().autodiff();
    let mut comparison = Comparison::new(FILE, precision);
    for case in cases::<Case>(FILE) {
        let outputs = case.outputs.tensor::<2>(&device, precision).require_grad();
        let value = case.value(outputs.clone(), precision);
        let gradient = outputs.grad(&value.backward()).unwrap();
        let scale = norm(&case.outputs.data);
        let expected = Values { shape: vec![1], data: vec![case.value] };
        comparison.tensor(&format!("{}, value", case.name), value, &expected, scale);
        comparison.tensor(&format!("{}, gradient", case.name), gradient, &case.gradient, scale);
    }
    comparison.finish();
}

#[test]
fn losses_are_those_of_pytorch() {
    compare(Precision::F64);
}

#[test]
fn losses_are_those_of_pytorch_in_single_precision() {
    compare(Precision::F32);
}
