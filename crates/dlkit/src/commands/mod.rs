//! One file per command, named as it is typed.

pub(crate) mod activations;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod data;
pub(crate) mod devices;
pub(crate) mod diagnose;
pub(crate) mod evaluate;
pub(crate) mod freeze;
pub(crate) mod homography;
pub(crate) mod inspect;
pub(crate) mod predict;
pub(crate) mod prune;
pub(crate) mod trace;
pub(crate) mod train;
pub(crate) mod verify;
pub(crate) mod weights;

use anyhow::{Context, Result};

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::exit::ExitStatus;

/// Runs the command of a command line.
pub(crate) fn run(cli: Cli, console: Console) -> Result<ExitStatus> {
    if let Some(threads) = cli.global.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .context("cannot start the threads --threads asks for")?;
    }
    match cli.command {
        Command::Train(args) => train::run(&args, console),
        Command::Evaluate(args) => evaluate::run(&args, console),
        Command::Predict(args) => predict::run(&args, console),
        Command::Prune(args) => prune::run(&args, console),
        Command::Freeze(args) => freeze::run(&args, console),
        Command::Verify(args) => verify::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Trace(args) => trace::run(&args, console),
        Command::Compare(args) => compare::run(&args, console),
        Command::Diagnose(args) => diagnose::run(&args, console),
        Command::Activations(args) => activations::run(&args, console),
        Command::Weights(command) => weights::run(command, console),
        Command::Homography(args) => homography::run(&args, console),
        Command::Config(command) => config::run(command, console),
        Command::Data(command) => data::run(command, console),
        Command::Devices(args) => devices::run(&args, console),
        Command::Completions(args) => completions::run(&args, console),
    }
}
