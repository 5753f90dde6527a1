//! The terminal's settings: kept before a dashboard changes them, and given back where the process ends
//! without it.

#[cfg(unix)]
pub(crate) use self::unix::{keep, let_keys_interrupt, release, restore};
#[cfg(not(unix))]
pub(crate) use self::windows::{keep, let_keys_interrupt, release, restore};

#[cfg(unix)]
mod unix {
    use std::io::{self, Write};
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The settings before a dashboard changed them.
    static KEPT: Mutex<Option<Termios>> = Mutex::new(None);

    /// Keeps the settings as they are.
    pub(crate) fn keep() {
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = tcgetattr(io::stdin()).ok();
    }

    /// Lets Ctrl-C send its signal, where a dashboard reads it as a key.
    pub(crate) fn let_keys_interrupt() {
        let Ok(mut settings) = tcgetattr(io::stdin()) else { return };
        if !settings.local_modes.contains(LocalModes::ISIG) {
            settings.local_modes.insert(LocalModes::ISIG);
            // Nothing is lost where the terminal went away.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &settings);
        }
    }

    /// Gives back the settings and the cursor, once a dashboard has given back the screen.
    pub(crate) fn release() {
        give_back("\x1b[?25h");
    }

    /// Gives back the settings, the screen and the cursor that a dashboard took over, if one did.
    pub(crate) fn restore() {
        // No mouse events, the screen from before, a cursor.
        give_back("\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?1049l\x1b[?25h");
    }

    fn give_back(sequences: &str) {
        let Some(settings) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // Nothing is left to be done where the terminal went away.
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
