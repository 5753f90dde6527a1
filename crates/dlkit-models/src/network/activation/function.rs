//! Every activation function: what it is called, its constants, what it is like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rrelu::{RandomizedRelu, RreluMode, finite};
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
    /// `x` if positive, else `slope * x`.
    LeakyRelu {
        /// Slope for negative inputs.
        #[serde(default = "leaky_slope")]
        slope: f64,
    },
    /// Leaky ReLU with a trained slope (He et al., 2015).
    Prelu {
        /// One slope for the layer, or one per channel.
        #[serde(default)]
        per: SlopeSharing,
        /// Slope before training.
        #[serde(default = "prelu_slope")]
        slope: f64,
    },
    /// Leaky ReLU with a random slope in training and a fixed one in testing.
    Rrelu(RandomizedRelu),
    /// `x` if positive, else `alpha * (exp(x) - 1)`.
    Elu {
        /// The output approaches `-alpha` for very negative inputs.
        #[serde(default = "elu_alpha")]
        alpha: f64,
    },
    /// Self-normalizing ELU (Klambauer et al., 2017).
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

    /// The number of slopes that are trained, for an input of `channels` channels, and their value
    /// before training.
    pub(crate) const fn slopes(&self, channels: usize) -> Option<(usize, f64)> {
        match *self {
            Self::Prelu { per: SlopeSharing::Layer, slope } => Some((1, slope)),
            Self::Prelu { per: SlopeSharing::Channel, slope } => Some((channels, slope)),
            Self::LeakyRelu { .. }
            | Self::Rrelu(_)
            | Self::Elu { .. }
            | Self::None {}
            | Self::Sigmoid {}
            | Self::Tanh {}
            | Self::Relu {}
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => None,
        }
    }

    /// Whether its slope goes to zero on both sides.
    pub(crate) const fn saturates(&self) -> bool {
        match self {
            Self::Sigmoid {} | Self::Tanh {} => true,
            Self::None {}
            | Self::Relu {}
            | Self::LeakyRelu { .. }
            | Self::Prelu { .. }
            | Self::Rrelu(_)
            | Self::Elu { .. }
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => false,
        }
    }

    /// Whether it is ReLU, which a layer can apply as it writes its outputs.
    pub(crate) const fn is_rectifier(&self) -> bool {
        match self {
            Self::Relu {} => true,
            Self::None {}
            | Self::Sigmoid {}
            | Self::Tanh {}
            | Self::LeakyRelu { .. }
            | Self::Prelu { .. }
            | Self::Rrelu(_)
            | Self::Elu { .. }
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => false,
        }
    }

    /// The same function with the slope of the test phase; that of PReLU is the one before training.
    pub(crate) fn in_test_phase(self) -> Self {
        match self {
            Self::Rrelu(rrelu) => Self::LeakyRelu { slope: rrelu.test_slope() },
            Self::Prelu { slope, .. } => Self::LeakyRelu { slope },
            Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::None {}
            | Self::Sigmoid {}
            | Self::Tanh {}
            | Self::Relu {}
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => self,
        }
    }

    /// Checks the ranges of the constants.
    ///
    /// # Errors
    /// The key, what was given and what is allowed.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::LeakyRelu { slope } | Self::Prelu { slope, .. } => finite("slope", slope),
            Self::Elu { alpha } => finite("alpha", alpha),
            Self::Rrelu(rrelu) => rrelu.check(),
            Self::None {}
            | Self::Sigmoid {}
            | Self::Tanh {}
            | Self::Relu {}
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => Ok(()),
        }
    }

    /// The name with the constants that tell this function from others of its kind.
    #[must_use]
    pub fn description(&self) -> String {
        match *self {
            Self::LeakyRelu { slope } => format!("leaky-relu, slope {slope}"),
            Self::Prelu { slope, per: SlopeSharing::Layer } => {
                format!("prelu, initial slope {slope}")
            }
            Self::Prelu { slope, per: SlopeSharing::Channel } => {
                format!("prelu per channel, initial slope {slope}")
            }
            Self::Rrelu(rrelu) => {
                let mode = match rrelu.mode {
                    RreluMode::Framework => "framework",
                    RreluMode::Paper => "paper",
                    RreluMode::Post => "post",
                };
                format!("rrelu, {mode}, test slope {:.4}", rrelu.test_slope())
            }
            Self::Elu { alpha } => format!("elu, alpha {alpha}"),
            Self::None {}
            | Self::Sigmoid {}
            | Self::Tanh {}
            | Self::Relu {}
            | Self::Selu {}
            | Self::Gelu {}
            | Self::Silu {}
            | Self::Softplus {} => self.name().to_owned(),
        }
    }
}
