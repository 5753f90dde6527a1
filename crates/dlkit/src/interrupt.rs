//! Ctrl-C: the first ends the work cleanly, the second at once.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use dlkit_models::training::Interrupter;

/// Lets Ctrl-C (and a termination signal) stop a training after its current step.
pub(crate) fn stop_on_ctrl_c(interrupter: Interrupter) -> Result<()> {
    let asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        let _ =
            writeln!(std::io::stderr(), "\nstopping after this step; Ctrl-C again stops at once");
        interrupter.stop(Some("interrupted by the user"));
    })
    .context("cannot listen for Ctrl-C")
}
