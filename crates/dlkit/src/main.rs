//! `dlkit`: train, inspect, freeze and apply classic deep-learning and vision models.

mod arguments;
mod cli;
mod commands;
mod console;
mod dashboard;
mod exit;
mod global;
mod interrupt;
mod plot;
mod progress;
mod report;
mod terminal;

use std::panic::{set_hook, take_hook};

use clap::Parser;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::console::Console;
use crate::exit::ExitStatus;

fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return refuse(&usage),
    };
    let console = Console::new(&cli.global);
    let report_panic = take_hook();
    set_hook(Box::new(move |panic| {
        // The panic of a decoder becomes an error of its file.
        if !dlkit_files::is_guarded() {
            report_panic(panic);
        }
    }));
    if let Err(error) = interrupt::listen() {
        console.warning(format!("cannot listen for Ctrl-C: {error}"));
    }
    match arguments::guarded(|| cli.run(console)) {
        Ok(ExitStatus::Interrupted) => interrupt::end(),
        Ok(status) => status.into(),
        Err(error) => {
            console.fail(&error);
            exit::status_of(&error).into()
        }
    }
}

/// Reports a usage error, or prints help.
fn refuse(usage: &clap::Error) -> std::process::ExitCode {
    // If the terminal fails, there is no other way to report it.
    let _ = usage.print();
    if !usage.use_stderr() {
        return ExitStatus::Done.into();
    }
    let asks_for_help = usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !asks_for_help && std::env::args_os().any(|argument| argument == "--json") {
        let text = usage.render().to_string();
        let text = text.lines().next().unwrap_or_default();
        console::print_failure(text.strip_prefix("error: ").unwrap_or(text));
    }
    ExitStatus::Error.into()
}
