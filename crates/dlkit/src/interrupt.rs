//! Ctrl-C and the signal that asks a process to end: a training ends after its current step, and what
//! was being written is removed.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dlkit_files::remove_unfinished;
use dlkit_models::training::Interrupter;

use crate::terminal;

#[cfg(unix)]
use crate::interrupt::unix as system;
#[cfg(not(unix))]
use crate::interrupt::windows as system;

/// The training that is to be ended cleanly, until it was asked to once.
static TRAINING: Mutex<Option<Interrupter>> = Mutex::new(None);

fn training() -> MutexGuard<'static, Option<Interrupter>> {
    TRAINING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, Ctrl-C or a termination signal ends the process at once, or the training after its
/// current step, and leaves nothing half written. To be called once.
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

/// Ends the process as one that was interrupted.
pub(crate) fn end() -> ! {
    system::end()
}

/// Stands for the time in which the first Ctrl-C (or termination signal) ends a training after its
/// current step; before and after, and the second time, it ends the process at once.
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

/// A process ends by the signal itself: a shell then ends the loop it was started in. Hanging up is
/// left alone, so that `nohup` does what it says.
#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::atomic::{AtomicI32, Ordering};
    use std::thread;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    /// The signal that came last.
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
        // Returns only if the signal could not be sent.
        let _ = emulate_default_handler(signal);
        std::process::exit(128 + signal)
    }
}

/// Where there are no signals, Ctrl-C ends a process by an exit code.
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
