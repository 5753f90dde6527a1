//! Output of commands: results to stdout, errors to stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anyhow::{Context, Result};
use dlkit_files::picture::{LeftOut, summary_of_left_out};
use dlkit_files::printable_lines;
use serde::Serialize;

use crate::global::Global;

/// Prints according to the global flags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    json: bool,
    quiet: bool,
}

impl Console {
    pub(crate) const fn new(global: &Global) -> Self {
        Self { json: global.json, quiet: global.quiet }
    }

    /// Whether the result is printed as JSON.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Whether to show progress bars.
    pub(crate) fn shows_progress(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Whether a dashboard can take over the terminal.
    pub(crate) fn shows_dashboard(self) -> bool {
        self.shows_progress() && io::stdout().is_terminal() && io::stdin().is_terminal()
    }

    /// Prints a line of text.
    pub(crate) fn line(self, text: impl Display) -> Result<()> {
        if self.quiet || self.json { Ok(()) } else { print(&escaped(text)) }
    }

    /// With `--json`, prints the result of a command as one JSON object.
    pub(crate) fn object(self, value: &impl Serialize) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value).context("cannot write the JSON object")?;
        print(&(text + "\n"))
    }

    /// Reports the error of a command on stderr and, with `--json`, as the JSON object.
    pub(crate) fn fail(self, error: &anyhow::Error) {
        print_error(error);
        let mut causes = messages(error);
        let error = causes.remove(0);
        // If stdout fails too, there is no other way to report it.
        let _ = self.object(&Failure { error, causes });
    }

    /// Prints a warning.
    pub(crate) fn warning(self, text: impl Display) {
        if !self.quiet {
            // If stderr fails, there is no other way to report it.
            let _ = write!(io::stderr(), "warning: {}", escaped(text));
        }
    }

    /// Says on stderr what is not a warning and not a result.
    pub(crate) fn note(self, text: impl Display) {
        if !self.quiet {
            // If stderr fails, there is no other way to report it.
            let _ = write!(io::stderr(), "note: {}", escaped(text));
        }
    }

    /// Warns of ignored files in folders, if there are any.
    pub(crate) fn warn_left_out(self, left_out: &[LeftOut]) {
        if let Some(summary) = summary_of_left_out(left_out) {
            self.warning(summary);
        }
    }
}

/// Text for a terminal, which ends its line. Names of files and classes come from anywhere, and hidden
/// characters could do anything there.
fn escaped(text: impl Display) -> String {
    printable_lines(&format!("{text}\n"))
}

/// An error as JSON.
#[derive(Serialize)]
struct Failure {
    error: String,
    causes: Vec<String>,
}

/// Prints a usage error as a JSON object.
pub(crate) fn print_failure(error: &str) {
    let failure = Failure { error: error.to_owned(), causes: Vec::new() };
    // If stdout fails too, there is no other way to report it.
    let _ = Console { json: true, quiet: false }.object(&failure);
}

/// The messages of an error and its causes. Some repeat their cause: that is said once.
pub(crate) fn messages(error: &anyhow::Error) -> Vec<String> {
    let mut messages = vec![error.to_string()];
    let mut before = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !before.contains(&cause) {
            messages.push(cause.clone());
        }
        before = cause;
    }
    messages
}

/// Prints an error with its causes, regardless of the flags.
pub(crate) fn print_error(error: &anyhow::Error) {
    let text = format!("error: {}", messages(error).join("\n  caused by: "));
    // If stderr fails, there is no other way to report it.
    let _ = write!(io::stderr(), "{}", escaped(text));
}

/// Prints text such as a schema, regardless of the flags.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // A closed pipe (`| head`) is not an error: the reader needs no more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to stdout"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_never_reach_a_terminal() {
        assert_eq!(escaped("a\u{1b}[2J\nb\u{202e}"), "a\\u{1b}[2J\nb\\u{202e}\n");
    }
}
