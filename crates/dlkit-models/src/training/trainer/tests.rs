//! A training of one dense layer on a line, its ledger in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::tensor::{Bytes, TensorData};

use super::*;
use crate::data::DataError;
use crate::network::NetworkSpec;
use crate::training::ledger::{Checkpoint, LedgerError};
use crate::training::{Best, EarlyStopping};

/// The points `y = 2 x + 1`, `x` from 0 to below 1; the last one is undefined where `broken`.
struct Line {
    points: usize,
    broken: bool,
}

impl BatchSource for Line {
    type Batch = (Tensor<4>, Tensor<2>);

    fn samples(&self) -> usize {
        self.points
    }

    fn batch(
        &self,
        indices: &[usize],
        _: usize,
        device: &Device,
    ) -> Result<Self::Batch, DataError> {
        let count = indices.len();
        #[expect(clippy::cast_precision_loss, reason = "points are few")]
        let x: Vec<f32> = indices.iter().map(|&i| i as f32 / self.points as f32).collect();
        let is_broken = |index: usize| self.broken && index + 1 == self.points;
        let y = x
            .iter()
            .zip(indices)
            .map(|(x, &index)| if is_broken(index) { f32::NAN } else { 2.0 * x + 1.0 });
        let y = TensorData::new(y.collect::<Vec<f32>>(), [count, 1]);
        let x = TensorData::new(x, [count, 1, 1, 1]);
        Ok((Tensor::from_data(x, device), Tensor::from_data(y, device)))
    }
}

struct Fitting;

impl Trainable for Fitting {
    type Batch = (Tensor<4>, Tensor<2>);

    fn measure(&self, network: &Network, (x, y): Self::Batch) -> (Tensor<1>, Measured) {
        let samples = y.dims()[0];
        let error = network.forward(x).reshape([samples, 1]) - y;
        let loss = error.square().mean();
        let value = loss.clone().detach().into_data().iter::<f64>().next().unwrap();
        (loss, Measured { values: vec![("loss", value)], samples })
    }

    fn input((x, _): Self::Batch) -> Tensor<4> {
        x
    }
}

/// What a training wrote down.
#[derive(Default)]
struct Memory {
    records: RefCell<Vec<EpochRecord>>,
    diverged: RefCell<Option<EpochRecord>>,
    kept: RefCell<BTreeMap<usize, Vec<f32>>>,
    last: RefCell<Option<Packed>>,
}

/// A checkpoint as bytes: its state, model, optimizer and schedule.
type Packed = (TrainingState, [Vec<u8>; 3]);

fn packed(Checkpoint { state, model, optimizer, scheduler }: Checkpoint) -> Packed {
    let records = [
        model.into_bytes().unwrap().to_vec(),
        optimizer.into_bytes().unwrap().to_vec(),
        scheduler.into_bytes().unwrap().to_vec(),
    ];
    (state, records)
}

fn unpacked((state, [model, optimizer, scheduler]): Packed) -> Checkpoint {
    let bytes = Bytes::from_bytes_vec;
    Checkpoint {
        state,
        model: ModuleRecord::from_bytes(bytes(model)).unwrap(),
        optimizer: OptimizerRecord::from_bytes(bytes(optimizer)).unwrap(),
        scheduler: LrSchedulerRecord::from_bytes(bytes(scheduler)).unwrap(),
    }
}

impl Ledger for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, LedgerError> {
        Ok(self.last.borrow().clone().map(unpacked))
    }

    fn forget_after(&self, epoch: usize) -> Result<(), LedgerError> {
        self.records.borrow_mut().retain(|record| record.epoch <= epoch);
        Ok(())
    }

    fn append(&self, record: &EpochRecord) -> Result<(), LedgerError> {
        self.records.borrow_mut().push(record.clone());
        Ok(())
    }

    fn write_diverged(&self, record: &EpochRecord) -> Result<(), LedgerError> {
        *self.diverged.borrow_mut() = Some(record.clone());
        Ok(())
    }

    fn keep_weights(&self, epoch: usize, network: &Network) -> Result<(), LedgerError> {
        self.kept.borrow_mut().insert(epoch, weights(network));
        Ok(())
    }

    fn save_checkpoint(&self, checkpoint: Checkpoint) -> Result<(), LedgerError> {
        *self.last.borrow_mut() = Some(packed(checkpoint));
        Ok(())
    }
}

fn weights(network: &Network) -> Vec<f32> {
    network.weights().iter().flat_map(|(_, data)| data.iter::<f32>().collect::<Vec<_>>()).collect()
}

impl Memory {
    /// The bytes of the last weights.
    fn weights(&self) -> Vec<u8> {
        let last = self.last.borrow();
        let (_, [model, ..]) = last.as_ref().unwrap();
        model.clone()
    }
}

/// Stops a training after so many steps.
struct StopAfter {
    steps: usize,
    interrupter: Interrupter,
}

impl Observer for StopAfter {
    fn step(&mut self, _: &StepProgress<'_>) {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 {
            self.interrupter.stop(None);
        }
    }

    fn epoch(&mut self, _: &EpochRecord, _: Option<Best>) {}
}

fn config(text: &str) -> TrainingConfig {
    toml::from_str(&format!("batch_size = 4\nlearning_rate = 0.1\n{text}")).unwrap()
}

fn train_line(
    memory: &Memory,
    config: &TrainingConfig,
    [points, validated]: [usize; 2],
    stop_after: Option<usize>,
) -> Result<Trained, TrainingError> {
    train_points(memory, config, Line { points, broken: false }, validated, stop_after)
}

fn train_points(
    memory: &Memory,
    config: &TrainingConfig,
    line: Line,
    validated: usize,
    stop_after: Option<usize>,
) -> Result<Trained, TrainingError> {
    let device = Device::flex().autodiff();
    let recipe = "input = [1]\nlayers = [{ type = \"dense\", units = 1 }, { type = \"dropout\", rate = 0.1 }]";
    let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
    let (points, source) = (line.points, Arc::new(line));
    let loaders = Loaders {
        train: Loader::shuffled(
            Arc::clone(&source),
            (validated..points).collect(),
            4,
            7,
            device.clone(),
        ),
        validation: Loader::in_order(source, (0..validated).collect(), 4, device.clone().inner()),
        examined: None,
    };
    let interrupter = Interrupter::new();
    let mut stop =
        StopAfter { steps: stop_after.unwrap_or(usize::MAX), interrupter: interrupter.clone() };
    let supervision = Supervision { ledger: memory, observer: &mut stop, interrupter };
    let plan = Plan { config, penalty: None, seed: 7 };
    let network = Network::new(&spec, 7, &device);
    train(&Fitting, network, &loaders, &plan, &device, supervision)
}

#[test]
fn every_epoch_is_written_down_with_its_figures() {
    let memory = Memory::default();
    let config = config("epochs = 3\nweights_every = 2");
    let trained = train_line(&memory, &config, [10, 2], None).unwrap();
    assert_eq!((trained.epochs, trained.ending), (3, Ending::Finished));
    let records = memory.records.borrow();
    let steps: Vec<[usize; 2]> = records.iter().map(|record| [record.epoch, record.step]).collect();
    assert_eq!(steps, [[1, 2], [2, 4], [3, 6]]);
    for record in records.iter() {
        let names: Vec<&str> = record.metrics.keys().map(String::as_str).collect();
        assert_eq!(names, ["train_loss", "validation_loss"]);
    }
    let losses: Vec<f64> = records.iter().map(|record| record.metrics["validation_loss"]).collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(trained.best.map(|best| best.value), Some(best));
    assert_eq!(memory.kept.borrow().keys().copied().collect::<Vec<_>>(), [0, 2, 3]);
}

#[test]
fn a_training_that_was_cut_ends_with_the_weights_of_one_that_was_not() {
    let whole = Memory::default();
    let config = config("epochs = 4\nschedule = { kind = \"exponential\", factor = 0.5 }");
    train_line(&whole, &config, [11, 3], None).unwrap();
    let cut = Memory::default();
    // Two steps and one of validation in an epoch: the second epoch is cut, and again the third.
    for steps in [4, 5] {
        let trained = train_line(&cut, &config, [11, 3], Some(steps)).unwrap();
        assert_eq!(trained.ending, Ending::Interrupted);
    }
    assert_eq!(cut.records.borrow().len(), 2);
    let trained = train_line(&cut, &config, [11, 3], None).unwrap();
    assert_eq!((trained.epochs, trained.ending), (4, Ending::Finished));
    assert_eq!(cut.weights(), whole.weights());
    let losses = |memory: &Memory| -> Vec<BTreeMap<String, f64>> {
        memory.records.borrow().iter().map(|record| record.metrics.clone()).collect()
    };
    assert_eq!(losses(&cut), losses(&whole));
}

#[test]
fn nothing_is_trained_where_all_epochs_are_done() {
    let memory = Memory::default();
    let config = config("epochs = 1");
    train_line(&memory, &config, [8, 0], None).unwrap();
    let weights = memory.weights();
    let trained = train_line(&memory, &config, [8, 0], None).unwrap();
    assert_eq!((trained.epochs, trained.ending), (1, Ending::Finished));
    assert_eq!((memory.weights(), memory.records.borrow().len()), (weights, 1));
}

#[test]
fn stops_early_by_the_training_loss_where_nothing_validates() {
    let memory = Memory::default();
    let mut config = config("epochs = 50");
    // No change is that large after the first epoch.
    config.early_stopping = Some(EarlyStopping { patience: 2, minimum_change: 1e6 });
    let trained = train_line(&memory, &config, [8, 0], None).unwrap();
    assert_eq!((trained.epochs, trained.ending), (4, Ending::StoppedEarly));
    assert!(memory.last.borrow().as_ref().unwrap().0.stopped_early);
}

#[test]
fn an_epoch_that_diverges_is_written_down_and_not_finished() {
    let memory = Memory::default();
    let config = config("epochs = 3");
    let line = Line { points: 8, broken: true };
    let error = train_points(&memory, &config, line, 0, None).unwrap_err();
    let TrainingError::Diverged { epoch, .. } = error else { panic!("{error}") };
    assert_eq!(epoch, 1);
    assert_eq!(memory.diverged.borrow().as_ref().unwrap().epoch, 1);
    assert!(memory.records.borrow().is_empty() && memory.last.borrow().is_none());
}

#[test]
fn weights_of_another_network_are_refused_by_name() {
    let memory = Memory::default();
    let device = Device::flex();
    let spec = "input = [2]\nlayers = [{ type = \"dense\", units = 3 }]";
    let spec = NetworkSpec::new(&toml::from_str(spec).unwrap()).unwrap();
    write_start(Network::new(&spec, 0, &device), &config("epochs = 1"), &memory).unwrap();
    let message = train_line(&memory, &config("epochs = 1"), [8, 0], None).unwrap_err().to_string();
    assert!(message.contains("memory: the weights belong to another network"), "{message}");
}
