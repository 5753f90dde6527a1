//! Activation functions looked at by themselves.

use burn::tensor::{DType, Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::function::Activation;
use super::rrelu::{RandomizedRelu, RreluMode};
use crate::value::choice::name_or_table;
use crate::value::explain::explain;

/// An activation function at one point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The point.
    pub x: f64,
    /// The function's value.
    pub value: f64,
    /// The derivative's value; at a kink, the one training uses.
    pub derivative: f64,
}

/// A function as it is written in a recipe: a name or a table.
#[derive(Deserialize)]
struct Written {
    #[serde(deserialize_with = "name_or_table")]
    function: Activation,
}

impl Activation {
    /// Every function with its default constants; RReLU in all three definitions.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let names = [
            "sigmoid",
            "tanh",
            "relu",
            "leaky-relu",
            "prelu",
            "rrelu",
            "elu",
            "selu",
            "gelu",
            "silu",
            "softplus",
        ];
        let mut all: Vec<Self> = names.iter().filter_map(|name| Self::parse(name).ok()).collect();
        for mode in [RreluMode::Paper, RreluMode::Post] {
            let rrelu = RandomizedRelu { mode, ..Default::default() };
            all.push(Self::Rrelu(rrelu));
        }
        all
    }

    /// Reads a function as a recipe names it: `elu`, or `{ kind = "elu", alpha = 0.5 }`.
    ///
    /// # Errors
    /// An unknown name, with those there are; an unknown key; a constant out of range.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table = text.trim_start().starts_with('{');
        let value = if table { text.to_owned() } else { format!("{text:?}") };
        let written: Written = toml::from_str(&format!("function = {value}"))
            .map_err(|error| explain("function", error.message()).1)?;
        written.function.check().map_err(|problem| problem.to_string())?;
        Ok(written.function)
    }

    /// The function and its derivative in the test phase, in double precision, computed as a
    /// network computes them. PReLU has its initial slope, RReLU its fixed one.
    #[must_use]
    pub fn curve(&self, points: &[f64]) -> Vec<CurvePoint> {
        let device = Device::flex().autodiff();
        let data = TensorData::new(points.to_vec(), [points.len(), 1, 1, 1]);
        let input = Tensor::<4>::from_data(data, (&device, DType::F64)).require_grad();
        let output = self.in_test_phase().forward(input.clone(), None);
        let gradients = output.clone().sum().backward();
        let values: Vec<f64> = output.into_data().iter::<f64>().collect();
        let derivatives: Vec<f64> = input
            .grad(&gradients)
            .map(|gradient| gradient.into_data().iter::<f64>().collect())
            .unwrap_or_default();
        let pairs = values.into_iter().zip(derivatives);
        points
            .iter()
            .zip(pairs)
            .map(|(&x, (value, derivative))| CurvePoint { x, value, derivative })
            .collect()
    }
}

/// Shares `exp(x) / sum(exp(x))`, without overflow whatever the values.
///
/// ```
/// let shares = dlkit_models::network::softmax(&[3.0, 0.7, 0.5]);
/// let rounded: Vec<_> = shares.iter().map(|share| format!("{share:.3}")).collect();
/// assert_eq!(rounded, ["0.846", "0.085", "0.069"]);
/// ```
#[must_use]
pub fn softmax(values: &[f64]) -> Vec<f64> {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials: Vec<f64> = values.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|exponential| exponential / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(values: &[f64]) -> Vec<f64> {
        softmax(values).iter().map(|share| (share * 1e3).round() / 1e3).collect()
    }

    /// The examples of the literature; the shares of the last two computed by hand.
    #[test]
    fn softmax_of_the_published_examples() {
        assert_eq!(rounded(&[3.0, 0.7, 0.5]), [0.846, 0.085, 0.069]);
        assert_eq!(rounded(&[1.2, 1.0, 1.5]), [0.316, 0.258, 0.426]);
        let mut ten = [1.2; 10];
        ten[0] = 1.5;
        let shares = rounded(&ten);
        assert_eq!((shares[0], shares[9]), (0.13, 0.097));
    }

    #[test]
    fn softmax_of_extremes_is_defined() {
        assert_eq!(softmax(&[1000.0, -1000.0]), [1.0, 0.0]);
        assert_eq!(softmax(&[-1e300, -1e300]), [0.5, 0.5]);
    }

    #[test]
    fn curves_are_those_of_the_definitions() {
        let [low, high] = &Activation::parse("elu").unwrap().curve(&[-1.0, 2.0])[..] else {
            panic!("two points");
        };
        assert!((low.value - (f64::exp(-1.0) - 1.0)).abs() < 1e-15);
        assert!((low.derivative - f64::exp(-1.0)).abs() < 1e-15);
        assert_eq!((high.value, high.derivative), (2.0, 1.0));
        let paper = Activation::parse("{ kind = \"rrelu\", mode = \"paper\" }").unwrap();
        let point = paper.curve(&[-11.0])[0];
        assert!((point.value + 2.0).abs() < 1e-12 && (point.derivative - 1.0 / 5.5).abs() < 1e-12);
    }

    #[test]
    fn every_function_has_a_finite_curve() {
        let points = [-100.0, -1.0, -0.1, 0.0, 0.1, 1.0, 100.0];
        let all = Activation::all();
        assert_eq!(all.len(), 13);
        for function in all {
            for point in function.curve(&points) {
                assert!(point.value.is_finite() && point.derivative.is_finite(), "{function:?}");
            }
        }
    }

    #[test]
    fn an_unknown_function_lists_those_there_are() {
        for text in ["rleu", "ReLU"] {
            let message = Activation::parse(text).unwrap_err();
            let start =
                format!("`function`: unknown \"{text}\", did you mean `relu`? Allowed: none, ");
            assert!(message.starts_with(&start) && message.ends_with(", softplus"), "{message}");
        }
        let message = Activation::parse("{ kind = \"elu\", alfa = 1 }").unwrap_err();
        assert_eq!(message, "unknown key `function.alfa`, did you mean `alpha`? Allowed: alpha");
    }
}
