//! Ctrl-C and termination signals: a training ends after its current step, and partial files are removed.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dlkit_files::remove_unfinished;
use dlkit_models::training::Interrupter;

use crate::terminal;

#[cfg(unix)]
use crate::interrupt::unix as system;
#[cfg(not(unix))]
use crate::interrupt::windows as system;

/// The training to stop cleanly; none after the first request.
static TRAINING: Mutex<Option<Interrupter>> = Mutex::new(None);

fn training() -> MutexGuard<'static, Option<Interrupter>> {
    TRAINING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs the handlers: Ctrl-C or a termination signal ends the training after its current step, or the
/// process at once, and leaves no partial file. Call once.
pub(crate) fn listen() -> io::Result<()> {
    system::listen(|| {
        let Some(interrupter) = training().take() else {
            remove_unfinished();
            terminal::restore();
            system::end();
        };
        let text = "\nstopping after this step; press Ctrl-C again to stop at once";
        let _ = writeln!(io::stderr(), "{text}");
        interrupter.stop(Some("interrupted by the user"));
    })
}

/// Ends the process as interrupted.
pub(crate) fn end() -> ! {
    system::end()
}

/// While this guard lives, the first Ctrl-C (or termination signal) ends a training after its current step.
/// The second one, and any without a guard, ends the process at once.
pub(crate) struct StopOnCtrlC(());

impl StopOnCtrlC {
    pub(crate) fn new(interrupter: Interrupter) -> Self {
        *training() = Some(interrupter);
        Self(())
    }
}

impl Drop for StopOnCtrlC {
    fn drop(&mut self) {
        *training() = None;
    }
}

/// Ends the process by the signal itself, so that a shell also ends its loop. Leaves hang-ups alone, so that
/// `nohup` works.
#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicI32, Ordering};
    use std::thread;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// The last received signal.
    static SIGNAL: AtomicI32 = AtomicI32::new(SIGINT);

    pub(super) fn listen(on_signal: impl Fn() + Send + 'static) -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                SIGNAL.store(signal, Ordering::Relaxed);
                on_signal();
            }
        })?;
        Ok(())
    }

    pub(super) fn end() -> ! {
        let signal = SIGNAL.load(Ordering::Relaxed);
        // Only returns if sending the signal failed.
        let _ = emulate_default_handler(signal);
        std::process::exit(128 + signal)
    }
}

/// On systems without signals, Ctrl-C ends the process with an exit code.
#[cfg(not(unix))]
mod windows {
    use std::io;

    pub(super) fn listen(on_signal: impl FnMut() + Send + 'static) -> io::Result<()> {
        ctrlc::set_handler(on_signal).map_err(io::Error::other)
    }

    pub(super) fn end() -> ! {
        std::process::exit(130)
    }
}
