//! The command line, for the record of a run.

use dlkit_models::tasks::Command;

use super::device::failure_of;

/// The command line, its working directory, and a reader of device panics.
pub(crate) fn command() -> Command {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let directory = std::env::current_dir();
    let directory = directory.map(|directory| directory.display().to_string()).unwrap_or_default();
    Command { words, directory, panic_text: failure_of }
}
