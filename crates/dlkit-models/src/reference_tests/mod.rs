//! Networks, losses and optimizers held to values computed by PyTorch in float64.
//!
//! The values are in `tests/reference/*.json`; `generate.py` beside them made them and describes
//! the format. Every case runs twice: in float64, where only a wrong formula can miss
//! [`Precision::tolerance`], and in float32, the precision networks are trained in.

mod activations;
mod clipping;
mod layers;
mod long_run;
mod losses;
mod optimizers;
mod rrelu;
mod run;
mod traces;

use std::path::Path;

use burn::tensor::{DType, Device, Tensor, TensorData};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Precision {
    F64,
    F32,
}

impl Precision {
    const fn dtype(self) -> DType {
        match self {
            Self::F64 => DType::F64,
            Self::F32 => DType::F32,
        }
    }

    /// The largest norm of a difference, relative to the norm of the reference.
    const fn tolerance(self) -> f64 {
        match self {
            Self::F64 => 1e-6,
            // About a hundred roundings of 6e-8.
            Self::F32 => 1e-5,
        }
    }
}

/// A reference whose norm is below this share of the numbers it was summed from is zero but for
/// rounding: the gradient of a bias whose effect batch normalization subtracts again.
const NUMERICALLY_ZERO: f64 = 1e-12;

/// A tensor of a reference file.
#[derive(Clone, Debug, Deserialize)]
struct Values {
    shape: Vec<usize>,
    data: Vec<f64>,
}

impl Values {
    fn tensor<const D: usize>(&self, device: &Device, precision: Precision) -> Tensor<D> {
        Tensor::from_data(self.tensor_data(), (device, precision.dtype()))
    }

    /// The values as a network takes them: `[batch, channels, height, width]`.
    fn batch(&self, device: &Device, precision: Precision) -> Tensor<4> {
        let mut shape = self.shape.clone();
        shape.resize(4, 1);
        let data = TensorData::new(self.data.clone(), shape);
        Tensor::from_data(data, (device, precision.dtype()))
    }

    fn tensor_data(&self) -> TensorData {
        TensorData::new(self.data.clone(), self.shape.clone())
    }
}

/// The cases of a reference file.
fn cases<T: DeserializeOwned>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What a file's cases gave, compared with what they should give.
struct Comparison {
    file: &'static str,
    precision: Precision,
    failures: Vec<String>,
    compared: usize,
    largest: (f64, String),
}

impl Comparison {
    fn new(file: &'static str, precision: Precision) -> Self {
        Self { file, precision, failures: Vec::new(), compared: 0, largest: (0.0, String::new()) }
    }

    /// Compares a tensor; trailing axes of size 1 do not count.
    ///
    /// `scale` is the size of the numbers `expected` was computed from. It decides only whether
    /// `expected` is numerically zero, and then bounds what is given.
    fn tensor<const D: usize>(
        &mut self,
        what: &str,
        given: Tensor<D>,
        expected: &Values,
        scale: f64,
    ) {
        let shape = without_ones(&given.dims());
        if shape != without_ones(&expected.shape) {
            self.failures.push(format!("{what}: shape {shape:?}, not {:?}", expected.shape));
            return;
        }
        assert_eq!(given.dtype(), self.precision.dtype(), "{what}");
        self.values(what, &given.try_into_vec_as::<f64>().unwrap(), &expected.data, scale);
    }

    /// Compares values by the norm of their difference and, in float64, one by one.
    fn values(&mut self, what: &str, given: &[f64], expected: &[f64], scale: f64) {
        let within = self.norm(what, given, expected, scale, self.precision.tolerance());
        let zero = norm(expected) < NUMERICALLY_ZERO * scale;
        if within && !zero && self.precision == Precision::F64 {
            self.each_value(what, given, expected);
        }
    }

    /// Compares values by the norm of their difference; returns whether it is small enough.
    fn norm(
        &mut self,
        what: &str,
        given: &[f64],
        expected: &[f64],
        scale: f64,
        tolerance: f64,
    ) -> bool {
        assert_eq!(given.len(), expected.len(), "{what}");
        self.compared += 1;
        let difference: Vec<f64> = given.iter().zip(expected).map(|(a, b)| a - b).collect();
        let size = if norm(expected) < NUMERICALLY_ZERO * scale { scale } else { norm(expected) };
        let relative = norm(&difference) / size;
        if relative > self.largest.0 {
            self.largest = (relative, what.to_owned());
        }
        // An undefined difference is not within.
        let within = relative <= tolerance;
        if !within {
            self.failures.push(format!("{what}: relative error {relative:.1e}"));
        }
        within
    }

    /// Holds small values beside large ones to the same tolerance, down to the rounding of the
    /// largest.
    fn each_value(&mut self, what: &str, given: &[f64], expected: &[f64]) {
        let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for (index, (given, expected)) in given.iter().zip(expected).enumerate() {
            let allowed = self.precision.tolerance() * expected.abs() + NUMERICALLY_ZERO * largest;
            if (given - expected).abs() > allowed {
                self.failures.push(format!("{what}: value {index} is {given:e}, not {expected:e}"));
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "`cargo test -- --nocapture` shows the figures")]
    fn finish(self) {
        let (error, what) = &self.largest;
        println!(
            "{} in {:?}: {} tensors compared, largest relative error {error:.1e} ({what})",
            self.file, self.precision, self.compared
        );
        assert!(self.compared > 0, "{} holds no cases", self.file);
        assert!(
            self.failures.is_empty(),
            "{} in {:?}:\n{}",
            self.file,
            self.precision,
            self.failures.join("\n")
        );
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn without_ones(shape: &[usize]) -> Vec<usize> {
    let used = shape.iter().rposition(|&size| size != 1).map_or(0, |last| last + 1);
    shape.iter().take(used).copied().collect()
}
