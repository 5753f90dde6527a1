//! `dlkit evaluate`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::recipe::Task;
use dlkit_models::run::{RunDirectory, Which, write_atomically};
use dlkit_models::tasks::regression::evaluate_table;
use dlkit_models::tasks::{
    Part, TaskFacts, TaskReport, classification, colorization, load_network,
};
use serde::Serialize;

use crate::console::Console;
use crate::device::DeviceArgs;
use crate::exit::ExitStatus;
use crate::recipe::with_data;
use crate::report::{evaluation_text, write_evaluation};
use crate::source::{is_frozen, prepare};

/// Measure a trained network on labelled data.
///
/// Prints loss, accuracy and the figures of each class, or the errors of a regression; writes them and
/// a picture, the confusion matrix or the fit, into the run directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run directory, or a frozen file.
    #[arg(value_name = "RUN|FILE.onnx")]
    run: PathBuf,
    /// Other data of the same kind and classes, or a CSV file, of which all rows are taken. Default: the
    /// data of the run; a frozen file has none of its own.
    #[arg(long, value_name = "DIR|FILE")]
    data: Option<PathBuf>,
    /// The part of the data.
    #[arg(long, value_enum, default_value_t = SplitName::Test)]
    split: SplitName,
    /// Which checkpoint of a run. Default: best.
    #[arg(long, value_enum)]
    checkpoint: Option<CheckpointName>,
    #[command(flatten)]
    device: DeviceArgs,
    /// Where the figures and the picture go. Default: RUN/evaluation; those of a frozen file are
    /// only printed.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// A part of the data, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SplitName {
    Train,
    Validation,
    Test,
}

impl SplitName {
    const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl From<SplitName> for Part {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Train => Self::Train,
            SplitName::Validation => Self::Validation,
            SplitName::Test => Self::Test,
        }
    }
}

/// A checkpoint, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CheckpointName {
    /// The one with the best monitored metric.
    Best,
    /// The one after the last epoch.
    Last,
}

impl From<CheckpointName> for Which {
    fn from(name: CheckpointName) -> Self {
        match name {
            CheckpointName::Best => Self::Best,
            CheckpointName::Last => Self::Last,
        }
    }
}

#[derive(Serialize)]
struct Evaluation<'a> {
    run: String,
    split: &'static str,
    data: String,
    #[serde(flatten)]
    report: &'a TaskReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let split = args.split.name();
    let checkpoint = args.checkpoint.map(Which::from);
    if is_frozen(&args.run, checkpoint)? {
        let (data, report) = of_frozen(args, &device)?;
        return say(args, &data, &report, args.output.as_deref(), console);
    }
    let which = checkpoint.unwrap_or(Which::Best);
    let run = RunDirectory::open(&args.run)?;
    let mut experiment = run.experiment()?;
    if run.checkpoint_path(which)?.is_none() {
        bail!(
            "{0} has no checkpoint yet: no epoch was finished; dlkit train --resume {0} trains on",
            args.run.display()
        );
    }
    let output = args.output.clone().unwrap_or_else(|| args.run.join("evaluation"));
    create_output(&output)?;
    let facts = run.info()?.facts;
    if let Some(data) = &args.data {
        if let TaskFacts::Regression { features, target } = &facts {
            // All rows of another table are new to the network.
            let network = load_network(&experiment, &run, which, &device)?;
            let loss = experiment.config().training.loss;
            let report = evaluate_table(network, loss, features, target, data, &device)?;
            return say(args, &data.display().to_string(), &report, Some(&output), console);
        }
        experiment = with_data(experiment, data)?;
    }
    let data = experiment.config().data.name();
    let part = args.split.into();
    let report = if experiment.config().task == Task::Colorization {
        colorization::evaluate_run(&run, which, args.data.as_deref(), part, &device)?
    } else {
        let session = prepare(&experiment, "--data DIR names another")?;
        facts.check_data(session.facts()).map_err(|reason| anyhow!("{data} {reason}"))?;
        session.evaluate(&run, which, part, &device)?
    };
    let report = report.with_context(|| {
        format!("{data} has no {split} part; choose another by --split train, validation or test")
    })?;
    say(args, &data, &report, Some(&output), console)
}

/// Evaluates a frozen file: the data and its figures.
fn of_frozen(args: &Args, device: &Device) -> Result<(String, TaskReport)> {
    let Some(data) = &args.data else {
        bail!(
            "{} is a frozen file and names no data; give labelled data by --data DIR",
            args.run.display()
        );
    };
    let frozen = FrozenNetwork::load(&args.run)?;
    let is_colorizer = frozen.metadata().facts.task() == Task::Colorization;
    if let (SplitName::Validation, false) = (args.split, is_colorizer) {
        bail!(
            "--split validation: a frozen file does not know which samples these were; choose \
             train or test"
        );
    }
    if let Some(output) = &args.output {
        create_output(output)?;
    }
    if let TaskFacts::Regression { features, target } = &frozen.metadata().facts {
        let (network, loss) = (frozen.network(device)?, frozen.metadata().loss);
        let report = evaluate_table(network, loss, features, target, data, device)?;
        return Ok((data.display().to_string(), report));
    }
    let part = args.split.into();
    let report = if is_colorizer {
        colorization::evaluate_frozen(&frozen, data, part, device)?
    } else {
        classification::evaluate_frozen(&frozen, data, part, device)?
    };
    let report = report.with_context(|| {
        let split = args.split.name();
        format!("{} has no {split} part; choose another by --split", data.display())
    })?;
    Ok((data.display().to_string(), report))
}

fn create_output(output: &Path) -> Result<()> {
    fs::create_dir_all(output).with_context(|| {
        format!("cannot create {} (--output DIR names another place)", output.display())
    })
}

/// Whether the figure that every output enters is no number.
fn is_undefined(report: &TaskReport) -> bool {
    let figures = report.figures();
    figures.iter().any(|(name, value)| ["loss", "auc"].contains(name) && !value.is_finite())
}

/// Prints the figures and writes them where they are to go.
fn say(
    args: &Args,
    data: &str,
    report: &TaskReport,
    output: Option<&Path>,
    console: Console,
) -> Result<ExitStatus> {
    let split = args.split.name();
    console.line(evaluation_text(report, split))?;
    if is_undefined(report) {
        console.warning(
            "the network gives infinite or undefined values, with which these figures mean nothing",
        );
    }
    let picture =
        output.map(|output| write_evaluation(report, split, output)).transpose()?.flatten();
    let picture = picture.map(|picture| picture.display().to_string());
    let evaluation = Evaluation {
        run: args.run.display().to_string(),
        split,
        data: data.to_owned(),
        report,
        picture,
    };
    if let Some(output) = output {
        let figures = output.join(format!("{split}.json"));
        let text = serde_json::to_vec_pretty(&evaluation).context("cannot write the figures")?;
        write_atomically(&figures, &text)
            .with_context(|| format!("cannot write {}", figures.display()))?;
        let picture = evaluation.picture.iter().map(|picture| format!(", {picture}"));
        console.line(format!("written: {}{}", figures.display(), picture.collect::<String>()))?;
    }
    console.object(&evaluation)?;
    Ok(ExitStatus::Done)
}
