//! Predictors of runs and of frozen files.

use burn::tensor::Device;

use super::predict::RegressionPredictor;
use crate::facts::Column;
use crate::freeze::{FreezeError, FrozenNetwork};
use crate::run::{RunDirectory, RunError, Which};
use crate::tasks::load_network;

/// Loads a predictor from a run directory, whose columns these are; needs no data.
///
/// # Errors
/// A run directory without an intact checkpoint.
pub fn load_regression_predictor(
    run: &RunDirectory,
    which: Which,
    (features, target): (Vec<Column>, Column),
    device: &Device,
) -> Result<RegressionPredictor, RunError> {
    let network = load_network(&run.experiment()?, run, which, device)?;
    Ok(RegressionPredictor::new(network, features, target, device.clone()))
}

/// A predictor from a frozen file, whose columns these are.
///
/// # Errors
/// None that a checked file can have.
pub fn frozen_regression_predictor(
    frozen: &FrozenNetwork,
    (features, target): (Vec<Column>, Column),
    device: &Device,
) -> Result<RegressionPredictor, FreezeError> {
    Ok(RegressionPredictor::new(frozen.network(device)?, features, target, device.clone()))
}
