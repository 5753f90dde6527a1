//! `dlkit inspect`.

use std::path::Path;

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_models::Device;
use dlkit_models::freeze::{Described, Description, FreezeError, describe};
use dlkit_models::network::{LayerSpec, LayerSummary, NetworkSummary, Shape, Spread};
use dlkit_models::recipe::ConfigError;
use serde::Serialize;

use crate::arguments::{Named, NetworkArgs, OutputDirectory, Source};
use crate::console::{Console, print_error};
use crate::exit::ExitStatus;
use crate::report::{
    TextTable, network_dot, network_markdown, network_svg, network_table, non_finite_note,
    partial_network_table, spread_cells, spread_table, value_names, weight_maps, write_values,
};

/// Show a network layer by layer
///
/// Lists types, shapes, parameters, multiply-adds and receptive fields. For any ONNX file, lists inputs and
/// outputs, nodes and metadata. If the layers do not fit together, the table ends before the first layer
/// that does not fit, and the exit code is 2.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit inspect configs/mnist/cnn.toml\n  dlkit inspect configs/mnist/cnn.toml --format svg > cnn.svg\n  dlkit inspect runs/mlp --weights dense1 --output weights"
)]
pub(crate) struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    /// Output format [default: table].
    #[arg(long, value_enum, conflicts_with = "weights", help_heading = "Results")]
    format: Option<Format>,
    /// Layer whose weights to show; --output also writes them as .npy files and draws them.
    #[arg(long, value_name = "LAYER", help_heading = "Results")]
    weights: Option<String>,
    #[command(flatten)]
    output: OutputDirectory,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table for the terminal.
    Table,
    /// A Markdown table.
    Markdown,
    /// A graph for Graphviz.
    Dot,
    /// An SVG drawing.
    Svg,
}

#[derive(Serialize)]
struct Inspection<'a> {
    network: String,
    #[serde(flatten)]
    summary: &'a NetworkSummary,
    /// What each input stands for, of a trained network for tables.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    inputs: &'a [String],
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    if let Some(layer) = &args.weights {
        return show_weights(args, layer, console);
    }
    refuse_unused(args, console)?;
    let format = args.format.unwrap_or(Format::Table);
    let spec = match args.network.open() {
        Ok(Named::Frozen(path)) => return show_file(&path, args, console),
        named => named.and_then(|named| Ok((named.spec()?, named.training()?, named.inputs()?))),
    };
    let (summary, inputs) = match spec {
        Ok((spec, training, inputs)) => {
            let is_frozen = |layer: &LayerSpec| {
                training.as_ref().is_some_and(|training| training.freezes(layer))
            };
            (NetworkSummary::new(&spec).freezing(&spec, is_frozen), inputs)
        }
        Err(error) => {
            let Some(fitting) = fitting_layers(&error) else { return Err(error) };
            if console.is_json() {
                print_error(&error);
                console.object(&Misfit::new(args.network.name(), &fitting, &error))?;
                return Ok(ExitStatus::Error);
            }
            if matches!(format, Format::Table) {
                console.line(partial_network_table(&fitting))?;
            }
            return Err(error);
        }
    };
    if console.is_json() {
        let network = args.network.name();
        console.object(&Inspection { network, summary: &summary, inputs: &inputs })?;
        return Ok(ExitStatus::Done);
    }
    show_network(&summary, format, console)?;
    if matches!(format, Format::Table) {
        show_inputs(&inputs, console)?;
    }
    Ok(ExitStatus::Done)
}

/// Refuses options without effect in this call.
fn refuse_unused(args: &Args, console: Console) -> Result<()> {
    if args.format.is_some() && console.is_json() {
        bail!("--format is for text and --json prints one object; give one of them");
    }
    let checkpoint = args.network.checkpoint.chosen().map(|_| "--checkpoint");
    if let Some(flag) = checkpoint.or(args.output.path().map(|_| "--output")) {
        bail!("{flag} is for --weights LAYER; add that, or leave {flag} out");
    }
    args.output.open(&[]).map(drop)
}

/// Names the inputs of a network for tables.
fn show_inputs(inputs: &[String], console: Console) -> Result<()> {
    if inputs.is_empty() { Ok(()) } else { console.line(format!("inputs: {}", inputs.join(", "))) }
}

fn show_network(summary: &NetworkSummary, format: Format, console: Console) -> Result<()> {
    match format {
        Format::Table => console.line(network_table(summary)),
        Format::Markdown => console.line(network_markdown(summary).trim_end()),
        Format::Dot => console.line(network_dot(summary).trim_end()),
        Format::Svg => console.line(network_svg(summary).trim_end()),
    }
}

#[derive(Serialize)]
struct FileInspection {
    network: String,
    #[serde(flatten)]
    description: Description,
    /// The layers, if dlkit can use the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<NetworkSummary>,
    /// Why dlkit cannot use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
}

/// Content of an ONNX file and, if dlkit froze it, its layers.
fn show_file(path: &Path, args: &Args, console: Console) -> Result<ExitStatus> {
    let Described { description, frozen } = describe(path)?;
    let (layers, unusable) = match &frozen {
        Ok(frozen) => (Some(NetworkSummary::new(frozen.spec())), None),
        Err(error) => (None, Some(error.to_string())),
    };
    if console.is_json() {
        let network = args.network.name();
        console.object(&FileInspection { network, description, layers, unusable })?;
        return Ok(ExitStatus::Done);
    }
    if let Some(format @ (Format::Markdown | Format::Dot | Format::Svg)) = args.format {
        show_network(&NetworkSummary::new(frozen?.spec()), format, console)?;
        return Ok(ExitStatus::Done);
    }
    console.line(description)?;
    if let Some(layers) = layers {
        console.line(format!("\n{}", network_table(&layers)))?;
    }
    match frozen {
        Ok(_) | Err(FreezeError::Foreign { .. }) => {}
        Err(error) => console.warning(error),
    }
    Ok(ExitStatus::Done)
}

/// The layers before the first that does not fit, if this is the error and there are any.
fn fitting_layers(error: &anyhow::Error) -> Option<NetworkSummary> {
    let Some(ConfigError::Value { before, .. }) = error.downcast_ref() else { return None };
    let input: Shape = before.first()?.input();
    Some(NetworkSummary::of_layers(input, before))
}

/// A network whose layers do not fit together.
#[derive(Serialize)]
struct Misfit<'a> {
    network: String,
    input: Shape,
    /// The layers before the first that does not fit.
    layers: &'a [LayerSummary],
    /// Shape of its input.
    came: Shape,
    /// The layer that does not fit, its input and the expected input.
    error: String,
    causes: Vec<String>,
}

impl<'a> Misfit<'a> {
    fn new(network: String, fitting: &'a NetworkSummary, error: &anyhow::Error) -> Self {
        let NetworkSummary { input, output, layers, .. } = fitting;
        let causes = error.chain().skip(1).map(ToString::to_string).collect();
        Self { network, input: *input, layers, came: *output, error: error.to_string(), causes }
    }
}

#[derive(Serialize)]
struct Weights {
    network: String,
    weights: Vec<Weight>,
}

#[derive(Serialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    #[serde(flatten)]
    spread: Spread,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

fn show_weights(args: &Args, layer: &str, console: Console) -> Result<ExitStatus> {
    let device = Device::flex();
    let Source { network, .. } = args.network.build(&device)?;
    let all = network.weights();
    let of_layer = |name: &str| {
        name.strip_prefix(layer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let chosen: Vec<_> = all.iter().filter(|(name, _)| of_layer(name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        bail!("--weights {layer:?}: no such layer with weights; choose from {}", names.join(", "));
    }
    let files = chosen.iter().flat_map(|(name, _)| value_names(name));
    let folder = args.output.open(&files.collect::<Vec<_>>())?;
    let mut weights = Vec::new();
    for (name, data) in chosen {
        let values: Vec<f32> = data.iter::<f32>().collect();
        let shape = data.shape().to_vec();
        let file = match &folder {
            Some(folder) => {
                let picture = weight_maps(name, &shape, &values);
                Some(write_values(folder, name, &shape, &values, &picture)?)
            }
            None => None,
        };
        weights.push(Weight { name: name.clone(), shape, spread: Spread::new(&values), file });
    }
    console.line(weight_table(&weights))?;
    let spreads = weights.iter().map(|weight| (weight.name.as_str(), &weight.spread));
    if let Some(note) = non_finite_note(spreads) {
        console.line(note)?;
    }
    if let Some(folder) = &folder {
        let directory = folder.path().display();
        console.line(format!("written: .npy, .png and .svg files in {directory}"))?;
    }
    console.object(&Weights { network: args.network.name(), weights })?;
    Ok(ExitStatus::Done)
}

fn weight_table(weights: &[Weight]) -> TextTable {
    let mut table = spread_table("weights");
    for Weight { name, shape, spread, .. } in weights {
        let cells = [name.clone(), format!("{shape:?}")].into_iter();
        table.row(cells.chain(spread_cells(spread, 5)));
    }
    table
}
