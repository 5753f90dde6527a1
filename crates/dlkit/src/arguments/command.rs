//! The command line itself, as the account of a run keeps it.

use dlkit_models::tasks::Command;

use super::device::failure_of;

/// The command line, the directory it was given in, and what a panic of its device says.
pub(crate) fn command() -> Command {
    let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let directory = std::env::current_dir();
    let directory = directory.map(|directory| directory.display().to_string()).unwrap_or_default();
    Command { words, directory, panic_text: failure_of }
}
