//! Ctrl-C and other signals that end a process: a training ends after its current step, and what was
//! being written is removed.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use dlkit_models::run::remove_unfinished;
use dlkit_models::training::Interrupter;

/// Exit code of a process that was interrupted, as shells report it.
const INTERRUPTED: i32 = 130;

/// The training that is to be ended cleanly, until it was asked to once.
static TRAINING: Mutex<Option<Interrupter>> = Mutex::new(None);

fn training() -> MutexGuard<'static, Option<Interrupter>> {
    TRAINING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, Ctrl-C or a termination signal ends the process at once, but leaves nothing half
/// written. To be called once.
pub(crate) fn end_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        let Some(interrupter) = training().take() else {
            remove_unfinished();
            std::process::exit(INTERRUPTED);
        };
        let text = "\nstopping after this step; Ctrl-C again stops at once";
        let _ = writeln!(std::io::stderr(), "{text}");
        interrupter.stop(Some("interrupted by the user"));
    })
    .context("cannot listen for Ctrl-C")
}

/// Stands for the time in which the first Ctrl-C (or termination signal) ends a training after its
/// current step; before and after, and the second time, it ends the process at once.
pub(crate) struct StopOnCtrlC(());

impl StopOnCtrlC {
    pub(crate) fn new(interrupter: Interrupter) -> Result<Self> {
        *training() = Some(interrupter);
        end_on_signals()?;
        Ok(Self(()))
    }
}

impl Drop for StopOnCtrlC {
    fn drop(&mut self) {
        *training() = None;
    }
}
