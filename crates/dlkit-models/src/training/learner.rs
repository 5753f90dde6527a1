//! What follows gradients: weights, the optimizer's moments, the learning rate.

use burn::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};

use super::config::TrainingConfig;
use super::held::Held;
use super::ledger::Checkpoint;
use super::penalty::PenaltyConfig;
use super::plateau::Plateau;
use super::schedule::{Schedule, Scheduler};
use super::state::TrainingState;
use crate::network::Network;

/// A network that is being trained, with all that decides its next step.
pub(crate) struct Learner {
    /// As checkpoints hold it: the optimizer's records have its names, too.
    held: Held,
    optimizer: ModuleOptimizer,
    scheduler: ModuleLrScheduler,
    rate: ModuleLearningRate,
    schedule: Schedule,
    plateau: Plateau,
}

impl Learner {
    /// A network before its first step.
    pub(crate) fn new(
        network: Network,
        config: &TrainingConfig,
        penalty: Option<PenaltyConfig>,
        steps_per_epoch: usize,
    ) -> Self {
        let shrinkage = penalty.and_then(|penalty| penalty.shrinkage());
        let &TrainingConfig { schedule, learning_rate, warmup_epochs, epochs, .. } = config;
        let scheduler =
            Scheduler::new(schedule, learning_rate, warmup_epochs, epochs, steps_per_epoch);
        Self {
            held: Held { network: config.frozen(network) },
            optimizer: config.optimizer.build_shrinking(shrinkage),
            scheduler: ModuleLrScheduler::new(scheduler),
            rate: 0.0.into(),
            schedule,
            plateau: Plateau::default(),
        }
    }

    /// The same as it was when a checkpoint was written.
    ///
    /// # Errors
    /// Weights of another network.
    pub(crate) fn restored(self, checkpoint: Checkpoint) -> Result<Self, String> {
        let Checkpoint { model, optimizer, scheduler, state } = checkpoint;
        Ok(Self {
            held: self.held.try_load_record(model).map_err(|error| error.to_string())?,
            optimizer: self.optimizer.load_record(optimizer),
            scheduler: self.scheduler.load_record(scheduler),
            rate: self.rate,
            schedule: self.schedule,
            plateau: state.plateau,
        })
    }

    /// Everything that is needed to go on from here.
    pub(crate) fn checkpoint(&self, state: TrainingState) -> Checkpoint {
        Checkpoint {
            state,
            model: self.held.clone().into_record(),
            optimizer: self.optimizer.to_record(),
            scheduler: self.scheduler.to_record(),
        }
    }

    /// The network as it is now.
    pub(crate) const fn network(&self) -> &Network {
        &self.held.network
    }

    /// The learning rate of the last step.
    pub(crate) fn rate(&self) -> f64 {
        self.rate.base()
    }

    /// The learning rate falls with the monitored metric from here on.
    pub(crate) const fn follow(&mut self, plateau: Plateau) {
        self.plateau = plateau;
    }

    /// Lets the weights follow their gradients.
    pub(crate) fn step(&mut self, gradients: GradientsParams) {
        self.rate = self.scheduler.step();
        if self.plateau.reductions > 0 {
            self.rate = self.plateau.reduced(self.schedule, self.rate.base()).into();
        }
        self.held = self.optimizer.step(self.rate.clone(), self.held.clone(), gradients);
    }
}
