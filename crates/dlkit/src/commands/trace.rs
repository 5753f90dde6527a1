//! `dlkit trace`.

use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};
use clap::ValueEnum;
use dlkit_models::data::DataError;
use dlkit_models::network::{LayerSpec, Network, NetworkSpec, TracedValue, ValueStatistics};
use dlkit_models::recipe::Override;
use dlkit_models::tasks::{PictureReading, read_batch};
use dlkit_models::{Device, Tensor};
use serde::Serialize;

use crate::arguments::{
    DeviceArgs, Failures, Named, NetworkArgs, OutputDirectory, Source, listed, pictures_of,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{
    Align, counted, feature_maps, non_finite_note, spread_cells, spread_table, value_names,
    write_values,
};

/// Show the values at every point of a network for given inputs
///
/// Prints statistics before and after each activation. With --output, also writes the values as .npy files
/// and draws them. Reports an input that cannot be read, continues with the others, and exits with
/// code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit trace runs/mlp --input datasets/digits --output values\n  dlkit trace runs/mlp --input digit.png --layer dense1\n  dlkit trace runs/mlp --input datasets/digits --compare mlp.onnx"
)]
#[command(override_usage = "dlkit trace [OPTIONS] <CONFIG|RUN|FILE.onnx> --input <FILE|DIR,...>")]
pub(crate) struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    /// Pictures, directories of pictures (subfolders included) or .npy files, separated by commas. All
    /// form one batch. May be repeated.
    ///
    /// The network gets the values of a .npy file (float16, float32 or float64) unscaled. A colorizer
    /// gets the lightness of a picture's center.
    #[arg(long, required = true, value_name = "FILE|DIR,...", help_heading = "Input")]
    input: Vec<PathBuf>,
    /// Layers to show, such as conv1,conv1.activation; may be repeated [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAME,...", help_heading = "Results")]
    layer: Vec<String>,
    /// Phase: test uses running statistics and no dropout; train uses batch statistics, dropout and
    /// random slopes.
    #[arg(long, value_enum, default_value_t = Phase::Test)]
    phase: Phase,
    #[command(flatten)]
    output: OutputDirectory,
    /// Separate color scale for each map.
    #[arg(long, requires = "output", help_heading = "Results")]
    own_scale: bool,
    /// Phase (test, train), run, recipe or frozen file to compare every layer with.
    #[arg(long, value_name = "PHASE|RUN|CONFIG|FILE.onnx")]
    compare: Option<String>,
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
    #[serde(flatten)]
    failures: Failures,
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
    /// Why `--compare` gives no difference.
    #[serde(skip)]
    incomparable: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let phase = args.phase;
    let spec = args.network.spec()?;
    check_names(args, &spec)?;
    if args.compare.as_deref() == Some(phase.name()) {
        let (own, other) = (phase.name(), phase.other().name());
        bail!(
            "--compare {own}: the {own} phase equals itself; give --compare {other} or --phase {other}"
        );
    }
    let is_wanted =
        |name: &str| args.layer.is_empty() || args.layer.iter().any(|layer| layer == name);
    let wanted: Vec<&str> = names(&spec).filter(|name| is_wanted(name)).collect();
    let written: Vec<String> = wanted.iter().flat_map(|name| value_names(name)).collect();
    let folder = args.output.open(&written)?;
    let own =
        Traceable::load(&args.network.network, &args.network.overrides.set, args, phase, &device)?;
    let other = compared(args, &device)?;
    let mut failures = Failures::default();
    let (files, input) = own.read_all(&listed(&args.input), &mut failures, console);
    if let Some(folder) = &folder {
        folder.check_inputs(&written, "--input", &files)?;
    }
    let Some(input) = input else {
        let status = failures.conclude(0);
        console.object(&Trace::new(args, &files, Vec::new(), failures))?;
        return Ok(status);
    };
    let inputs = input.dims()[0];
    // Only the compared values of the other network stay in memory.
    let twins: Option<Vec<TracedValue>> = match &other {
        Some(other) => {
            Some(other.values(other.read(&files)?, |name| wanted.contains(&name)).collect())
        }
        None => None,
    };
    let mut rows = Vec::new();
    for value in own.values(input, is_wanted) {
        let mut row = row(&value, twins.as_deref());
        if let Some(folder) = &folder {
            let (sizes, picture) = (value.sizes(), feature_maps(&value, !args.own_scale));
            row.file = Some(write_values(folder, &value.layer, &sizes, &value.values, &picture)?);
        }
        rows.push(row);
    }
    say(args, &rows, inputs, console)?;
    let train = phase == Phase::Train || args.compare.as_deref() == Some("train");
    if let Some(warning) = rough_statistics(&spec, inputs).filter(|_| train) {
        console.warning(warning);
    }
    let status = failures.conclude(inputs);
    console.object(&Trace::new(args, &files, rows, failures))?;
    Ok(status)
}

impl Trace {
    fn new(args: &Args, files: &[PathBuf], layers: Vec<Row>, failures: Failures) -> Self {
        let inputs = files.iter().map(|file| file.display().to_string()).collect();
        Self { network: args.network.name(), phase: args.phase, inputs, layers, failures }
    }
}

/// The other side of a comparison.
fn compared(args: &Args, device: &Device) -> Result<Option<Traceable>> {
    let (own, set) = (&args.network.network, &args.network.overrides.set);
    let load = |path: &Path, set: &[Override], phase| {
        Traceable::load(path, set, args, phase, device).map(Some)
    };
    match args.compare.as_deref() {
        None => Ok(None),
        Some("test") => load(own, set, Phase::Test),
        Some("train") => load(own, set, Phase::Train),
        Some(other) if !Path::new(other).exists() => {
            bail!(
                "--compare {other}: not a phase (test, train) and no such run, recipe or frozen file"
            )
        }
        Some(other) => load(Path::new(other), &[], args.phase),
    }
}

/// A network on the device of a phase.
struct Traceable {
    network: Network,
    pictures: Option<PictureReading>,
    device: Device,
    seed: u64,
}

impl Traceable {
    fn load(
        path: &Path,
        overrides: &[Override],
        args: &Args,
        phase: Phase,
        device: &Device,
    ) -> Result<Self> {
        let device = match phase {
            Phase::Test => device.clone(),
            Phase::Train => device.clone().autodiff(),
        };
        // The other network need not be a run.
        let named = Named::open(path, overrides)?;
        let is_chosen = path == args.network.network || matches!(named, Named::Run(_));
        let checkpoint = args.network.checkpoint.chosen().filter(|_| is_chosen);
        let Source { network, seed, pictures, .. } = named.build(path, checkpoint, &device)?;
        Ok(Self { network, pictures, device, seed })
    }

    /// Input from files.
    fn read(&self, files: &[PathBuf]) -> Result<Tensor<4>, DataError> {
        read_batch(self.network.spec().input(), self.pictures, files, &self.device)
    }

    /// The readable files and their input, if any.
    fn read_all(
        &self,
        inputs: &[PathBuf],
        failures: &mut Failures,
        console: Console,
    ) -> (Vec<PathBuf>, Option<Tensor<4>>) {
        let (mut files, mut tensors) = (Vec::new(), Vec::new());
        for input in inputs {
            for file in pictures_of(input, failures, console) {
                match self.read(std::slice::from_ref(&file)) {
                    Ok(tensor) => {
                        files.push(file);
                        tensors.push(tensor);
                    }
                    Err(error) => failures.add(&file, &Error::new(error)),
                }
            }
        }
        let input = (!tensors.is_empty()).then(|| Tensor::cat(tensors, 0));
        (files, input)
    }

    /// The requested values one at a time, because all values of a large network may fill the memory.
    fn values(
        &self,
        input: Tensor<4>,
        wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = TracedValue> {
        // The training phase draws the same random numbers every time.
        self.device.seed(self.seed);
        self.network.trace(input, wanted)
    }
}

/// Names of all values of a network.
fn names(spec: &NetworkSpec) -> impl Iterator<Item = &str> {
    std::iter::once("input").chain(spec.layers().iter().map(LayerSpec::name))
}

fn check_names(args: &Args, spec: &NetworkSpec) -> Result<()> {
    let known: Vec<&str> = names(spec).collect();
    match args.layer.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            bail!("--layer {name}: no such layer; choose from {}", known.join(", "))
        }
        None => Ok(()),
    }
}

fn row(value: &TracedValue, twins: Option<&[TracedValue]>) -> Row {
    let twin = twins.map(|twins| twins.iter().find(|twin| twin.layer == value.layer));
    let (largest_difference, incomparable) = match twin {
        None => (None, None),
        Some(None) => (None, Some("missing")),
        Some(Some(twin)) => match value.largest_difference(twin) {
            None => (None, Some("different shape")),
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

/// With fewer inputs, many units are zero although other inputs would activate them.
const FEW_INPUTS: usize = 100;

/// Note on batch normalization in the train phase, whose statistics are those of the inputs.
fn rough_statistics(spec: &NetworkSpec, inputs: usize) -> Option<String> {
    let norms = spec.layers().iter().filter(|layer| layer.is_batch_normalization());
    let (constant, others): (Vec<_>, Vec<_>) = norms
        .map(|layer| (layer.name(), inputs * layer.input().values() / layer.input().channels()))
        .partition(|&(_, values)| values == 1);
    if !constant.is_empty() {
        let names: Vec<&str> = constant.iter().map(|(name, _)| *name).collect();
        return Some(format!(
            "with one input, batch normalization makes every value of {} 0; give hundreds of inputs",
            names.join(", ")
        ));
    }
    (!others.is_empty() && inputs < FEW_INPUTS).then(|| {
        format!(
            "batch normalization uses the statistics of only {}, so it differs from the test phase; give \
             hundreds",
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
            "train phase: statistics of this batch of {}, dropout and random slopes",
            counted(inputs, "input")
        ),
    })?;
    let mut table = spread_table("layer");
    table.column("dead units", Align::Right);
    let compared = args.compare.as_ref();
    if let Some(other) = compared {
        let this = match other.as_str() {
            "test" | "train" => args.phase.name().to_owned(),
            _ => args.network.name(),
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
    if let Some(directory) = args.output.path() {
        console.line(format!(
            "written: {} .npy, .png and .svg files in {}",
            rows.len(),
            directory.display()
        ))?;
    }
    Ok(())
}
