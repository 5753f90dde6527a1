//! Ctrl-C: while a network is trained, the first ends the work cleanly and the second at once.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use dlkit_models::training::Interrupter;

/// Exit code of a process that was interrupted, as shells report it.
const INTERRUPTED: i32 = 130;

/// Stands for the time in which Ctrl-C (or a termination signal) ends a training after its current
/// step; before and after, it ends the process at once.
pub(crate) struct StopOnCtrlC {
    training: Arc<AtomicBool>,
}

impl StopOnCtrlC {
    pub(crate) fn new(interrupter: Interrupter) -> Result<Self> {
        let training = Arc::new(AtomicBool::new(true));
        let first = Arc::clone(&training);
        ctrlc::set_handler(move || {
            if !first.swap(false, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            let text = "\nstopping after this step; Ctrl-C again stops at once";
            let _ = writeln!(std::io::stderr(), "{text}");
            interrupter.stop(Some("interrupted by the user"));
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(Self { training })
    }
}

impl Drop for StopOnCtrlC {
    fn drop(&mut self) {
        self.training.store(false, Ordering::Relaxed);
    }
}
