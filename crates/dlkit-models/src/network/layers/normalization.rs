//! What normalizations have in common.

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};

use crate::network::given::{Given, WeightsError};
use crate::value::problem::Problem;

/// Name of the trained scale.
pub(super) const GAMMA: &str = "gamma";
/// Name of the trained shift.
pub(super) const BETA: &str = "beta";

/// The epsilon of PyTorch, which wants 1e-5 where Keras wants 1e-3.
pub(super) const fn default_epsilon() -> f64 {
    1e-5
}

/// Refuses an epsilon that is no number above 0.
pub(super) fn check_epsilon(epsilon: f64) -> Result<(), Problem> {
    if epsilon.is_finite() && epsilon > 0.0 {
        return Ok(());
    }
    Err(Problem::new("epsilon", format!("must be a number above 0, not {epsilon}")))
}

/// Rows with mean 0 and variance 1, but for epsilon; the variance is the biased one.
///
/// # Shapes
/// - rows: `[batch, groups, values]`
/// - output: likewise
pub(super) fn normalized(rows: Tensor<3>, epsilon: f64) -> Tensor<3> {
    let centered = rows.clone() - rows.mean_dim(2);
    let variance = (centered.clone() * centered.clone()).mean_dim(2);
    centered / (variance + epsilon).sqrt()
}

/// Scale and shift by their names.
pub(super) fn weights(
    gamma: &Param<Tensor<1>>,
    beta: &Param<Tensor<1>>,
) -> Vec<(&'static str, TensorData)> {
    vec![(GAMMA, gamma.val().into_data()), (BETA, beta.val().into_data())]
}

/// Sets scale and shift.
pub(super) fn set_weights(
    gamma: &mut Param<Tensor<1>>,
    beta: &mut Param<Tensor<1>>,
    given: &mut Given<'_>,
) -> Result<(), WeightsError> {
    given.parameter(GAMMA, gamma)?;
    given.parameter(BETA, beta)
}
