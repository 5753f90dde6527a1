//! Training on all folds but one.

use burn::tensor::Device;
use burn::train::Interrupter;
use thiserror::Error;

use crate::comparison::Metric;
use crate::data::Fold;
use crate::recipe::{Experiment, Task};
use crate::run::{RunDirectory, RunError};
use crate::tasks::{Session, TaskError, TaskReport};
use crate::training::{Ending, Monitor, Supervision, ThresholdRule, TrainingConfig, TrainingError};

/// Why a cross-validation cannot go on.
#[derive(Debug, Error)]
pub enum CrossvalError {
    /// The recipe stops early, which needs a part that decides.
    #[error(
        "training.early_stopping: it would use the samples held out for measuring; remove it and \
         set training.epochs"
    )]
    EarlyStopping,
    /// A figure the task does not have.
    #[error("--metric {name}: no such metric; it must be one of {}", .known.join(", "))]
    Metric {
        /// The request.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A figure that is undefined on a fold, such as the share of a variance of 0.
    #[error("--metric {name}: undefined on this fold; choose another metric")]
    Undefined {
        /// The figure.
        name: &'static str,
    },
    /// A temporary directory cannot be created.
    #[error("cannot create a temporary directory: {0}")]
    Place(#[from] std::io::Error),
    /// The data, or what it is measured on.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The training.
    #[error(transparent)]
    Training(#[from] TrainingError),
    /// The run directory.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Trains a recipe on all folds but one and measures it on that fold after the last epoch. The
/// measured samples influence nothing else; the test part stays unused. A threshold is chosen on a validation
/// part of the other folds.
#[derive(Clone, Debug)]
pub struct Crossvalidation {
    /// How many folds.
    pub folds: usize,
    /// The figure, such as `absolute_error`; the first of the task's without one.
    pub metric: Option<String>,
}

/// A figure on one fold, and what it is computed of.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldScore {
    /// The name of the figure.
    pub metric: String,
    /// Whether higher is better.
    pub higher_is_better: bool,
    /// Its value.
    pub value: f64,
    /// All figures of the fold, with its samples.
    pub report: TaskReport,
    /// The places of these samples among all to learn from.
    pub samples: Vec<usize>,
}

impl Crossvalidation {
    /// The recipe as it is trained here.
    ///
    /// # Errors
    /// A recipe that stops early.
    pub fn recipe(&self, experiment: &Experiment) -> Result<Experiment, CrossvalError> {
        let training = &experiment.config().training;
        if training.early_stopping.is_some() {
            return Err(CrossvalError::EarlyStopping);
        }
        let training = TrainingConfig {
            monitor: Some(Monitor::LastEpoch),
            weights_every: 0,
            ..training.clone()
        };
        let validates =
            matches!(training.threshold, Some(ThresholdRule::BalancedAccuracy | ThresholdRule::F1));
        let experiment = experiment.clone().with_training(training);
        // Nothing else needs a validation part, which would be lost to learning.
        Ok(if validates { experiment } else { experiment.without_validation() })
    }

    /// Checks that a recipe can be measured, before any training: its data, and the figure.
    ///
    /// # Errors
    /// The data cannot be used; the metric does not exist.
    pub fn check(&self, experiment: &Experiment) -> Result<(), CrossvalError> {
        self.figure(experiment.config().task)?;
        let fold = Fold { index: 0, count: self.folds };
        Session::prepare_fold(&self.recipe(experiment)?, fold)?;
        Ok(())
    }

    /// The name of the figure of a task.
    fn figure(&self, task: Task) -> Result<&'static str, CrossvalError> {
        let known = TaskReport::figure_names(task);
        let asked = self.metric.as_deref().or(known.first().copied()).unwrap_or_default();
        known.iter().copied().find(|name| *name == asked).ok_or_else(|| CrossvalError::Metric {
            name: asked.to_owned(),
            known: known.iter().map(|&name| name.to_owned()).collect(),
        })
    }

    /// The figure on a fold, counted from 0; `None` where the training was interrupted.
    ///
    /// # Errors
    /// The data cannot be used; a training diverges; the metric does not exist or is undefined.
    pub fn score(
        &self,
        experiment: &Experiment,
        fold: usize,
        device: &Device,
        interrupter: Interrupter,
    ) -> Result<Option<FoldScore>, CrossvalError> {
        let experiment = self.recipe(experiment)?;
        let fold = Fold { index: fold, count: self.folds };
        let session = Session::prepare_fold(&experiment, fold)?;
        let place = tempfile::Builder::new().prefix("dlkit-crossval-").tempdir()?;
        let run =
            RunDirectory::create(&place.path().join("run"), &experiment, &session.new_info())?;
        let supervision = Supervision { ledger: &run, observer: &mut (), interrupter };
        let trained = session.train(device, supervision)?;
        if trained.ending == Ending::Interrupted {
            return Ok(None);
        }
        let (report, samples) = session.evaluate_fold(&run, device)?;
        let name = self.figure(experiment.config().task)?;
        let value = report.figures().into_iter().find(|(known, _)| *known == name);
        let value = value.map(|(_, value)| value).filter(|value| value.is_finite());
        let value = value.ok_or(CrossvalError::Undefined { name })?;
        let higher_is_better = Metric::new(format!("test_{name}")).higher_is_better();
        Ok(Some(FoldScore { metric: name.to_owned(), higher_is_better, value, report, samples }))
    }
}
