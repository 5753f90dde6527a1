//! Every activation function: what it is called, what it computes, what it does in each phase.

use burn::module::{Module, Param};
use burn::tensor::activation as functions;
use burn::tensor::{Distribution, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::builder::Builder;
use crate::value::problem::Problem;

/// An activation function with its constants, as a recipe names it.
///
/// Written as a name (`"elu"`) or, with constants, as a table (`{ kind = "elu", alpha = 0.5 }`).
// Variants without constants carry braces: serde refuses unknown keys on a struct variant, but not
// on a unit one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Activation {
    /// No activation: the layer stays linear.
    None {},
    /// `1 / (1 + exp(-x))`.
    Sigmoid {},
    /// Hyperbolic tangent.
    Tanh {},
    /// `max(0, x)`.
    Relu {},
    /// `x` where positive, `slope * x` elsewhere.
    LeakyRelu {
        /// Slope of the negative side.
        #[serde(default = "leaky_slope")]
        slope: f64,
    },
    /// Leaky ReLU whose slope is trained (He et al., 2015).
    Prelu {
        /// One slope for the layer, or one per channel.
        #[serde(default)]
        per: SlopeSharing,
        /// Slope before training.
        #[serde(default = "prelu_slope")]
        slope: f64,
    },
    /// Leaky ReLU whose slope is drawn in training and fixed in testing.
    Rrelu(RandomizedRelu),
    /// `x` where positive, `alpha * (exp(x) - 1)` elsewhere.
    Elu {
        /// Size of the negative limit.
        #[serde(default = "elu_alpha")]
        alpha: f64,
    },
    /// Self-normalising ELU (Klambauer et al., 2017).
    Selu {},
    /// `x * Phi(x)`, with the exact normal distribution function.
    Gelu {},
    /// `x * sigmoid(x)`, also called swish.
    Silu {},
    /// `log(1 + exp(x))`.
    Softplus {},
}

/// How many slopes a PReLU trains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SlopeSharing {
    /// One slope, shared by the whole layer.
    #[default]
    Layer,
    /// One slope per channel (per feature after a dense layer).
    Channel,
}

/// A randomised leaky ReLU, in one of the three definitions in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomizedRelu {
    /// Which definition.
    #[serde(default)]
    pub mode: RreluMode,
    /// Lower bound of the draw; by default the definition's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Upper bound of the draw; by default the definition's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// The definition of a randomised leaky ReLU; `a` is the drawn value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RreluMode {
    /// Negatives times `a ~ U(1/8, 1/3)` per element, times the mean of the bounds in testing
    /// (what today's frameworks do).
    #[default]
    Framework,
    /// Negatives divided by `a ~ U(3, 8)` per element, by the mean of the bounds in testing
    /// (Xu et al., 2015).
    Paper,
    /// Negatives times `a ~ U(3, 8)`, one draw per layer and step, times the mean of the bounds
    /// in testing.
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

    fn forward_train<const D: usize>(self, input: Tensor<D>) -> Tensor<D> {
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

impl Activation {
    /// The name a recipe uses.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::None {} => "none",
            Self::Sigmoid {} => "sigmoid",
            Self::Tanh {} => "tanh",
            Self::Relu {} => "relu",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::Prelu { .. } => "prelu",
            Self::Rrelu(_) => "rrelu",
            Self::Elu { .. } => "elu",
            Self::Selu {} => "selu",
            Self::Gelu {} => "gelu",
            Self::Silu {} => "silu",
            Self::Softplus {} => "softplus",
        }
    }

    /// The number of slopes that are trained, for an input of `channels` channels.
    #[must_use]
    pub const fn parameters(&self, channels: usize) -> usize {
        match self {
            Self::Prelu { per: SlopeSharing::Layer, .. } => 1,
            Self::Prelu { per: SlopeSharing::Channel, .. } => channels,
            _ => 0,
        }
    }

    /// Checks the ranges of the constants.
    ///
    /// # Errors
    /// The key, what was given and what is allowed.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let finite = |key: &str, value: f64| {
            if value.is_finite() {
                Ok(())
            } else {
                Err(Problem::new(key, format!("is {value}; a finite number is needed")))
            }
        };
        match *self {
            Self::LeakyRelu { slope } | Self::Prelu { slope, .. } => finite("slope", slope),
            Self::Elu { alpha } => finite("alpha", alpha),
            Self::Rrelu(rrelu) => {
                let (lower, upper) = rrelu.bounds();
                finite("lower", lower)?;
                finite("upper", upper)?;
                if lower > upper {
                    return Err(Problem::new(
                        "lower",
                        format!("is {lower}, above upper = {upper}"),
                    ));
                }
                if rrelu.mode == RreluMode::Paper && lower <= 0.0 {
                    return Err(Problem::new(
                        "lower",
                        format!(
                            "is {lower}; mode \"paper\" divides by the draw, so it must be above 0"
                        ),
                    ));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// An activation inside a network, with its trained slope if it has one.
#[derive(Module, Debug)]
pub struct ActivationLayer {
    /// The trained slopes of a PReLU: `[1]` or `[channels]`.
    pub slope: Option<Param<Tensor<1>>>,
    #[module(skip)]
    function: Activation,
}

impl ActivationLayer {
    pub(crate) fn new(function: Activation, channels: usize, builder: &mut Builder<'_>) -> Self {
        let slope = match function {
            Activation::Prelu { slope, .. } => {
                Some(builder.vector(function.parameters(channels), slope))
            }
            _ => None,
        };
        Self { slope, function }
    }

    /// Whether the function is ReLU, which a convolution can apply as it writes its outputs.
    pub(super) const fn is_rectifier(&self) -> bool {
        matches!(self.function, Activation::Relu {})
    }

    /// Applies the function; RReLU draws its slopes where the input lies on a training device.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`
    /// - output: the same
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self.function {
            Activation::None {} => input,
            Activation::Sigmoid {} => functions::sigmoid(input),
            Activation::Tanh {} => functions::tanh(input),
            Activation::Relu {} => functions::relu(input),
            Activation::LeakyRelu { slope } => functions::leaky_relu(input, slope),
            Activation::Prelu { slope, .. } => match &self.slope {
                Some(slope) => functions::prelu(input, slope.val()),
                None => functions::leaky_relu(input, slope),
            },
            Activation::Rrelu(rrelu) if input.device().is_autodiff() => rrelu.forward_train(input),
            Activation::Rrelu(rrelu) => functions::leaky_relu(input, rrelu.test_slope()),
            Activation::Elu { alpha } => elu(input, alpha),
            Activation::Selu {} => elu(input, SELU_ALPHA).mul_scalar(SELU_SCALE),
            Activation::Gelu {} => functions::gelu(input),
            Activation::Silu {} => functions::silu(input),
            Activation::Softplus {} => functions::softplus(input, 1.0),
        }
    }
}

/// `x` where positive, `alpha * (exp(x) - 1)` elsewhere.
///
/// The exponential sees no positive value: an infinite one, of `x` above 88 in single precision,
/// would leave the gradient undefined although its branch is not taken.
fn elu<const D: usize>(input: Tensor<D>, alpha: f64) -> Tensor<D> {
    let positive = input.clone().greater_scalar(0.0);
    let negative = input.clone().clamp_max(0.0).exp().sub_scalar(1.0).mul_scalar(alpha);
    negative.mask_where(positive, input)
}

/// The fixed point for mean 0 and variance 1 (Klambauer et al., 2017, equation 14).
pub(crate) const SELU_ALPHA: f64 = 1.673_263_242_354_377_3;
/// See [`SELU_ALPHA`].
pub(crate) const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// The slope frameworks give a leaky ReLU.
const fn leaky_slope() -> f64 {
    0.01
}

/// The initial slope of He et al., 2015.
const fn prelu_slope() -> f64 {
    0.25
}

/// The value Clevert et al., 2016, use throughout.
const fn elu_alpha() -> f64 {
    1.0
}
