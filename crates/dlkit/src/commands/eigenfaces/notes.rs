//! Notes for the user: warnings on the terminal, and part of the JSON object.

use crate::console::Console;

/// Notes, each printed when it is added.
pub(super) struct Notes {
    console: Console,
    all: Vec<String>,
}

impl Notes {
    pub(super) const fn new(console: Console) -> Self {
        Self { console, all: Vec::new() }
    }

    /// Prints and keeps notes.
    pub(super) fn extend(&mut self, notes: impl IntoIterator<Item = String>) {
        for note in notes {
            self.console.warning(&note);
            self.all.push(note);
        }
    }

    /// All notes, in order.
    pub(super) fn into_all(self) -> Vec<String> {
        self.all
    }
}
