//! Optimizers, with the constants and the formulas of PyTorch.

mod adam;
mod sgd;

use burn::optim::decay::WeightDecayConfig;
use burn::optim::{ModuleOptimizer, RmsPropConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::adam::Adam;
use self::sgd::Sgd;
use super::shrinkage::Shrinkage;
use crate::value::Problem;
use crate::value::range::{not_negative, positive, share};

/// The rule that updates weights by gradients. `weight_decay` times the weight is added to the
/// gradient; "adamw" shrinks the weights directly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Stochastic gradient descent.
    Sgd {
        /// Momentum: share of the last step that is kept.
        #[serde(default)]
        momentum: f64,
        /// Nesterov momentum (Sutskever et al., 2013).
        #[serde(default)]
        nesterov: bool,
        /// Share of the weight added to its gradient.
        #[serde(default)]
        weight_decay: f64,
    },
    /// Adam (Kingma and Ba, 2015).
    Adam {
        /// Decay rate of the mean of gradients.
        #[serde(default = "beta_1")]
        beta_1: f64,
        /// Decay rate of the mean of squared gradients.
        #[serde(default = "beta_2")]
        beta_2: f64,
        /// Constant added to the square root.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Share of the weight added to its gradient.
        #[serde(default)]
        weight_decay: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    #[serde(rename = "adamw")]
    AdamW {
        /// Decay rate of the mean of gradients.
        #[serde(default = "beta_1")]
        beta_1: f64,
        /// Decay rate of the mean of squared gradients.
        #[serde(default = "beta_2")]
        beta_2: f64,
        /// Constant added to the square root.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Share of the weight removed per step, times the learning rate.
        #[serde(default = "decoupled_weight_decay")]
        weight_decay: f64,
    },
    /// `RMSprop` (Tieleman and Hinton, 2012).
    #[serde(rename = "rmsprop")]
    RmsProp {
        /// Decay rate of the mean of squared gradients.
        #[serde(default = "alpha")]
        alpha: f64,
        /// Constant added to the square root.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// Momentum: share of the last step that is kept.
        #[serde(default)]
        momentum: f64,
        /// Whether to divide by the standard deviation of gradients instead of their root mean
        /// square.
        #[serde(default)]
        centered: bool,
        /// Share of the weight added to its gradient.
        #[serde(default)]
        weight_decay: f64,
    },
}

const fn beta_1() -> f64 {
    0.9
}

const fn beta_2() -> f64 {
    0.999
}

const fn epsilon() -> f64 {
    1e-8
}

const fn alpha() -> f64 {
    0.99
}

const fn decoupled_weight_decay() -> f64 {
    0.01
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self::Adam { beta_1: beta_1(), beta_2: beta_2(), epsilon: epsilon(), weight_decay: 0.0 }
    }
}

impl OptimizerConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::Sgd { momentum, nesterov, weight_decay } => {
                share("momentum", momentum)?;
                if nesterov && momentum == 0.0 {
                    return Err(Problem::new("nesterov", "needs `momentum` above 0, not 0"));
                }
                not_negative("weight_decay", weight_decay)
            }
            Self::Adam { beta_1, beta_2, epsilon, weight_decay }
            | Self::AdamW { beta_1, beta_2, epsilon, weight_decay } => {
                share("beta_1", beta_1)?;
                share("beta_2", beta_2)?;
                positive("epsilon", epsilon)?;
                not_negative("weight_decay", weight_decay)
            }
            Self::RmsProp { alpha, epsilon, momentum, weight_decay, .. } => {
                share("alpha", alpha)?;
                positive("epsilon", epsilon)?;
                share("momentum", momentum)?;
                not_negative("weight_decay", weight_decay)
            }
        }
    }

    /// What a recipe calls it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::Adam { .. } => "adam",
            Self::AdamW { .. } => "adamw",
            Self::RmsProp { .. } => "rmsprop",
        }
    }

    /// Its weight decay.
    pub(crate) const fn weight_decay(&self) -> f64 {
        match *self {
            Self::Sgd { weight_decay, .. }
            | Self::Adam { weight_decay, .. }
            | Self::AdamW { weight_decay, .. }
            | Self::RmsProp { weight_decay, .. } => weight_decay,
        }
    }

    /// Whether steps are as large as gradients; the others divide by the size of these.
    pub(crate) const fn follows_size(&self) -> bool {
        matches!(self, Self::Sgd { .. })
    }

    /// The optimizer, before its first step.
    #[must_use]
    pub fn build(&self) -> ModuleOptimizer {
        self.build_shrinking(None)
    }

    /// The optimizer, which shrinks weights after each step. RMSprop does not.
    pub(crate) fn build_shrinking(&self, shrinkage: Option<Shrinkage>) -> ModuleOptimizer {
        #[expect(clippy::cast_possible_truncation, reason = "Burn takes these constants as f32")]
        let single = |value: f64| value as f32;
        let decay = |penalty: f64| (penalty > 0.0).then(|| WeightDecayConfig::new(single(penalty)));
        match *self {
            Self::Sgd { momentum, nesterov, weight_decay } => {
                ModuleOptimizer::from(Sgd { momentum, nesterov, weight_decay, shrinkage })
            }
            Self::Adam { beta_1, beta_2, epsilon, weight_decay } => {
                let decoupled = false;
                ModuleOptimizer::from(Adam {
                    beta_1,
                    beta_2,
                    epsilon,
                    weight_decay,
                    decoupled,
                    shrinkage,
                })
            }
            Self::AdamW { beta_1, beta_2, epsilon, weight_decay } => {
                let decoupled = true;
                ModuleOptimizer::from(Adam {
                    beta_1,
                    beta_2,
                    epsilon,
                    weight_decay,
                    decoupled,
                    shrinkage,
                })
            }
            Self::RmsProp { alpha, epsilon, momentum, centered, weight_decay } => {
                RmsPropConfig::new()
                    .with_alpha(single(alpha))
                    .with_epsilon(single(epsilon))
                    .with_momentum(single(momentum))
                    .with_centered(centered)
                    .with_weight_decay(decay(weight_decay))
                    .init()
            }
        }
    }
}
