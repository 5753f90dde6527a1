//! `dlkit weights plot`.

use anyhow::Result;
use dlkit_models::Device;
use serde::Serialize;

use crate::arguments::{NetworkArgs, OutputFile, Source};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::{WeightMaps, largest_weight, stage_drawing};

/// Draw the weights of a network as heat maps, layer by layer
///
/// All layers share one scale: white is zero, blue is positive, orange is negative. Rows are inputs,
/// columns are units, biases are below. Small layers show numbers, and the names of a table's features; in large
/// layers, a cell shows the weight of largest magnitude in its block. The file name must end in .svg or .png.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit weights plot runs/mlp --output weights.svg\n  dlkit weights plot configs/regression/l1.toml --output untrained.png"
)]
pub(crate) struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    output: OutputFile,
}

#[derive(Serialize)]
struct Plotted {
    network: String,
    output: String,
    largest: f64,
    layers: Vec<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    args.output.check()?;
    let Source { network, inputs, .. } = args.network.build(&Device::flex())?;
    let layers = network.layer_weights();
    let largest = largest_weight(&layers);
    let title = format!("Weights of {}", args.network.name());
    let maps = WeightMaps {
        longest_title: title.clone(),
        title,
        layers: &layers,
        inputs: &inputs,
        reach: largest,
    };
    let svg = maps.to_svg();
    let output = args.output.publish(stage_drawing(&svg, &args.output.output)?)?;
    console.line(format!("written: {}", output.display()))?;
    console.object(&Plotted {
        network: args.network.name(),
        output: output.display().to_string(),
        largest,
        layers: layers.into_iter().map(|layer| layer.layer).collect(),
    })?;
    Ok(ExitStatus::Done)
}
