//! The command line.

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    activations, colorize, compare, completions, config, crossval, data, devices, diagnose,
    eigenfaces, evaluate, freeze, homography, inspect, predict, prune, trace, train, verify,
    weights,
};

/// Trains, looks into and applies classic deep-learning models.
///
/// A network is described in a TOML recipe; everything else is a command. Exit codes: 0 done, 1 ran
/// and the answer is no (a training that diverged, a frozen file that differs), 2 error, 130
/// interrupted.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but errors (and the object of --json).
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Number of threads; by default one per core.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
    Homography(homography::Args),
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
