//! Hands Burn's records to and from our checkpoints.
//!
//! Burn's learner keeps its optimiser and schedule to itself and gives their records to
//! checkpointers only, one each for model, optimiser and schedule. Ours write no files: they pass
//! the three records on, so that one checkpoint can be written whole.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use burn::lr_scheduler::LrSchedulerRecord;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use burn::train::checkpoint::{
    Checkpoint as BurnRecord, Checkpointer, CheckpointerError, CheckpointingAction,
    CheckpointingStrategy,
};
use burn::train::metric::store::EventStoreClient;

use crate::run::{Checkpoint, CheckpointState};

/// The checkpointers Burn is given.
pub(crate) struct RecordSenders {
    pub(crate) model: Slot<ModuleRecord>,
    pub(crate) optimizer: Slot<OptimizerRecord>,
    pub(crate) scheduler: Slot<LrSchedulerRecord>,
}

/// Where the records arrive.
pub(crate) struct RecordReceivers {
    model: Receiver<ModuleRecord>,
    optimizer: Receiver<OptimizerRecord>,
    scheduler: Receiver<LrSchedulerRecord>,
}

/// The two ends; a checkpoint to start from is handed to Burn when it asks.
pub(crate) fn record_channels(start: Option<Checkpoint>) -> (RecordSenders, RecordReceivers) {
    let (model, optimizer, scheduler) = match start {
        Some(start) => (Some(start.model), Some(start.optimizer), Some(start.scheduler)),
        None => (None, None, None),
    };
    let (model, model_receiver) = Slot::new(model);
    let (optimizer, optimizer_receiver) = Slot::new(optimizer);
    let (scheduler, scheduler_receiver) = Slot::new(scheduler);
    let senders = RecordSenders { model, optimizer, scheduler };
    let receivers = RecordReceivers {
        model: model_receiver,
        optimizer: optimizer_receiver,
        scheduler: scheduler_receiver,
    };
    (senders, receivers)
}

impl RecordReceivers {
    /// Waits for the three records; `None` when Burn could not make them.
    pub(crate) fn receive(&self, state: CheckpointState) -> Option<Checkpoint> {
        Some(Checkpoint {
            state,
            model: self.model.recv().ok()?,
            optimizer: self.optimizer.recv().ok()?,
            scheduler: self.scheduler.recv().ok()?,
        })
    }
}

/// Takes one kind of record from Burn and gives it one back.
pub(crate) struct Slot<R> {
    sender: Sender<R>,
    start: Mutex<Option<R>>,
}

impl<R> Slot<R> {
    fn new(start: Option<R>) -> (Self, Receiver<R>) {
        let (sender, receiver) = channel();
        (Self { sender, start: Mutex::new(start) }, receiver)
    }
}

impl<R: BurnRecord> Checkpointer<R> for Slot<R> {
    fn save(&self, _: usize, record: R) -> Result<(), CheckpointerError> {
        self.sender.send(record).map_err(|error| CheckpointerError::Unknown(error.to_string()))
    }

    fn delete(&self, _: usize) -> Result<(), CheckpointerError> {
        Ok(())
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        start.take().ok_or_else(|| {
            CheckpointerError::Unknown(format!("the checkpoint of epoch {epoch} was taken already"))
        })
    }
}

/// Asks for a checkpoint after every epoch.
pub(crate) struct EveryEpoch;

impl CheckpointingStrategy for EveryEpoch {
    fn checkpointing(&mut self, _: usize, _: &EventStoreClient) -> Vec<CheckpointingAction> {
        vec![CheckpointingAction::Save]
    }
}
