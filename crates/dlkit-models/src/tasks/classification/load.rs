//! Predictors of runs.

use burn::tensor::Device;

use super::model::Classifier;
use super::predict::Predictor;
use crate::run::{RunDirectory, RunError, Which};
use crate::tasks::{TaskFacts, load_network};

/// Why a network that learnt another task names no classes.
pub(super) fn not_classes(facts: &TaskFacts) -> String {
    format!(
        "that the network learnt the task \"{}\"; classes are named by one that learnt \"classification\"",
        facts.task().name()
    )
}

/// Loads a predictor from a run directory; needs no data.
///
/// # Errors
/// A run directory without an intact checkpoint, of another task, or with another number of classes
/// than outputs.
pub fn load_predictor(
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Predictor, RunError> {
    let experiment = run.experiment()?;
    let damaged = |reason| RunError::Damaged { path: run.path().join("run.json"), reason };
    let facts = run.info()?.facts;
    facts
        .check(experiment.network())
        .map_err(|reason| damaged(format!("{reason}; restore the names or train again")))?;
    let TaskFacts::Classification { classes, input } = facts else {
        return Err(damaged(format!("says {}", not_classes(&facts))));
    };
    let network = load_network(&experiment, run, which, device)?;
    let classifier = Classifier::new(network, experiment.config().training.loss);
    Ok(Predictor::new(classifier, classes, input, device.clone()))
}
