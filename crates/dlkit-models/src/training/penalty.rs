//! The `[penalty]` table of a recipe: L1, L2 and elastic net.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::optimizer::OptimizerConfig;
use super::shrinkage::{PenaltyScope, Shrinkage};
use crate::value::Problem;

/// Penalty on large weights: `l1 * sum |w| + l2 / 2 * sum w^2` is added to the loss. Only `l1` is
/// the lasso, only `l2` is ridge regression, both are the elastic net (Zou and Hastie, 2005).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PenaltyConfig {
    /// Factor of the sum of absolute values.
    #[serde(default)]
    pub l1: f64,
    /// Factor of half the sum of squares.
    #[serde(default)]
    pub l2: f64,
    /// The weights to penalize.
    #[serde(default)]
    pub scope: PenaltyScope,
    /// Method that minimizes the penalty.
    #[serde(default)]
    pub method: PenaltyMethod,
}

/// Method that minimizes the penalty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PenaltyMethod {
    /// Shrinks weights after each step by the proximal operator of the penalty (soft threshold).
    /// Weights become exactly zero.
    #[default]
    Proximal,
    /// Adds `l1 * sign(w) + l2 * w` to the gradient. Weights stay near zero, but rarely reach it.
    Subgradient,
}

/// The largest factor: beyond it, any first step ends at zero.
const LARGEST: f64 = 1e6;

impl PenaltyConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        for (key, value) in [("l1", self.l1), ("l2", self.l2)] {
            if !(0.0..=LARGEST).contains(&value) {
                return Err(Problem::new(
                    key,
                    format!("must be from 0 to {LARGEST:e}, not {value}"),
                ));
            }
        }
        Ok(())
    }

    /// Refuses an optimizer that cannot take the proximal step.
    pub(crate) fn check_optimizer(&self, optimizer: &OptimizerConfig) -> Result<(), Problem> {
        let proximal = self.shrinkage().is_some();
        if proximal && matches!(optimizer, OptimizerConfig::RmsProp { .. }) {
            return Err(Problem::new(
                "penalty.method",
                "is \"proximal\", which `training.optimizer` \"rmsprop\" does not support; set \
                 penalty.method = \"subgradient\", or training.optimizer = \"sgd\", \"adam\" or \
                 \"adamw\"",
            ));
        }
        Ok(())
    }

    /// Whether anything is penalized.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.l1 > 0.0 || self.l2 > 0.0
    }

    /// The formula, with its numbers.
    #[must_use]
    pub fn formula(&self) -> String {
        let terms = [(self.l1, "sum |w|"), (self.l2, "/ 2 * sum w^2")];
        let terms: Vec<String> = terms
            .iter()
            .filter(|(factor, _)| *factor > 0.0)
            .map(|(factor, text)| {
                if text.starts_with('/') {
                    format!("{factor} {text}")
                } else {
                    format!("{factor} * {text}")
                }
            })
            .collect();
        if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
    }

    /// The formula, the weights it covers, and the method that minimizes it.
    #[must_use]
    pub fn description(&self) -> String {
        let method = match self.method {
            PenaltyMethod::Proximal => "by proximal steps",
            PenaltyMethod::Subgradient => "by subgradients",
        };
        let scope = match self.scope {
            PenaltyScope::Weights => "weights",
            PenaltyScope::All => "parameters",
        };
        format!("{} over all {scope}, {method}", self.formula())
    }

    /// What the optimizer shrinks by, if the method is the proximal one.
    pub(crate) fn shrinkage(&self) -> Option<Shrinkage> {
        let proximal = self.method == PenaltyMethod::Proximal && self.is_active();
        proximal.then_some(Shrinkage { l1: self.l1, l2: self.l2, scope: self.scope })
    }

    /// The gradients of loss and penalty, if the method is that of the subgradient.
    pub(crate) fn add_to<M: Module>(
        &self,
        module: &M,
        gradients: GradientsParams,
    ) -> GradientsParams {
        if self.method != PenaltyMethod::Subgradient || !self.is_active() {
            return gradients;
        }
        let mut adder = Adder { penalty: *self, gradients };
        module.visit(&mut adder);
        adder.gradients
    }

    /// The penalty of a module.
    pub(crate) fn value<M: Module>(&self, module: &M) -> f64 {
        let mut sum = Sum { penalty: *self, sum: 0.0 };
        module.visit(&mut sum);
        sum.sum
    }
}

struct Adder {
    penalty: PenaltyConfig,
    gradients: GradientsParams,
}

impl ModuleVisitor for Adder {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let PenaltyConfig { l1, l2, scope, .. } = self.penalty;
        if !scope.includes(D) {
            return;
        }
        if let Some(gradient) = self.gradients.remove::<D>(parameter.id) {
            let weight = parameter.val().inner();
            let slope = weight.clone().sign().mul_scalar(l1) + weight.mul_scalar(l2);
            self.gradients.register(parameter.id, gradient + slope);
        }
    }
}

struct Sum {
    penalty: PenaltyConfig,
    sum: f64,
}

impl ModuleVisitor for Sum {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let PenaltyConfig { l1, l2, scope, .. } = self.penalty;
        // Running statistics are visited as well, but not trained.
        if !parameter.is_require_grad() || !scope.includes(D) {
            return;
        }
        let weight = parameter.val().into_data();
        for value in weight.iter::<f64>() {
            self.sum += l1 * value.abs() + 0.5 * l2 * value * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn penalty(l1: f64, l2: f64) -> PenaltyConfig {
        PenaltyConfig { l1, l2, scope: PenaltyScope::Weights, method: PenaltyMethod::Proximal }
    }

    #[test]
    fn factors_out_of_range_are_refused() {
        for value in [-0.1, f64::NAN, f64::INFINITY, 1e7] {
            let message = penalty(value, 0.0).check().unwrap_err().to_string();
            assert!(message.contains("must be from 0 to 1e6"), "{message}");
            assert!(penalty(0.0, value).check().is_err(), "{value}");
        }
        assert!(penalty(0.0, 0.3).check().is_ok());
    }

    #[test]
    fn formulas_name_what_is_added() {
        assert_eq!(penalty(0.3, 0.0).formula(), "0.3 * sum |w|");
        assert_eq!(penalty(0.3, 0.1).formula(), "0.3 * sum |w| + 0.1 / 2 * sum w^2");
        assert_eq!(penalty(0.0, 0.0).formula(), "0");
    }
}
