//! Settings of the terminal: saved before a dashboard changes them, and restored if the process ends early.

#[cfg(unix)]
pub(crate) use self::unix::{keep, let_keys_interrupt, release, restore};
#[cfg(not(unix))]
pub(crate) use self::windows::{keep, let_keys_interrupt, release, restore};

#[cfg(unix)]
mod unix {
    use std::io::{self, Write};
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The settings before the dashboard.
    static KEPT: Mutex<Option<Termios>> = Mutex::new(None);

    /// Saves the settings.
    pub(crate) fn keep() {
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = tcgetattr(io::stdin()).ok();
    }

    /// Makes Ctrl-C send its signal, although a dashboard reads it as a key.
    pub(crate) fn let_keys_interrupt() {
        let Ok(mut settings) = tcgetattr(io::stdin()) else { return };
        if !settings.local_modes.contains(LocalModes::ISIG) {
            settings.local_modes.insert(LocalModes::ISIG);
            // A closed terminal needs no settings.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
        }
    }

    /// Restores the settings and the cursor after a dashboard has restored the screen.
    pub(crate) fn release() {
        give_back("\x1b[?25h");
    }

    /// Restores the settings, the screen and the cursor if a dashboard changed them.
    pub(crate) fn restore() {
        // Disables mouse events, leaves the alternate screen, shows the cursor.
        give_back("\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1049l\x1b[?25h");
    }

    fn give_back(sequences: &str) {
        let Some(settings) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // A closed terminal needs no restoring.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
        let _ = io::stdout().write_all(sequences.as_bytes());
        let _ = io::stdout().flush();
    }
}

#[cfg(not(unix))]
mod windows {
    pub(crate) const fn keep() {}

    pub(crate) const fn let_keys_interrupt() {}

    pub(crate) const fn release() {}

    pub(crate) const fn restore() {}
}
