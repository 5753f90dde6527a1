//! Limits on gradients.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use dlkit_kernels::flex::sum_of_squares;

use super::config::GradientClipping;

/// Added to the norm before dividing by it, as PyTorch's `clip_grad_norm_` does.
const NORM_EPSILON: f64 = 1e-6;

impl GradientClipping {
    /// Limits the gradients of a module's parameters.
    pub(crate) fn apply<M: Module>(
        self,
        module: &M,
        gradients: GradientsParams,
    ) -> GradientsParams {
        let change = match self {
            Self::Value { limit } => Change::Clamp(limit),
            Self::Norm { limit } => {
                let mut squares = Squares { gradients: &gradients, sum: 0.0 };
                module.visit(&mut squares);
                let factor = limit / (squares.sum.sqrt() + NORM_EPSILON);
                // An undefined norm leaves the gradients; the loss check reports it.
                if factor.is_nan() || factor >= 1.0 {
                    return gradients;
                }
                Change::Scale(factor)
            }
        };
        let mut limiter = Limiter { gradients, change };
        module.visit(&mut limiter);
        limiter.gradients
    }
}

struct Squares<'a> {
    gradients: &'a GradientsParams,
    sum: f64,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(parameter.id) {
            self.sum += sum_of_squares(gradient);
        }
    }
}

enum Change {
    Scale(f64),
    Clamp(f64),
}

struct Limiter {
    gradients: GradientsParams,
    change: Change,
}

impl ModuleVisitor for Limiter {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(parameter.id) {
            let limited = match self.change {
                Change::Scale(factor) => gradient.mul_scalar(factor),
                Change::Clamp(limit) => gradient.clamp(-limit, limit),
            };
            self.gradients.register(parameter.id, limited);
        }
    }
}
