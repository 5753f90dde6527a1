//! `dlkit trace`.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_models::data::picture_files;
use dlkit_models::network::{LayerSpec, Network, NetworkSpec, TracedValue, ValueStatistics};
use dlkit_models::recipe::Override;
use dlkit_models::run::Which;
use dlkit_models::tasks::read_batch;
use dlkit_models::{Device, Tensor};
use serde::Serialize;

use super::evaluate::CheckpointName;
use crate::console::Console;
use crate::device::DeviceArgs;
use crate::exit::ExitStatus;
use crate::report::{
    Align, counted, feature_maps, non_finite_note, spread_cells, spread_table, write_values,
};
use crate::source::{Source, build_network, load_spec};

/// Show the value at every point of a network for given inputs.
///
/// After every layer, so before and after each activation: a table, a .npy file and a picture of
/// the feature maps. A recipe stands for its untrained network.
#[derive(Debug, clap::Args)]
#[command(override_usage = "dlkit trace [OPTIONS] <CONFIG|RUN|FILE.onnx> --input <FILE|DIR>...")]
pub(crate) struct Args {
    /// A recipe, a run directory or a frozen file.
    #[arg(value_name = "CONFIG|RUN|FILE.onnx")]
    network: PathBuf,
    /// Change a value of the recipe, such as network.activation=elu; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Override>,
    /// Pictures, directories of pictures (with all their folders), or .npy files; they make one batch.
    ///
    /// The values of a .npy file are those the network gets: float16, float32 or float64, not scaled.
    /// Of a picture, a colorizer gets the lightness of the middle.
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
    #[arg(long, requires = "output")]
    own_scale: bool,
    /// Largest difference of every layer to the other phase (test, train), or to another run, recipe or
    /// frozen file.
    #[arg(long, value_name = "PHASE|RUN|CONFIG|FILE.onnx")]
    compare: Option<String>,
    /// Which checkpoint of a run. Default: best.
    #[arg(long, value_enum)]
    checkpoint: Option<CheckpointName>,
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

    const fn other(self) -> Self {
        match self {
            Self::Test => Self::Train,
            Self::Train => Self::Test,
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
    /// Why there is no difference where one was asked for.
    #[serde(skip)]
    incomparable: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let files = picture_files(&args.input).into_iter().collect::<Result<Vec<_>, _>>()?;
    let (phase, set) = (args.phase, &args.set[..]);
    let spec = load_spec(&args.network, set)?;
    check_names(args, &spec)?;
    if args.compare.as_deref() == Some(phase.name()) {
        let (own, other) = (phase.name(), phase.other().name());
        bail!(
            "--compare {own} compares the {own} phase with itself; give --compare {other}, or --phase {other}"
        );
    }
    let load = |path: &Path, set: &[Override], phase| {
        Traceable::load(path, set, args, phase, &files, &device)
    };
    let traceable = load(&args.network, set, phase)?;
    let other = match args.compare.as_deref() {
        None => None,
        Some("test") => Some(load(&args.network, set, Phase::Test)?),
        Some("train") => Some(load(&args.network, set, Phase::Train)?),
        Some(other) if !Path::new(other).exists() => {
            bail!(
                "--compare {other} is neither a phase (test, train) nor a run, recipe or frozen file that is there"
            )
        }
        Some(other) => Some(load(Path::new(other), &[], phase)?),
    };
    let wanted = |name: &str| args.layer.is_empty() || args.layer.iter().any(|layer| layer == name);
    let known: Vec<&str> = names(&spec).collect();
    // What is compared is all that is kept of the other.
    let twins: Option<Vec<TracedValue>> =
        other.map(|other| other.values(|name| wanted(name) && known.contains(&name)).collect());
    let inputs = traceable.input.dims()[0];
    let mut rows = Vec::new();
    for value in traceable.values(wanted) {
        let mut row = row(&value, twins.as_deref());
        if let Some(directory) = &args.output {
            let (sizes, picture) = (value.sizes(), feature_maps(&value, !args.own_scale));
            row.file =
                Some(write_values(directory, &value.layer, &sizes, &value.values, &picture)?);
        }
        rows.push(row);
    }
    say(args, &rows, inputs, console)?;
    let train = phase == Phase::Train || args.compare.as_deref() == Some("train");
    if let Some(warning) = rough_statistics(&spec, inputs).filter(|_| train) {
        console.warning(warning);
    }
    console.object(&Trace {
        network: args.network.display().to_string(),
        phase: args.phase,
        inputs: files.iter().map(|file| file.display().to_string()).collect(),
        layers: rows,
    })?;
    Ok(ExitStatus::Done)
}

/// A network on the device of a phase, and what is run through it.
struct Traceable {
    network: Network,
    input: Tensor<4>,
    device: Device,
    seed: u64,
}

impl Traceable {
    fn load(
        path: &Path,
        overrides: &[Override],
        args: &Args,
        phase: Phase,
        files: &[PathBuf],
        device: &Device,
    ) -> Result<Self> {
        let device = match phase {
            Phase::Test => device.clone(),
            Phase::Train => device.clone().autodiff(),
        };
        // What is compared may be no run.
        let chosen = path == args.network || path.is_dir();
        let checkpoint = args.checkpoint.filter(|_| chosen).map(Which::from);
        let Source { network, seed, pictures } =
            build_network(path, overrides, checkpoint, &device)?;
        let input = read_batch(network.spec().input(), pictures, files, &device)?;
        Ok(Self { network, input, device, seed })
    }

    /// The values that are wanted, to be taken one at a time: those of a small file may fill memory.
    fn values(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = TracedValue> {
        // What the training phase draws is the same every time.
        self.device.seed(self.seed);
        self.network.trace(self.input.clone(), wanted)
    }
}

/// The names of all values of a network.
fn names(spec: &NetworkSpec) -> impl Iterator<Item = &str> {
    std::iter::once("input").chain(spec.layers().iter().map(LayerSpec::name))
}

fn check_names(args: &Args, spec: &NetworkSpec) -> Result<()> {
    let known: Vec<&str> = names(spec).collect();
    match args.layer.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            bail!("--layer {name} is no layer of the network; it has {}", known.join(", "))
        }
        None => Ok(()),
    }
}

fn row(value: &TracedValue, twins: Option<&[TracedValue]>) -> Row {
    let twin = twins.map(|twins| twins.iter().find(|twin| twin.layer == value.layer));
    let (largest_difference, incomparable) = match twin {
        None => (None, None),
        Some(None) => (None, Some("not there")),
        Some(Some(twin)) => match value.largest_difference(twin) {
            None => (None, Some("other shape")),
            difference => (difference, None),
        },
    };
    Row {
        layer: value.layer.clone(),
        kind: value.kind.clone(),
        shape: value.sizes(),
        statistics: value.statistics(),
        largest_difference,
        incomparable,
        file: None,
    }
}

/// With fewer inputs, many a unit is zero that other inputs wake.
const FEW_INPUTS: usize = 100;

/// What to say of batch normalisation in the train phase, whose statistics are those of the inputs.
fn rough_statistics(spec: &NetworkSpec, inputs: usize) -> Option<String> {
    let norms = spec.layers().iter().filter(|layer| layer.is_normalization());
    let (constant, others): (Vec<_>, Vec<_>) = norms
        .map(|layer| (layer.name(), inputs * layer.input().values() / layer.input().channels()))
        .partition(|&(_, values)| values == 1);
    if !constant.is_empty() {
        let names: Vec<&str> = constant.iter().map(|(name, _)| *name).collect();
        return Some(format!(
            "with one input, each channel of {} has one value: minus its own mean it is 0, whatever \
             the input; give hundreds of inputs",
            names.join(", ")
        ));
    }
    (!others.is_empty() && inputs < FEW_INPUTS).then(|| {
        format!(
            "batch normalisation has the statistics of {} here, and differs from the test phase for \
             that alone; give hundreds",
            counted(inputs, "input")
        )
    })
}

fn say(args: &Args, rows: &[Row], inputs: usize, console: Console) -> Result<()> {
    console.line(match args.phase {
        Phase::Test => {
            format!("test phase: running statistics, no dropout; {}", counted(inputs, "input"))
        }
        Phase::Train => format!(
            "train phase: statistics of this batch of {}, dropout and drawn slopes",
            counted(inputs, "input")
        ),
    })?;
    let mut table = spread_table("layer");
    table.column("dead units", Align::Right);
    let compared = args.compare.as_ref();
    if let Some(other) = compared {
        let this = match other.as_str() {
            "test" | "train" => args.phase.name().to_owned(),
            _ => args.network.display().to_string(),
        };
        table.column(&format!("|{this} - {other}|"), Align::Right);
    }
    for row in rows {
        let ValueStatistics { spread, dead_units, units } = &row.statistics;
        let cells = [row.layer.clone(), format!("{:?}", row.shape)]
            .into_iter()
            .chain(spread_cells(spread, 4))
            .chain([dead_units.map_or_else(|| "-".to_owned(), |dead| format!("{dead} of {units}"))])
            .chain(compared.map(|_| match row.largest_difference {
                Some(difference) => format!("{difference:.3e}"),
                None => row.incomparable.unwrap_or_default().to_owned(),
            }));
        table.row(cells);
    }
    console.line(&table)?;
    if rows.iter().any(|row| row.statistics.dead_units.is_some_and(|dead| dead > 0)) {
        let advice = if inputs < FEW_INPUTS { "; give more inputs to be sure" } else { "" };
        let inputs = counted(inputs, "input");
        console.line(format!("dead units are zero for each of {inputs}{advice}"))?;
    }
    let spreads = rows.iter().map(|row| (row.layer.as_str(), &row.statistics.spread));
    if let Some(note) = non_finite_note(spreads) {
        console.line(note)?;
    }
    if let Some(directory) = &args.output {
        console.line(format!(
            "written: {} .npy, .png and .svg files in {}",
            rows.len(),
            directory.display()
        ))?;
    }
    Ok(())
}
