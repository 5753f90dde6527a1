//! `dlkit weights import`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use dlkit_models::Device;
use dlkit_models::config::Experiment;
use dlkit_models::network::Network;
use dlkit_models::run::{Outcome, RunDirectory, RunInfo, StagedRun, now};
use dlkit_models::tasks::network_of_weights;
use dlkit_models::training::write_start;
use dlkit_models::weights_file::read_weights;
use serde::Serialize;

use crate::arguments::{NewRunArgs, OverrideArgs, load_experiment, prepare, with_absolute_data};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{thousands, write_run_report};

/// Make a run of weights from a file, to be evaluated, applied or trained on.
///
/// Names and shapes must be those of the network, as `dlkit weights export` gives them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Network: a recipe, whose data names the classes, or a run.
    #[arg(value_name = "CONFIG|RUN")]
    network: PathBuf,
    /// Weights, .safetensors or .npz.
    #[arg(long, short, value_name = "FILE")]
    input: PathBuf,
    #[command(flatten)]
    new: NewRunArgs,
    #[command(flatten)]
    overrides: OverrideArgs,
}

#[derive(Serialize)]
struct Imported {
    run: String,
    input: String,
    parameters: usize,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    RunDirectory::check_new(&args.new.output)?;
    let experiment = load_experiment(&args.network, &args.overrides.set)?;
    // What the network is says what a file may hold.
    let seed = experiment.config().seed;
    let untrained = Network::new(experiment.network(), seed, &Device::flex());
    let weights = read_weights(&args.input, &untrained)?;
    let (experiment, info) = account(args, experiment)?;
    let fitted = network_of_weights(&experiment, weights)
        .with_context(|| format!("{} does not fit", args.input.display()))?;
    // Half a run would be trained from scratch by whoever resumes it.
    let staged = StagedRun::create(&args.new.output, &experiment, &info)?;
    write_start(fitted, &experiment.config().training, staged.run())?;
    write_run_report(staged.run(), &args.new.output, &info, [None, None], console);
    let run = staged.publish()?;
    let path = run.path().display();
    console.line(format!(
        "{} parameters in {path}; dlkit evaluate, predict, trace and train --resume take it",
        thousands(info.parameters),
    ))?;
    console.object(&Imported {
        run: path.to_string(),
        input: args.input.display().to_string(),
        parameters: info.parameters,
    })?;
    Ok(ExitStatus::Done)
}

/// The recipe of the new run and its account.
fn account(args: &Args, experiment: Experiment) -> Result<(Experiment, RunInfo)> {
    let (experiment, of_data) = if args.network.is_dir() {
        (experiment, RunDirectory::open(&args.network)?.info()?)
    } else {
        let experiment = with_absolute_data(experiment, &args.network);
        let session = prepare(&experiment, "--set data.path=PATH names other data")?;
        let info = session.new_info();
        (experiment, info)
    };
    let command = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commands: vec![command.collect()],
        started: now(),
        updated: now(),
        seconds: 0.0,
        outcome: Outcome::Imported,
        reason: Some(format!("weights of {}", args.input.display())),
        epochs: 0,
        best: None,
        test: BTreeMap::new(),
        ..of_data
    };
    Ok((experiment, info))
}
