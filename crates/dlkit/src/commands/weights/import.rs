//! `dlkit weights import`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::network::Network;
use dlkit_models::recipe::Experiment;
use dlkit_models::run::{RunDirectory, RunInfo};
use dlkit_models::tasks::{ImportedRun, Session};
use dlkit_models::weights_file::read_weights;
use serde::Serialize;

use crate::arguments::{Named, NewRunArgs, OverrideArgs, command, with_absolute_data};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{thousands, write_run_report};

/// Import weights from a file as a new run
///
/// The run can be evaluated, applied or trained further. Names and shapes must match the network's, as
/// `dlkit weights export` writes them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit weights import configs/mnist/mlp.toml --input mlp.npz --output runs/imported\n  dlkit evaluate runs/imported"
)]
pub(crate) struct Args {
    /// Recipe, whose data gives the class names, or run directory.
    #[arg(value_name = "CONFIG|RUN")]
    network: PathBuf,
    /// Weights file, .safetensors or .npz.
    #[arg(long, short, value_name = "FILE", help_heading = "Input")]
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
    let (experiment, kept) = match Named::open(&args.network, &args.overrides.set)? {
        Named::Recipe(experiment) => (*experiment, None),
        Named::Run(run) => (run.experiment()?, Some(run.info()?)),
        Named::Frozen(path) => bail!("{}: an ONNX file; give a recipe or a run", path.display()),
    };
    // The network decides the allowed content of the file.
    let seed = experiment.config().seed;
    let untrained = Network::new(experiment.network(), seed, &Device::flex());
    let weights = read_weights(&args.input, &untrained)?;
    let (experiment, origin) = origin(args, experiment, kept)?;
    let fitted = untrained
        .with_weights(weights)
        .with_context(|| format!("{}: does not fit the network", args.input.display()))?;
    let reason = format!("weights of {}", args.input.display());
    let output = &args.new.output;
    // Resuming a partial run would train it from scratch.
    let imported = ImportedRun::create(output, (&experiment, fitted), origin, reason, &command())?;
    write_run_report(imported.run(), output, imported.info(), [None, None], console);
    let parameters = imported.info().parameters;
    let run = imported.publish()?;
    let path = run.path().display();
    console.line(format!(
        "{} parameters in {path}, a run for dlkit evaluate, predict, trace and train --resume",
        thousands(parameters),
    ))?;
    console.object(&Imported {
        run: path.to_string(),
        input: args.input.display().to_string(),
        parameters,
    })?;
    Ok(ExitStatus::Done)
}

/// Recipe of the new run, and the record of the run that has its data: `kept`, or a new one.
fn origin(
    args: &Args,
    experiment: Experiment,
    kept: Option<RunInfo>,
) -> Result<(Experiment, RunInfo)> {
    if let Some(info) = kept {
        return Ok((experiment, RunInfo { test: BTreeMap::new(), threshold: None, ..info }));
    }
    let experiment = with_absolute_data(experiment, &args.network);
    let session = Session::prepare(&experiment).with_context(|| {
        let data = experiment.config().data.name();
        format!("{data}: unusable data (--set data.path=PATH gives another path)")
    })?;
    let info = session.new_info();
    Ok((experiment, info))
}
