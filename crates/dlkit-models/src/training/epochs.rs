//! The loop over epochs, as a strategy of Burn's `SupervisedTraining`.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use burn::train::{
    EventProcessorTraining, InferenceStep, Interrupter, Learner, LearnerEvent,
    SupervisedLearningStrategy, SupervisedTrainingEventProcessor, TrainLoader, TrainStep,
    TrainingComponents, TrainingItem, ValidLoader,
};

use super::config::{EarlyStopping, Monitor, TrainingConfig};
use super::diagnostics::{DeadUnits, Probe};
use super::loader::EpochCounter;
use super::observer::{Observer, StepProgress};
use super::penalty::PenaltyConfig;
use super::records::RecordReceivers;
use super::sparsity::sparsity;
use super::step::{Measured, Sums};
use super::trainer::{Examined, Trainable, Trained, TrainingError};
use crate::network::Network;
use crate::randomness::device_seed;
use crate::run::{Best, CheckpointState, EpochRecord, RunDirectory};

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All epochs done.
    Finished,
    /// The monitored metric no longer improved.
    StoppedEarly,
    /// Stopped from outside; the steps of the unfinished epoch are lost.
    Interrupted,
}

/// The loop over epochs.
pub(crate) struct Epochs<B> {
    pub(crate) config: TrainingConfig,
    pub(crate) penalty: Option<PenaltyConfig>,
    pub(crate) seed: u64,
    pub(crate) examined: Option<Examined<B>>,
    pub(crate) device: Device,
    pub(crate) run: RunDirectory,
    pub(crate) epoch: EpochCounter,
    pub(crate) receivers: Mutex<RecordReceivers>,
    pub(crate) observer: Mutex<Box<dyn Observer>>,
    pub(crate) start: Option<CheckpointState>,
    pub(crate) result: Arc<Mutex<Option<Result<Trained, TrainingError>>>>,
}

impl<M: Trainable> SupervisedLearningStrategy<M> for Epochs<<M as TrainStep>::Input> {
    fn fit(
        &self,
        mut components: TrainingComponents<M>,
        mut learner: Learner<M>,
        train: TrainLoader<M>,
        validation: ValidLoader<M>,
        starting_epoch: usize,
    ) -> (M, SupervisedTrainingEventProcessor<M>) {
        let result =
            self.all_epochs(&mut components, &mut learner, &train, &validation, starting_epoch);
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        (learner.model(), components.event_processor)
    }
}

/// One epoch's share of the work.
struct Pass<'a, M: Trainable> {
    learner: &'a mut Learner<M>,
    processor: &'a mut SupervisedTrainingEventProcessor<M>,
    interrupter: &'a Interrupter,
    epoch: usize,
}

impl<B: Send + 'static> Epochs<B> {
    fn all_epochs<M>(
        &self,
        components: &mut TrainingComponents<M>,
        learner: &mut Learner<M>,
        train: &TrainLoader<M>,
        validation: &ValidLoader<M>,
        starting_epoch: usize,
    ) -> Result<Trained, TrainingError>
    where
        M: Trainable + TrainStep<Input = B>,
    {
        let mut state = self.start.clone().unwrap_or_default();
        if state.stopped_early {
            // Going on is a new chance.
            state.stopped_early = false;
            state.stale_epochs = 0;
        }
        let monitor = self.config.monitor.unwrap_or(if validation.num_items() == 0 {
            Monitor::TrainLoss
        } else {
            Monitor::ValidationLoss
        });
        let interrupter = components.interrupter.clone();
        if starting_epoch == 1 {
            self.keep_weights(0, learner.model().network())?;
        }
        for epoch in starting_epoch..=components.num_epochs {
            self.epoch.store(epoch, Ordering::Relaxed);
            self.device.seed(device_seed(self.seed, epoch));
            let started = Instant::now();
            let mut probe = self.examined.as_ref().map(|examined| Probe::new(examined.config));
            let mut sums = Sums::default();
            let mut pass = Pass {
                learner,
                processor: &mut components.event_processor,
                interrupter: &interrupter,
                epoch,
            };
            let trained = self.train_epoch(&mut pass, train, &mut sums, probe.as_mut());
            let training_seconds = started.elapsed().as_secs_f64();
            let going_on = trained.is_ok() && !interrupter.should_stop();
            let validated = if going_on { pass.validate(validation) } else { Sums::default() };
            if trained.is_ok() && interrupter.should_stop() {
                return Ok(state.trained(Ending::Interrupted));
            }
            interrupter.fail_on_error(
                components.event_processor.process_train(LearnerEvent::EndEpoch(epoch)),
            );

            let mut record = EpochRecord {
                epoch,
                step: state.step + train.num_items().div_ceil(self.config.batch_size),
                learning_rate: learner.lr_current().base(),
                seconds: started.elapsed().as_secs_f64(),
                #[expect(clippy::cast_precision_loss, reason = "far below 2^52 samples")]
                samples_per_second: sums.samples() as f64 / training_seconds,
                metrics: [("train", sums.means()), ("validation", validated.means())]
                    .into_iter()
                    .flat_map(|(part, means)| {
                        means.into_iter().map(move |(name, mean)| (format!("{part}_{name}"), mean))
                    })
                    .collect(),
            };
            let finite = trained
                .and_then(|()| check_finite(&record, record.step - state.step, &learner.model()));
            // Figures of layers may leave the range of numbers without harm, such as before clipping.
            if let Some(probe) = probe {
                record.metrics.extend(probe.means());
                record.metrics.extend(self.dead_units::<M>(learner)?);
            }
            if let Some(penalty) = self.penalty {
                let model = learner.model();
                record.metrics.insert("penalty".to_owned(), penalty.value(model.network()));
                record.metrics.extend(sparsity(model.network()));
            }
            if let Err(diverged) = finite {
                self.run.write_diverged(&record)?;
                return Err(diverged);
            }
            state.advance(&record, monitor, self.config.early_stopping);
            self.run.append(&record)?;
            self.keep_weights(epoch, learner.model().network())?;
            if let Some(checkpointer) = &mut components.checkpointer {
                checkpointer.checkpoint(learner, epoch, &components.event_store);
                let receivers = self.receivers.lock().unwrap_or_else(PoisonError::into_inner);
                let checkpoint = receivers.receive(state.clone()).ok_or_else(|| {
                    TrainingError::Burn("the state of the training could not be recorded".into())
                })?;
                self.run.save_checkpoint(checkpoint)?;
            }
            self.observer.lock().unwrap_or_else(PoisonError::into_inner).epoch(&record, state.best);
            if state.stopped_early {
                return Ok(state.trained(Ending::StoppedEarly));
            }
        }
        Ok(state.trained(Ending::Finished))
    }

    /// Keeps the weights after an epoch (0: before the first), if the recipe asks for them.
    fn keep_weights(&self, epoch: usize, network: &Network) -> Result<(), TrainingError> {
        let every = self.config.weights_every;
        if every > 0 && (epoch.is_multiple_of(every) || epoch == self.config.epochs) {
            self.run.keep_weights(epoch, network)?;
        }
        Ok(())
    }

    /// Shares of dead units at the end of an epoch.
    fn dead_units<M>(
        &self,
        learner: &Learner<M>,
    ) -> Result<impl Iterator<Item = (String, f64)>, TrainingError>
    where
        M: Trainable + TrainStep<Input = B>,
    {
        let mut dead = DeadUnits::default();
        let model = learner.model().valid();
        for batch in self.examined.iter().flat_map(|examined| examined.samples.iter()) {
            let batch = batch.map_err(|error| TrainingError::Burn(error.to_string()))?;
            dead.look(model.network(), M::network_input(batch));
        }
        Ok(dead.shares())
    }

    fn train_epoch<M: Trainable>(
        &self,
        pass: &mut Pass<'_, M>,
        loader: &TrainLoader<M>,
        sums: &mut Sums,
        mut probe: Option<&mut Probe>,
    ) -> Result<(), TrainingError> {
        let mut observer = self.observer.lock().unwrap_or_else(PoisonError::into_inner);
        let start =
            LearnerEvent::StartSplit { epoch_number: pass.epoch, total_items: loader.num_items() };
        pass.interrupter.fail_on_error(pass.processor.process_train(start));
        let mut batches = loader.iter();
        let mut step = 0;
        while let Some(batch) = batches.next() {
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    pass.interrupter.fail(error);
                    break;
                }
            };
            step += 1;
            let output = pass.learner.train_step(batch);
            let measured = output.item;
            if !measured.loss().is_finite() {
                let symptom = format!("the training loss became {}", measured.loss());
                return Err(TrainingError::Diverged { symptom, epoch: pass.epoch, step });
            }
            let measuring = probe
                .as_ref()
                .filter(|probe| probe.is_due(step))
                .map(|_| Probe::begin(pass.learner.model().network(), &output.grads));
            let gradients = match self.penalty {
                Some(penalty) => penalty.add_to(&pass.learner.model(), output.grads),
                None => output.grads,
            };
            let gradients = match self.config.gradient_clipping {
                Some(clipping) => clipping.apply(&pass.learner.model(), gradients),
                None => gradients,
            };
            pass.learner.lr_step();
            pass.learner.optimizer_step(gradients);
            if let (Some(probe), Some(measuring)) = (probe.as_deref_mut(), measuring) {
                probe.end(measuring, pass.learner.model().network());
            }
            sums.add(&measured);
            observer.step(&StepProgress {
                epoch: pass.epoch,
                epochs: self.config.epochs,
                samples: sums.samples(),
                samples_total: loader.num_items(),
                loss: measured.loss(),
            });
            let rate = pass.learner.lr_current();
            let item = TrainingItem::new(measured, batches.progress(), Some(step), Some(rate));
            pass.interrupter
                .fail_on_error(pass.processor.process_train(LearnerEvent::ProcessedItem(item)));
            if pass.interrupter.should_stop() {
                break;
            }
        }
        let end = LearnerEvent::EndSplit(pass.epoch);
        pass.interrupter.fail_on_error(pass.processor.process_train(end));
        Ok(())
    }
}

impl<M: Trainable> Pass<'_, M> {
    fn validate(&mut self, loader: &ValidLoader<M>) -> Sums {
        let mut sums = Sums::default();
        let start =
            LearnerEvent::StartSplit { epoch_number: self.epoch, total_items: loader.num_items() };
        self.interrupter.fail_on_error(self.processor.process_valid(start));
        let model = self.learner.model().valid();
        let mut batches = loader.iter();
        let mut step = 0;
        while let Some(batch) = batches.next() {
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    self.interrupter.fail(error);
                    break;
                }
            };
            step += 1;
            let measured: Measured = InferenceStep::step(&model, batch);
            sums.add(&measured);
            let item = TrainingItem::new(measured, batches.progress(), Some(step), None);
            self.interrupter
                .fail_on_error(self.processor.process_valid(LearnerEvent::ProcessedItem(item)));
            if self.interrupter.should_stop() {
                break;
            }
        }
        let end = LearnerEvent::EndSplit(self.epoch);
        self.interrupter.fail_on_error(self.processor.process_valid(end));
        sums
    }
}

/// Refuses to record an epoch that ended in undefined or infinite numbers: the loss of a step is
/// taken before the step changes the weights, so the last step shows only here.
fn check_finite<M: Module>(
    record: &EpochRecord,
    step: usize,
    model: &M,
) -> Result<(), TrainingError> {
    let diverged = |symptom: String| TrainingError::Diverged { symptom, epoch: record.epoch, step };
    if let Some((name, value)) = record.metrics.iter().find(|(_, value)| !value.is_finite()) {
        return Err(diverged(format!("{} became {value}", name.replace('_', " "))));
    }
    let mut finite = AllFinite(true);
    model.visit(&mut finite);
    if finite.0 { Ok(()) } else { Err(diverged("weights became infinite or undefined".to_owned())) }
}

struct AllFinite(bool);

impl ModuleVisitor for AllFinite {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.0 &= parameter.val().is_finite().all().into_scalar::<bool>();
    }
}

impl CheckpointState {
    /// Takes a finished epoch into account.
    fn advance(&mut self, record: &EpochRecord, monitor: Monitor, rule: Option<EarlyStopping>) {
        self.epoch = record.epoch;
        self.step = record.step;
        let value = monitor.value(record);
        if self.best.is_none_or(|best| monitor.improves(value, best.value, 0.0)) {
            self.best = Some(Best { epoch: record.epoch, value });
        }
        let margin = rule.map_or(0.0, |rule| rule.minimum_change);
        if self.stale_reference.is_none_or(|reference| monitor.improves(value, reference, margin)) {
            self.stale_reference = Some(value);
            self.stale_epochs = 0;
        } else {
            self.stale_epochs += 1;
        }
        self.stopped_early = rule.is_some_and(|rule| self.stale_epochs > rule.patience);
    }

    const fn trained(&self, ending: Ending) -> Trained {
        Trained { epochs: self.epoch, best: self.best, ending }
    }
}
