//! The training loop; knows no task.

use std::collections::BTreeMap;
use std::time::Instant;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use burn::train::Interrupter;

use super::config::TrainingConfig;
use super::diagnostics::{DeadUnits, DiagnosticsConfig, Probe};
use super::learner::Learner;
use super::ledger::Ledger;
use super::loader::{BatchSource, Loader};
use super::monitor::Monitor;
use super::observer::{Observer, StepProgress};
use super::outcome::{Ending, Trained, TrainingError};
use super::penalty::PenaltyConfig;
use super::record::EpochRecord;
use super::sparsity::sparsity;
use super::state::TrainingState;
use super::trainable::{Measured, Sums, Trainable};
use crate::network::Network;
use crate::randomness::device_seed;
use crate::value::number::float;

/// The samples of a training.
pub struct Loaders<S> {
    /// Batches to learn from, on the training device.
    pub train: Loader<S>,
    /// Batches that decide, on the same device without gradients; may be empty.
    pub validation: Loader<S>,
    /// Samples and settings of diagnostics, if the recipe asks for them.
    pub examined: Option<Examined<S>>,
}

/// What diagnostics measure while training.
pub struct Examined<S> {
    /// How.
    pub config: DiagnosticsConfig,
    /// The samples on which units are looked at, the same in every epoch, on the training device
    /// without gradients.
    pub samples: Loader<S>,
}

/// Settings of a training in a recipe.
pub struct Plan<'a> {
    /// How the network is trained.
    pub config: &'a TrainingConfig,
    /// Penalty on large weights.
    pub penalty: Option<PenaltyConfig>,
    /// Fixes every random draw.
    pub seed: u64,
}

/// How a training runs, besides its recipe.
pub struct Supervision<'a> {
    /// Keeps figures and checkpoints; the training resumes from its last checkpoint.
    pub ledger: &'a dyn Ledger,
    /// Is told of every step and epoch.
    pub observer: &'a mut dyn Observer,
    /// Stops the training when asked to.
    pub interrupter: Interrupter,
}

/// Writes a network as the checkpoint before the first epoch, to be used as it is or trained on.
///
/// # Errors
/// Writing fails.
pub fn write_start(
    network: Network,
    config: &TrainingConfig,
    ledger: &dyn Ledger,
) -> Result<(), TrainingError> {
    // How many steps an epoch has counts from the first step on.
    let learner = Learner::new(network, config, None, 1);
    Ok(ledger.save_checkpoint(learner.checkpoint(TrainingState::default()))?)
}

/// Trains a network until its last epoch, from the last checkpoint of the ledger if there is one.
///
/// The order of samples and all random numbers of an epoch depend only on the seed and the epoch.
/// An interrupted training therefore reaches the same weights, bit for bit.
///
/// # Errors
/// The loss is not finite; samples cannot be gathered; the ledger cannot be used.
pub fn train<T: Trainable, S: BatchSource<Batch = T::Batch>>(
    task: &T,
    network: Network,
    loaders: &Loaders<S>,
    plan: &Plan<'_>,
    device: &Device,
    supervision: Supervision<'_>,
) -> Result<Trained, TrainingError> {
    let &Plan { config, penalty, seed } = plan;
    let steps = loaders.train.samples().div_ceil(config.batch_size);
    let mut learner = Learner::new(network, config, penalty, steps.max(1));
    let mut state = TrainingState::default();
    if let Some(start) = supervision.ledger.last_checkpoint()? {
        state = start.state.clone().resumed();
        let place = || supervision.ledger.name();
        learner = learner
            .restored(start)
            .map_err(|reason| TrainingError::OtherNetwork { place: place(), reason })?;
    }
    supervision.ledger.forget_after(state.epoch)?;
    let mut training = Training { task, loaders, config, penalty, learner, supervision };
    if state.epoch == 0 {
        training.keep_weights(0)?;
    }
    for epoch in state.epoch + 1..=config.epochs {
        device.seed(device_seed(seed, epoch));
        let Some(record) = training.epoch(epoch, &state)? else {
            return Ok(ended(&state, Ending::Interrupted));
        };
        let monitor = training.monitor();
        let place = (epoch, record.step);
        let value = monitor.value(&record);
        state.advance(place, monitor, value, config.early_stopping);
        state.plateau.advance(config.schedule, monitor, value);
        training.learner.follow(state.plateau);
        training.write(&record, &state)?;
        if state.stopped_early {
            return Ok(ended(&state, Ending::StoppedEarly));
        }
    }
    Ok(ended(&state, Ending::Finished))
}

const fn ended(state: &TrainingState, ending: Ending) -> Trained {
    Trained { epochs: state.epoch, best: state.best, ending }
}

/// A training under way.
struct Training<'a, 's, T, S> {
    task: &'a T,
    loaders: &'a Loaders<S>,
    config: &'a TrainingConfig,
    penalty: Option<PenaltyConfig>,
    learner: Learner,
    supervision: Supervision<'s>,
}

impl<T: Trainable, S: BatchSource<Batch = T::Batch>> Training<'_, '_, T, S> {
    /// The metric that decides.
    fn monitor(&self) -> Monitor {
        let validated = self.loaders.validation.samples() > 0;
        let usual = if validated { Monitor::ValidationLoss } else { Monitor::TrainLoss };
        self.config.monitor.unwrap_or(usual)
    }

    /// Trains an epoch and validates; `None` if interrupted.
    fn epoch(
        &mut self,
        epoch: usize,
        before: &TrainingState,
    ) -> Result<Option<EpochRecord>, TrainingError> {
        let started = Instant::now();
        let mut probe = self.loaders.examined.as_ref().map(|examined| Probe::new(examined.config));
        let mut sums = Sums::default();
        let learned = self.learn(epoch, &mut sums, probe.as_mut());
        if let Err(error) = &learned
            && !matches!(error, TrainingError::Diverged { .. })
        {
            return learned.map(|()| None);
        }
        let seconds = started.elapsed().as_secs_f64();
        let stopped = self.supervision.interrupter.should_stop();
        let validated =
            if learned.is_ok() && !stopped { self.validate(epoch)? } else { Sums::default() };
        if learned.is_ok() && self.supervision.interrupter.should_stop() {
            return Ok(None);
        }
        let mut record = EpochRecord {
            epoch,
            step: before.step + self.loaders.train.samples().div_ceil(self.config.batch_size),
            learning_rate: self.learner.rate(),
            seconds: started.elapsed().as_secs_f64(),
            samples_per_second: float(sums.samples()) / seconds,
            metrics: named(&[("train", &sums), ("validation", &validated)]),
        };
        let finite = learned.and_then(|()| {
            check_finite(&record, record.step - before.step, self.learner.network())
        });
        // Figures of layers may leave the range of numbers without harm, such as before clipping.
        self.examine(probe, &mut record)?;
        if let Err(diverged) = finite {
            self.supervision.ledger.write_diverged(&record)?;
            return Err(diverged);
        }
        Ok(Some(record))
    }

    /// Takes the steps of an epoch, until it ends or is interrupted.
    fn learn(
        &mut self,
        epoch: usize,
        sums: &mut Sums,
        mut probe: Option<&mut Probe>,
    ) -> Result<(), TrainingError> {
        for (step, batch) in (1..).zip(self.loaders.train.batches(epoch)) {
            let network = self.learner.network();
            let batch = batch?;
            let weight = self.task.loss_weight(&batch);
            let (loss, measured) = self.task.measure(network, batch);
            if !measured.loss().is_finite() {
                let symptom = format!("the training loss became {}", measured.loss());
                return Err(TrainingError::Diverged { symptom, epoch, step });
            }
            let gradients = GradientsParams::from_grads(loss.backward(), network);
            let probed = probe.as_ref().filter(|probe| probe.is_due(step));
            let probed = probed.map(|_| Probe::begin(network, &gradients));
            let gradients = followed(network, gradients, self.config, self.penalty);
            self.learner.step(gradients);
            if let (Some(probe), Some(probed)) = (probe.as_deref_mut(), probed) {
                probe.end(probed, self.learner.network());
            }
            sums.add(&measured, weight);
            self.observe("train", epoch, &measured, sums);
            if self.supervision.interrupter.should_stop() {
                break;
            }
        }
        Ok(())
    }

    /// Measures the validation part, until it ends or is interrupted.
    fn validate(&mut self, epoch: usize) -> Result<Sums, TrainingError> {
        let mut sums = Sums::default();
        let network = self.learner.network().valid();
        for batch in self.loaders.validation.batches(epoch) {
            let batch = batch?;
            let weight = self.task.loss_weight(&batch);
            let (_, measured) = self.task.measure(&network, batch);
            sums.add(&measured, weight);
            self.observe("validation", epoch, &measured, &sums);
            if self.supervision.interrupter.should_stop() {
                break;
            }
        }
        Ok(sums)
    }

    fn observe(&mut self, part: &'static str, epoch: usize, measured: &Measured, sums: &Sums) {
        let Loaders { train, validation, .. } = self.loaders;
        self.supervision.observer.step(&StepProgress {
            epoch,
            epochs: self.config.epochs,
            part,
            samples: sums.samples(),
            samples_total: if part == "train" { train } else { validation }.samples(),
            measured,
            means: &sums.means(),
        });
    }

    /// Adds what is measured of layers and weights at the end of an epoch.
    fn examine(&self, probe: Option<Probe>, record: &mut EpochRecord) -> Result<(), TrainingError> {
        record.metrics.extend(probe.into_iter().flat_map(Probe::means));
        if let Some(examined) = &self.loaders.examined {
            let mut dead = DeadUnits::default();
            let network = self.learner.network().valid();
            for batch in examined.samples.batches(record.epoch) {
                dead.look(&network, T::input(batch?));
            }
            record.metrics.extend(dead.shares());
        }
        if let Some(penalty) = self.penalty {
            let network = self.learner.network();
            record.metrics.insert("penalty".to_owned(), penalty.value(network));
            record.metrics.extend(sparsity(network));
        }
        Ok(())
    }

    /// Writes down an epoch: figures, weights, checkpoint.
    fn write(&mut self, record: &EpochRecord, state: &TrainingState) -> Result<(), TrainingError> {
        self.supervision.ledger.append(record)?;
        self.keep_weights(record.epoch)?;
        self.supervision.ledger.save_checkpoint(self.learner.checkpoint(state.clone()))?;
        self.supervision.observer.epoch(record, state.best);
        Ok(())
    }

    /// Keeps the weights after an epoch (0: before the first), if the recipe asks for them.
    fn keep_weights(&self, epoch: usize) -> Result<(), TrainingError> {
        let every = self.config.weights_every;
        if every > 0 && (epoch.is_multiple_of(every) || epoch == self.config.epochs) {
            self.supervision.ledger.keep_weights(epoch, self.learner.network())?;
        }
        Ok(())
    }
}

/// What weights follow: the gradients with those of the penalty, clipped.
pub(super) fn followed(
    network: &Network,
    mut gradients: GradientsParams,
    config: &TrainingConfig,
    penalty: Option<PenaltyConfig>,
) -> GradientsParams {
    if let Some(penalty) = penalty {
        gradients = penalty.add_to(network, gradients);
    }
    if let Some(clipping) = config.gradient_clipping {
        gradients = clipping.apply(network, gradients);
    }
    gradients
}

/// The means of parts, as `train_loss`.
fn named(parts: &[(&str, &Sums)]) -> BTreeMap<String, f64> {
    let means = |(part, sums): &(&str, &Sums)| {
        let part = (*part).to_owned();
        sums.means().into_iter().map(move |(name, mean)| (format!("{part}_{name}"), mean))
    };
    parts.iter().flat_map(means).collect()
}

/// Refuses to record an epoch that ended in undefined or infinite numbers. A step's loss precedes
/// its update, so only this check sees the last step.
fn check_finite(record: &EpochRecord, step: usize, network: &Network) -> Result<(), TrainingError> {
    let diverged = |symptom: String| TrainingError::Diverged { symptom, epoch: record.epoch, step };
    if let Some((name, value)) = record.metrics.iter().find(|(_, value)| !value.is_finite()) {
        return Err(diverged(format!("{} became {value}", name.replace('_', " "))));
    }
    let mut finite = AllFinite(true);
    network.visit(&mut finite);
    if finite.0 { Ok(()) } else { Err(diverged("weights became infinite or undefined".to_owned())) }
}

struct AllFinite(bool);

impl ModuleVisitor for AllFinite {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.0 &= parameter.val().is_finite().all().into_scalar::<bool>();
    }
}

#[cfg(test)]
mod tests;
