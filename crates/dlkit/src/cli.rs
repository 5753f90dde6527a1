//! The command line.

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, Subcommand};
use dlkit_models::keep_freed_memory;

use crate::commands::{
    activations, colorize, compare, completions, config, crossval, data, devices, diagnose,
    eigenfaces, evaluate, freeze, homography, inspect, new, predict, prune, trace, train, verify,
    weights,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::global::Global;

/// Train, inspect, freeze and apply classic deep-learning and vision models.
///
/// A TOML recipe describes the network, its data and its training; commands do the rest.
///
/// Exit codes: 0 success; 1 negative result (training diverged, verification failed) or some inputs
/// failed; 2 error; 130 interrupted.
#[derive(Debug, Parser)]
#[command(
    after_help = "Examples:\n  dlkit train configs/digits.toml --output runs/digits\n  dlkit evaluate runs/digits\n  dlkit predict runs/digits picture.png"
)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(new::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Predict(predict::Args),
    Colorize(colorize::Args),
    Crossval(crossval::Args),
    Prune(prune::Args),
    Freeze(freeze::Args),
    Verify(verify::Args),
    Inspect(inspect::Args),
    Trace(trace::Args),
    Compare(compare::Args),
    Diagnose(diagnose::Args),
    Activations(activations::Args),
    Homography(Box<homography::Args>),
    #[command(subcommand)]
    Eigenfaces(eigenfaces::Command),
    #[command(subcommand)]
    Weights(weights::Command),
    #[command(subcommand)]
    Config(config::Command),
    #[command(subcommand)]
    Data(data::Command),
    Devices(devices::Args),
    Completions(completions::Args),
}

/// Stack size of each thread in bytes, equal to that of the main thread on Linux.
const STACK: usize = 8 << 20;

impl Cli {
    /// Runs the command.
    pub(crate) fn run(self, console: Console) -> Result<ExitStatus> {
        keep_freed_memory();
        let mut pool = rayon::ThreadPoolBuilder::new().stack_size(STACK);
        if let Some(threads) = self.global.threads {
            pool = pool.num_threads(threads.into());
        }
        pool.build_global().context("cannot start the threads of --threads")?;
        // Runs on a thread of the pool, so that parallel work starts there.
        rayon::scope(|_| self.command.run(console))
    }
}

impl Command {
    fn run(self, console: Console) -> Result<ExitStatus> {
        match self {
            Self::New(args) => new::run(&args, console),
            Self::Train(args) => train::run(&args, console),
            Self::Evaluate(args) => evaluate::run(&args, console),
            Self::Predict(args) => predict::run(&args, console),
            Self::Colorize(args) => colorize::run(&args, console),
            Self::Crossval(args) => crossval::run(&args, console),
            Self::Prune(args) => prune::run(&args, console),
            Self::Freeze(args) => freeze::run(&args, console),
            Self::Verify(args) => verify::run(&args, console),
            Self::Inspect(args) => inspect::run(&args, console),
            Self::Trace(args) => trace::run(&args, console),
            Self::Compare(args) => compare::run(&args, console),
            Self::Diagnose(args) => diagnose::run(&args, console),
            Self::Activations(args) => activations::run(&args, console),
            Self::Weights(command) => weights::run(command, console),
            Self::Homography(args) => homography::run(&args, console),
            Self::Eigenfaces(command) => eigenfaces::run(command, console),
            Self::Config(command) => config::run(command, console),
            Self::Data(command) => data::run(command, console),
            Self::Devices(args) => devices::run(&args, console),
            Self::Completions(args) => completions::run(&args, Cli::command(), console),
        }
    }
}
