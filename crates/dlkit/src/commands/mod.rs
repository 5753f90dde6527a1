//! One file per command, named as it is typed.

pub(crate) mod activations;
pub(crate) mod colorize;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod crossval;
pub(crate) mod data;
pub(crate) mod devices;
pub(crate) mod diagnose;
pub(crate) mod eigenfaces;
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
use dlkit_models::keep_freed_memory;

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::exit::ExitStatus;

/// Bytes of each thread's stack: as many as the first thread of a process has on Linux.
const STACK: usize = 8 << 20;

/// Runs the command of a command line.
pub(crate) fn run(cli: Cli, console: Console) -> Result<ExitStatus> {
    keep_freed_memory();
    let mut pool = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    if let Some(threads) = cli.global.threads {
        pool = pool.num_threads(threads.into());
    }
    pool.build_global().context("cannot start the threads --threads asks for")?;
    // As one of the threads, so that parallel work need not be handed over to them first.
    rayon::scope(|_| run_command(cli.command, console))
}

fn run_command(command: Command, console: Console) -> Result<ExitStatus> {
    match command {
        Command::Train(args) => train::run(&args, console),
        Command::Evaluate(args) => evaluate::run(&args, console),
        Command::Predict(args) => predict::run(&args, console),
        Command::Colorize(args) => colorize::run(&args, console),
        Command::Crossval(args) => crossval::run(&args, console),
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
        Command::Eigenfaces(command) => eigenfaces::run(command, console),
        Command::Config(command) => config::run(command, console),
        Command::Data(command) => data::run(command, console),
        Command::Devices(args) => devices::run(&args, console),
        Command::Completions(args) => completions::run(&args, console),
    }
}
