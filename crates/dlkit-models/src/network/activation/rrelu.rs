//! The randomized leaky ReLU, in the three definitions in use.

use burn::tensor::{Distribution, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::problem::Problem;

/// A randomized leaky ReLU, in one of the three definitions in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomizedRelu {
    /// Definition of RReLU.
    #[serde(default)]
    pub mode: RreluMode,
    /// Lower bound of the random slope. Default: that of the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Upper bound of the random slope. Default: that of the definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// The definition of a randomized leaky ReLU; `a` is the drawn value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RreluMode {
    /// Multiplies negative inputs by `a ~ U(1/8, 1/3)` per element, in testing by the mean of the
    /// bounds (as current frameworks do).
    #[default]
    Framework,
    /// Divides negative inputs by `a ~ U(3, 8)` per element, in testing by the mean of the bounds
    /// (Xu et al., 2015).
    Paper,
    /// Multiplies negative inputs by `a ~ U(3, 8)`, drawn once per layer and step, in testing by
    /// the mean of the bounds.
    Post,
}

impl RreluMode {
    const fn default_bounds(self) -> (f64, f64) {
        match self {
            Self::Framework => (1.0 / 8.0, 1.0 / 3.0),
            Self::Paper | Self::Post => (3.0, 8.0),
        }
    }
}

impl RandomizedRelu {
    /// The bounds the training phase draws from.
    #[must_use]
    pub fn bounds(self) -> (f64, f64) {
        let (lower, upper) = self.mode.default_bounds();
        (self.lower.unwrap_or(lower), self.upper.unwrap_or(upper))
    }

    /// The fixed slope of the test phase.
    #[must_use]
    pub fn test_slope(self) -> f64 {
        let (lower, upper) = self.bounds();
        let mean = f64::midpoint(lower, upper);
        match self.mode {
            RreluMode::Framework | RreluMode::Post => mean,
            RreluMode::Paper => 1.0 / mean,
        }
    }

    /// Checks the bounds.
    pub(super) fn check(self) -> Result<(), Problem> {
        let (lower, upper) = self.bounds();
        finite("lower", lower)?;
        finite("upper", upper)?;
        if lower > upper {
            return Err(Problem::new(
                "lower",
                format!("is {lower}, but must not exceed upper = {upper}"),
            ));
        }
        if self.mode == RreluMode::Paper && lower <= 0.0 {
            return Err(Problem::new(
                "lower",
                format!("must be above 0, not {lower}: mode \"paper\" divides by the drawn slope"),
            ));
        }
        Ok(())
    }

    /// The function of the training phase.
    pub(super) fn forward_train<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
        let (lower, upper) = self.bounds();
        let draw = Distribution::Uniform(lower, upper);
        let negative = input.clone().lower_scalar(0.0);
        let scaled = match self.mode {
            RreluMode::Framework => input.clone() * input.random_like(draw),
            RreluMode::Paper => input.clone() / input.random_like(draw),
            RreluMode::Post => {
                let options = (&input.device(), input.dtype());
                let factor = Tensor::<D>::random([1; D], draw, options);
                input.clone() * factor
            }
        };
        input.mask_where(negative, scaled)
    }
}

/// Checks that a constant is a number.
pub(super) fn finite(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(Problem::new(key, format!("must be a finite number, not {value}")))
    }
}
