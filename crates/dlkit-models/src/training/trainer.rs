//! Training on Burn's `SupervisedTraining`; knows no task.

use std::sync::{Arc, Mutex, PoisonError};

use burn::data::dataloader::DataLoader;
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use burn::train::logger::InMemoryMetricLogger;
use burn::train::{
    InferenceStep, Interrupter, Learner, LearnerModel, SupervisedTraining, TrainStep,
    TrainingStrategy,
};
use thiserror::Error;

use super::config::{Measure, TrainingConfig};
use super::diagnostics::DiagnosticsConfig;
use super::epochs::{Ending, Epochs};
use super::held::Held;
use super::loader::EpochCounter;
use super::observer::Observer;
use super::penalty::PenaltyConfig;
use super::records::{EveryEpoch, record_channels};
use super::schedule::Scheduler;
use super::silent::Silent;
use super::step::{DashboardMetric, Measured};
use crate::network::Network;
use crate::run::{Best, Checkpoint, CheckpointState, RunDirectory, RunError};

/// A model that can be trained and validated on the same kind of batch.
pub trait Trainable:
    LearnerModel
    + TrainStep<Output = Measured>
    + InferenceStep<Input = <Self as TrainStep>::Input, Output = Measured>
{
    /// The network that is trained.
    fn network(&self) -> &Network;

    /// What the network is given for a batch.
    ///
    /// # Shapes
    /// - output: `[batch, channels, height, width]`
    fn network_input(batch: <Self as TrainStep>::Input) -> Tensor<4>;
}

/// The samples of a training.
pub struct Loaders<B> {
    /// Batches to learn from, on the training device.
    pub train: Arc<dyn DataLoader<B>>,
    /// Batches that decide, on the same device without gradients; may be empty.
    pub validation: Arc<dyn DataLoader<B>>,
    /// Tells the training loader the epoch.
    pub epoch: EpochCounter,
    /// What is looked into, if anything.
    pub examined: Option<Examined<B>>,
}

/// What is looked into while training.
pub struct Examined<B> {
    /// How.
    pub config: DiagnosticsConfig,
    /// The samples on which units are looked at, the same in every epoch, on the training device
    /// without gradients.
    pub samples: Arc<dyn DataLoader<B>>,
}

/// How a training is run, apart from what the recipe says.
pub struct Supervision<'a> {
    /// Where figures and checkpoints go; a checkpoint there is gone on from.
    pub run: &'a RunDirectory,
    /// Who watches.
    pub observer: Box<dyn Observer>,
    /// Stops the training when asked to.
    pub interrupter: Interrupter,
    /// Whether Burn's terminal dashboard is shown; Ctrl-C is then left to it.
    pub dashboard: bool,
}

/// How a training went.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Epochs finished, earlier commands included.
    pub epochs: usize,
    /// The best epoch.
    pub best: Option<Best>,
    /// How it ended.
    pub ending: Ending,
}

/// Why a training failed.
#[derive(Debug, Error)]
pub enum TrainingError {
    /// Numbers became infinite or undefined.
    #[error(
        "{symptom} at step {step} of epoch {epoch}; {kept}. Lower training.learning_rate, set \
         training.gradient_clipping or check the data",
        kept = kept(*.epoch)
    )]
    Diverged {
        /// What became infinite or undefined.
        symptom: String,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
    },
    /// The run directory cannot be used.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Burn's training failed.
    #[error("{0}")]
    Burn(String),
}

fn kept(epoch: usize) -> String {
    match epoch {
        0 | 1 => "there is no earlier checkpoint".to_owned(),
        _ => format!("the checkpoint of epoch {} is kept", epoch - 1),
    }
}

/// Writes a network as the checkpoint before the first epoch, to be used as it is or trained on.
///
/// # Errors
/// Writing fails.
pub fn write_start(
    network: Network,
    recipe: &TrainingConfig,
    run: &RunDirectory,
) -> Result<(), RunError> {
    // How many steps an epoch has counts from the first step on.
    let scheduler = ModuleLrScheduler::new(Scheduler::new(recipe, 1));
    run.save_checkpoint(Checkpoint {
        state: CheckpointState::default(),
        model: Held { network }.into_record(),
        optimizer: recipe.optimizer.build().to_record(),
        scheduler: scheduler.to_record(),
    })
}

/// What a recipe says of a training.
pub struct Plan<'a> {
    /// How the network is trained.
    pub config: &'a TrainingConfig,
    /// What large weights cost.
    pub penalty: Option<PenaltyConfig>,
    /// Fixes every random draw.
    pub seed: u64,
    /// What the model's steps measure.
    pub measures: &'a [Measure],
}

/// Trains a model until its last epoch, from the checkpoint in the run directory if there is one.
///
/// The samples' order and every random draw of an epoch depend on the seed and the epoch only, so
/// that a training that was cut gives the same weights, bit for bit, as one that was not.
///
/// # Errors
/// A loss that is no finite number, a run directory that cannot be used.
pub fn train<M: Trainable>(
    model: M,
    loaders: Loaders<<M as TrainStep>::Input>,
    plan: &Plan<'_>,
    device: &Device,
    supervision: Supervision<'_>,
) -> Result<Trained, TrainingError> {
    let &Plan { config, penalty, seed, measures } = plan;
    let Supervision { run, observer, interrupter, dashboard } = supervision;
    let start = run.last_checkpoint()?;
    if let Some(start) = &start {
        // Burn panics on weights that do not fit, so they are tried on a copy first.
        model.clone().try_load_record(start.model.clone()).map_err(|error| {
            RunError::OtherNetwork { path: run.path().to_owned(), reason: error.to_string() }
        })?;
    }
    let start_state = start.as_ref().map(|start| start.state.clone());
    let start_epoch = start_state.as_ref().map(|state| state.epoch);
    run.truncate(start_epoch.unwrap_or(0))?;

    let steps_per_epoch = loaders.train.num_items().div_ceil(config.batch_size).max(1);
    let learner = Learner::new(
        model,
        config.optimizer.build_shrinking(penalty.and_then(|penalty| penalty.shrinkage())),
        ModuleLrScheduler::new(Scheduler::new(config, steps_per_epoch)),
    );
    let (senders, receivers) = record_channels(start);
    let result = Arc::new(Mutex::new(None));
    let epochs = Epochs {
        config: config.clone(),
        penalty,
        seed,
        examined: loaders.examined,
        device: device.clone(),
        run: run.clone(),
        epoch: Arc::clone(&loaders.epoch),
        receivers: Mutex::new(receivers),
        observer: Mutex::new(observer),
        start: start_state,
        result: Arc::clone(&result),
    };
    let mut training = SupervisedTraining::new(run.path(), loaders.train, loaders.validation)
        .num_epochs(config.epochs)
        .with_interrupter(interrupter)
        .with_application_logger(None)
        .with_metric_logger(InMemoryMetricLogger::new())
        .with_custom_checkpointers(senders.model, senders.optimizer, senders.scheduler)
        .with_checkpointing_strategy(EveryEpoch)
        .with_training_strategy(TrainingStrategy::Custom(Arc::new(epochs)));
    if dashboard {
        for &Measure { name, higher_is_better } in measures {
            training = training
                .metric_train_numeric(DashboardMetric::new(name, higher_is_better))
                .metric_valid_numeric(DashboardMetric::new(name, higher_is_better));
        }
    } else {
        training = training.renderer(Box::new(Silent));
    }
    if let Some(epoch) = start_epoch {
        training = training.checkpoint(epoch);
    }
    let finished = training.launch(learner);
    if let Some(error) = finished.error {
        return Err(TrainingError::Burn(error.to_string()));
    }
    result
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .unwrap_or_else(|| Err(TrainingError::Burn("the training ended without a result".into())))
}
