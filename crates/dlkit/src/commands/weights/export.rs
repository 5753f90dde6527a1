//! `dlkit weights export`.

use std::path::PathBuf;

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::recipe::Override;
use dlkit_models::run::Which;
use dlkit_models::weights_file::{WeightsFormat, stage_weights};
use serde::Serialize;

use crate::commands::evaluate::CheckpointName;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::output::{check_file, publish};
use crate::report::{Align, TextTable, thousands};
use crate::source::{Source, build_network};

/// Write the weights of a network into one file, named by layer and field: dense1.weight.
///
/// The weights of a dense layer are [inputs, units] (PyTorch's are the other way round), those of a
/// convolution [filters, channels, height, width]. A recipe stands for its untrained network.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A run directory, a frozen file or a recipe.
    #[arg(value_name = "RUN|FILE.onnx|CONFIG")]
    network: PathBuf,
    /// The file; its ending says the format: .safetensors, or .npz for NumPy.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Which checkpoint of a run. Default: best.
    #[arg(long, value_enum)]
    checkpoint: Option<CheckpointName>,
    /// Change a value of the recipe, such as seed=1; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Override>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Exported {
    network: String,
    output: String,
    weights: Vec<Weight>,
}

#[derive(Serialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    WeightsFormat::of(&args.output)?;
    check_file(&args.output, args.force)?;
    let device = Device::flex();
    let checkpoint = args.checkpoint.map(Which::from);
    let Source { network, .. } = build_network(&args.network, &args.set, checkpoint, &device)?;
    let weights = network.weights();
    publish(stage_weights(&args.output, &weights)?, args.force)?;
    let mut table = TextTable::new(&[("weights", Align::Left), ("shape", Align::Left)]);
    let listed: Vec<Weight> = weights
        .iter()
        .map(|(name, data)| Weight { name: name.clone(), shape: data.shape().to_vec() })
        .collect();
    for Weight { name, shape } in &listed {
        table.row([name.clone(), format!("{shape:?}")]);
    }
    console.line(&table)?;
    let values = listed.iter().map(|weight| weight.shape.iter().product::<usize>()).sum();
    console.line(format!("written: {} values in {}", thousands(values), args.output.display()))?;
    console.object(&Exported {
        network: args.network.display().to_string(),
        output: args.output.display().to_string(),
        weights: listed,
    })?;
    Ok(ExitStatus::Done)
}
