//! How weights start.

use rand::distr::{Distribution, Uniform};
use rand::rngs::ChaCha12Rng;
use rand_distr::Normal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::problem::Problem;

/// Distribution of the weights before training. Biases start at zero.
///
/// `fan_in` and `fan_out` are the numbers of values that enter and leave one neuron: for a
/// convolution, channels times kernel area.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Initializer {
    /// `U(-b, b)`, `b = sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).
    XavierUniform {},
    /// `N(0, 2 / (fan_in + fan_out))` (Glorot and Bengio, 2010).
    XavierNormal {},
    /// `U(-b, b)`, `b = sqrt(6 / fan_in)` (He et al., 2015).
    HeUniform {},
    /// `N(0, 2 / fan_in)` (He et al., 2015).
    HeNormal {},
    /// All zero.
    Zeros {},
    /// All one.
    Ones {},
    /// All the same value.
    Constant {
        /// The value.
        value: f64,
    },
}

impl Default for Initializer {
    fn default() -> Self {
        Self::XavierUniform {}
    }
}

impl Initializer {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::Constant { value } if !value.is_finite() => {
                Err(Problem::new("value", format!("must be a finite number, not {value}")))
            }
            Self::XavierUniform {}
            | Self::XavierNormal {}
            | Self::HeUniform {}
            | Self::HeNormal {}
            | Self::Zeros {}
            | Self::Ones {}
            | Self::Constant { .. } => Ok(()),
        }
    }

    /// Draws `count` weights.
    pub(crate) fn values(self, count: usize, fan: Fan, random: &mut ChaCha12Rng) -> Vec<f32> {
        let (fan_in, fan_both) = (fan.input, fan.input + fan.output);
        match self {
            Self::XavierUniform {} => uniform((6.0 / fan_both).sqrt(), count, random),
            Self::XavierNormal {} => normal((2.0 / fan_both).sqrt(), count, random),
            Self::HeUniform {} => uniform((6.0 / fan_in).sqrt(), count, random),
            Self::HeNormal {} => normal((2.0 / fan_in).sqrt(), count, random),
            Self::Zeros {} => vec![0.0; count],
            Self::Ones {} => vec![1.0; count],
            #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
            Self::Constant { value } => vec![value as f32; count],
        }
    }
}

/// How many values enter and leave one neuron.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fan {
    pub(crate) input: f32,
    pub(crate) output: f32,
}

impl Fan {
    #[expect(clippy::cast_precision_loss, reason = "layer sizes are far below 2^24")]
    pub(crate) fn new(input: usize, output: usize) -> Self {
        Self { input: input as f32, output: output as f32 }
    }
}

fn uniform(bound: f32, count: usize, random: &mut ChaCha12Rng) -> Vec<f32> {
    // Sizes are at least 1, so the bound is finite and positive and the range always valid.
    match Uniform::new_inclusive(-bound, bound) {
        Ok(range) => range.sample_iter(random).take(count).collect(),
        Err(_) => vec![0.0; count],
    }
}

fn normal(deviation: f32, count: usize, random: &mut ChaCha12Rng) -> Vec<f32> {
    match Normal::new(0.0, deviation) {
        Ok(bell) => bell.sample_iter(random).take(count).collect(),
        Err(_) => vec![0.0; count],
    }
}
