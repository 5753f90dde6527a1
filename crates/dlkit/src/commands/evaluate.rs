//! `dlkit evaluate`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::run::{RunDirectory, Which, write_atomically};
use dlkit_models::tasks::classification::{ClassificationReport, Part, Session, evaluate_frozen};
use serde::Serialize;

use crate::console::Console;
use crate::device::DeviceArgs;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, optional_percent, percent, thousands, write_confusion};
use crate::source::is_frozen;

/// Measure a trained network on labelled data.
///
/// Prints loss, accuracy and the figures of each class; writes them and the confusion matrix, as
/// a picture, into the run directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run directory, or a frozen file.
    #[arg(value_name = "RUN|FILE.onnx")]
    run: PathBuf,
    /// Other data of the same kind and classes. Default: the data of the run; a frozen file has
    /// none of its own.
    #[arg(long, value_name = "DIR")]
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
    report: &'a ClassificationReport,
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
    if let Some(data) = &args.data {
        experiment = experiment.with_data_path(data.clone());
    }
    if run.checkpoint_path(which)?.is_none() {
        bail!(
            "{0} has no checkpoint yet: no epoch was finished; dlkit train --resume {0} trains on",
            args.run.display()
        );
    }
    let output = args.output.clone().unwrap_or_else(|| args.run.join("evaluation"));
    create_output(&output)?;
    let data = experiment.config().data.path().to_owned();
    let session = Session::prepare(&experiment).with_context(|| {
        format!("cannot use the data in {} (--data DIR names another)", data.display())
    })?;
    let classes = run.info()?.classes;
    if session.classes() != classes {
        bail!(
            "{} has the classes {}, the run was trained on {}",
            data.display(),
            session.classes().join(", "),
            classes.join(", ")
        );
    }
    let report = session.evaluate(&run, which, args.split.into(), &device)?.with_context(|| {
        format!(
            "{} has no {split} part; choose another by --split train, validation or test",
            data.display()
        )
    })?;
    say(args, &data, &report, Some(&output), console)
}

/// Evaluates a frozen file: the data and its figures.
fn of_frozen(args: &Args, device: &Device) -> Result<(PathBuf, ClassificationReport)> {
    let Some(data) = &args.data else {
        bail!(
            "{} is a frozen file and names no data; give labelled data by --data DIR",
            args.run.display()
        );
    };
    if let SplitName::Validation = args.split {
        bail!(
            "--split validation: a frozen file does not know which samples these were; choose \
             train or test"
        );
    }
    let frozen = FrozenNetwork::load(&args.run)?;
    if let Some(output) = &args.output {
        create_output(output)?;
    }
    let report = evaluate_frozen(&frozen, data, args.split.into(), device)?.with_context(|| {
        let split = args.split.name();
        format!("{} has no {split} part; choose --split train or test", data.display())
    })?;
    Ok((data.clone(), report))
}

fn create_output(output: &Path) -> Result<()> {
    fs::create_dir_all(output).with_context(|| {
        format!("cannot create {} (--output DIR names another place)", output.display())
    })
}

/// Prints the figures and writes them where they are to go.
fn say(
    args: &Args,
    data: &Path,
    report: &ClassificationReport,
    output: Option<&Path>,
    console: Console,
) -> Result<ExitStatus> {
    let split = args.split.name();
    print_report(report, split, console)?;
    let picture = output
        .map(|output| write_confusion(report, split, &output.join(format!("confusion-{split}"))));
    let picture = picture.transpose()?.map(|[_, picture]| picture.display().to_string());
    let evaluation = Evaluation {
        run: args.run.display().to_string(),
        split,
        data: data.display().to_string(),
        report,
        picture,
    };
    if let (Some(output), Some(picture)) = (output, &evaluation.picture) {
        let figures = output.join(format!("{split}.json"));
        let text = serde_json::to_vec_pretty(&evaluation).context("cannot write the figures")?;
        write_atomically(&figures, &text)
            .with_context(|| format!("cannot write {}", figures.display()))?;
        console.line(format!("written: {}, {picture}", figures.display()))?;
    }
    console.object(&evaluation)?;
    Ok(ExitStatus::Done)
}

/// Above so many classes the confusion matrix is left to the picture.
const LARGEST_TEXT_CONFUSION: usize = 20;

fn print_report(report: &ClassificationReport, split: &str, console: Console) -> Result<()> {
    console.line(format!(
        "{split}: accuracy {}, loss {:.4}, {} samples",
        percent(report.accuracy),
        report.loss,
        thousands(report.samples)
    ))?;
    let right = Align::Right;
    let mut table = TextTable::new(&[
        ("class", Align::Left),
        ("precision", right),
        ("recall", right),
        ("F1", right),
        ("samples", right),
    ]);
    for class in &report.classes {
        table.row([
            class.class.clone(),
            optional_percent(class.precision),
            optional_percent(class.recall),
            optional_percent(class.f1),
            class.support.to_string(),
        ]);
    }
    console.line(format!("\n{table}"))?;
    if report.classes.len() > LARGEST_TEXT_CONFUSION {
        return Ok(());
    }
    let mut table = TextTable::new(&[("actual \\ predicted", Align::Left)]);
    for class in &report.classes {
        table.column(&class.class, right);
    }
    for (class, row) in report.classes.iter().zip(&report.confusion) {
        let cells = row.iter().map(ToString::to_string);
        table.row(std::iter::once(class.class.clone()).chain(cells));
    }
    console.line(format!("\n{table}\n"))
}
