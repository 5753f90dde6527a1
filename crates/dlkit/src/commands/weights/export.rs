//! `dlkit weights export`.

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::weights_file::{WeightsFormat, stage_weights};
use serde::Serialize;

use crate::arguments::{NetworkArgs, OutputFile, Source};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, thousands};

/// Export the weights of a network to one file
///
/// Weights are named by layer and field, such as dense1.weight. Dense layers have shape [inputs, units]
/// (PyTorch has the transpose), convolutions [filters, channels, height, width]. The file name must end in
/// .safetensors, or .npz for NumPy.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit weights export runs/mlp --output mlp.safetensors\n  dlkit weights export runs/mlp --output mlp.npz"
)]
pub(crate) struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    output: OutputFile,
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
    WeightsFormat::of(&args.output.output)?;
    args.output.check()?;
    let Source { network, .. } = args.network.build(&Device::flex())?;
    let weights = network.weights();
    args.output.publish(stage_weights(&args.output.output, &weights)?)?;
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
    console.line(format!("written: {} values in {}", thousands(values), args.output.name()))?;
    console.object(&Exported {
        network: args.network.name(),
        output: args.output.name(),
        weights: listed,
    })?;
    Ok(ExitStatus::Done)
}
