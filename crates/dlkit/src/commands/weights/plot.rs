//! `dlkit weights plot`.

use std::path::PathBuf;

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::recipe::Override;
use dlkit_models::run::Which;
use serde::Serialize;

use crate::commands::evaluate::CheckpointName;
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::output::{check_file, publish};
use crate::plot::{WeightMaps, largest_weight, stage_drawing};
use crate::source::{Source, build_network};

/// Draw the weights of a network as heat maps, layer by layer, on one scale.
///
/// White is exactly zero, blue is positive, orange is negative; small layers have numbers. Rows are
/// inputs, columns are units, biases lie below. Of large layers a cell shows the weight of largest
/// magnitude of a block.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A run directory, a frozen file or a recipe, which stands for its untrained network.
    #[arg(value_name = "RUN|FILE.onnx|CONFIG")]
    network: PathBuf,
    /// The picture, .svg or .png.
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
struct Plotted {
    network: String,
    output: String,
    largest: f64,
    layers: Vec<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    check_file(&args.output, args.force)?;
    let checkpoint = args.checkpoint.map(Which::from);
    let device = Device::flex();
    let Source { network, .. } = build_network(&args.network, &args.set, checkpoint, &device)?;
    let layers = network.layer_weights();
    let largest = largest_weight(&layers);
    let title = format!("Weights of {}", args.network.display());
    let svg = WeightMaps { longest_title: title.clone(), title, layers: &layers, reach: largest }
        .to_svg();
    let output = publish(stage_drawing(&svg, &args.output)?, args.force)?;
    console.line(format!("written: {}", output.display()))?;
    console.object(&Plotted {
        network: args.network.display().to_string(),
        output: output.display().to_string(),
        largest,
        layers: layers.into_iter().map(|layer| layer.layer).collect(),
    })?;
    Ok(ExitStatus::Done)
}
