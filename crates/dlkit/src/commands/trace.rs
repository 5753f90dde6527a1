//! `dlkit trace`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_models::Device;
use dlkit_models::data::picture_files;
use dlkit_models::network::{TracedValue, ValueStatistics};
use dlkit_models::tasks::classification::read_batch;
use serde::Serialize;

use super::evaluate::CheckpointName;
use crate::console::Console;
use crate::device::DeviceArgs;
use crate::exit::ExitStatus;
use crate::report::{Align, feature_maps, spread_cells, spread_table, write_values};
use crate::source::{Source, build_network};

/// Show the value at every point of a network for given pictures.
///
/// After every layer, so before and after each activation: a table, a .npy file and a picture of
/// the feature maps. A recipe stands for its untrained network.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A recipe, a run directory or a frozen file.
    #[arg(value_name = "CONFIG|RUN|FILE.onnx")]
    network: PathBuf,
    /// Pictures, or directories of pictures; they make one batch.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE|DIR")]
    input: Vec<PathBuf>,
    /// Only this layer, such as conv1 or conv1.activation; may be repeated.
    #[arg(long, value_name = "NAME")]
    layer: Vec<String>,
    /// Test: running statistics, no dropout. Train: batch statistics, dropout, drawn slopes.
    #[arg(long, value_enum, default_value_t = Phase::Test)]
    phase: Phase,
    /// Where .npy files and pictures go.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// A colour scale for each map instead of one for all.
    #[arg(long)]
    own_scale: bool,
    /// Largest difference of every layer to the other phase (test, train), another run or frozen file.
    #[arg(long, value_name = "PHASE|RUN|FILE.onnx")]
    compare: Option<String>,
    /// Which checkpoint of a run.
    #[arg(long, value_enum, default_value_t = CheckpointName::Best)]
    checkpoint: CheckpointName,
    #[command(flatten)]
    device: DeviceArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    Test,
    Train,
}

impl Phase {
    const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Train => "train",
        }
    }
}

#[derive(Serialize)]
struct Trace {
    network: String,
    phase: Phase,
    inputs: Vec<String>,
    layers: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    layer: String,
    kind: String,
    shape: Vec<usize>,
    #[serde(flatten)]
    statistics: ValueStatistics,
    #[serde(skip_serializing_if = "Option::is_none")]
    largest_difference: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let files = picture_files(&args.input).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut traced = trace(&args.network, args, args.phase, &files, &device)?;
    let other = match args.compare.as_deref() {
        None => None,
        Some("test") => Some(trace(&args.network, args, Phase::Test, &files, &device)?),
        Some("train") => Some(trace(&args.network, args, Phase::Train, &files, &device)?),
        Some(run) => Some(trace(Path::new(run), args, args.phase, &files, &device)?),
    };
    keep_named(&mut traced, &args.layer)?;
    let mut rows = traced.iter().map(|value| row(value, other.as_deref())).collect::<Vec<_>>();
    if let Some(directory) = &args.output {
        for (value, row) in traced.iter().zip(&mut rows) {
            let picture = feature_maps(value, !args.own_scale);
            let sizes = value.sizes();
            row.file =
                Some(write_values(directory, &value.layer, &sizes, &value.values, &picture)?);
        }
    }
    say(args, &rows, files.len(), console)?;
    console.object(&Trace {
        network: args.network.display().to_string(),
        phase: args.phase,
        inputs: files.iter().map(|file| file.display().to_string()).collect(),
        layers: rows,
    })?;
    Ok(ExitStatus::Done)
}

/// Loads a network on the device of the phase and runs the pictures through it.
fn trace(
    path: &Path,
    args: &Args,
    phase: Phase,
    files: &[PathBuf],
    device: &Device,
) -> Result<Vec<TracedValue>> {
    let device = match phase {
        Phase::Test => device.clone(),
        Phase::Train => device.clone().autodiff(),
    };
    let Source { network, seed, input } =
        build_network(path, &[], args.checkpoint.into(), &device)?;
    // What the training phase draws is the same every time.
    device.seed(seed);
    let input = read_batch(network.spec().input(), input, files, &device)?;
    Ok(network.trace(&input))
}

fn keep_named(traced: &mut Vec<TracedValue>, names: &[String]) -> Result<()> {
    let known: Vec<String> = traced.iter().map(|value| value.layer.clone()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        bail!("--layer {name} is no layer of the network; it has {}", known.join(", "));
    }
    traced.retain(|value| names.is_empty() || names.contains(&value.layer));
    Ok(())
}

fn row(value: &TracedValue, other: Option<&[TracedValue]>) -> Row {
    let twin = other.into_iter().flatten().find(|other| other.layer == value.layer);
    Row {
        layer: value.layer.clone(),
        kind: value.kind.clone(),
        shape: value.sizes(),
        statistics: value.statistics(),
        largest_difference: twin.and_then(|twin| value.largest_difference(twin)),
        file: None,
    }
}

fn say(args: &Args, rows: &[Row], inputs: usize, console: Console) -> Result<()> {
    console.line(match args.phase {
        Phase::Test => format!("test phase: running statistics, no dropout; {inputs} inputs"),
        Phase::Train => {
            format!("train phase: statistics of these {inputs} inputs, dropout and drawn slopes")
        }
    })?;
    let mut table = spread_table("layer");
    table.column("dead units", Align::Right);
    let compared = args.compare.as_ref();
    if let Some(other) = compared {
        table.column(&format!("|{} - {other}|", args.phase.name()), Align::Right);
    }
    for row in rows {
        let ValueStatistics { spread, dead_units, units } = &row.statistics;
        let cells = [row.layer.clone(), format!("{:?}", row.shape)]
            .into_iter()
            .chain(spread_cells(spread, 4))
            .chain([format!("{dead_units} of {units}")])
            .chain(compared.map(|_| {
                let difference = row.largest_difference;
                difference.map_or_else(|| "other shape".to_owned(), |value| format!("{value:.3e}"))
            }));
        table.row(cells);
    }
    console.line(&table)?;
    if let Some(directory) = &args.output {
        console.line(format!(
            "written: {} .npy, .png and .svg files in {}",
            rows.len(),
            directory.display()
        ))?;
    }
    Ok(())
}
