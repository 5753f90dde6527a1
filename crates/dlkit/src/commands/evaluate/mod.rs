//! `dlkit evaluate`.

mod samples;

use anyhow::{Context, Result, bail};
use dlkit_files::overwrite::resolved;
use dlkit_models::run::RunDirectory;
use dlkit_models::tasks::{Evaluation as Measured, KeptRun, Part, TaskReport};
use serde::Serialize;

use crate::arguments::{
    DataArgs, DecodingArgs, DeviceArgs, Folder, OutputDirectory, PartArgs, TableFormatArgs,
    TrainedArgs, picture_names,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use samples::{SampleFiles, WrittenSamples};

use crate::report::{PICTURES, evaluation_pictures, evaluation_stem, evaluation_text};

/// Evaluate a trained network on labeled data
///
/// Prints loss and accuracy with the metrics of each class, or the errors of a regression. Draws the
/// confusion matrix, the ROC and precision-recall curves and the reliability of probabilities, or the fit. By default, evaluates a run on the test part of its own data and writes the
/// results to RUN/evaluation. Evaluates other data (--data) as a whole, or the part of --split. A colorizer is
/// also measured at another temperature or balance than its own; that is written only to --output.
/// --predictions writes a line for each sample, --mistakes the pictures of highest loss.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit evaluate runs/mlp\n  dlkit evaluate runs/mlp --split validation\n  dlkit evaluate mlp.onnx --data datasets/mnist-small --output results\n  dlkit evaluate runs/mlp --predictions samples.csv --mistakes worst.png"
)]
pub(crate) struct Args {
    #[command(flatten)]
    trained: TrainedArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    decoding: DecodingArgs,
    #[command(flatten)]
    format: TableFormatArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    output: OutputDirectory,
    #[command(flatten)]
    files: SampleFiles,
}

#[derive(Serialize)]
struct Evaluation<'a> {
    run: String,
    split: &'static str,
    data: String,
    #[serde(flatten)]
    report: &'a TaskReport,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<String>,
    #[serde(flatten)]
    samples: WrittenSamples,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = args.device.open()?;
    let trained = args.decoding.applied(args.trained.open()?)?;
    let folder = folder(args, trained.run())?;
    let reads_table = args.data.path().is_some() && trained.facts().features().is_some();
    if let (Some(option), false) = (args.format.given(), reads_table) {
        bail!("{option} is for a table given with --data; leave it out");
    }
    args.files.check(&trained, args.data.path(), args.output.is_forced())?;
    let format = args.format.config()?;
    let measured = trained.evaluate(args.data.path(), args.part.chosen(), format, &device)?;
    console.warn_left_out(&measured.left_out);
    say(args, &measured, folder.as_ref(), console)
}

/// Name of the evaluated part of the data, or `all`.
fn measured_part(args: &Args) -> &'static str {
    match (args.part.chosen(), args.data.path()) {
        (Some(part), _) => part.name(),
        (None, None) => Part::Test.name(),
        (None, Some(_)) => "all",
    }
}

/// Opens the output folder before slow work starts. In the run, results on its own data are overwritten;
/// results on other data are refused.
fn folder(args: &Args, run: Option<&KeptRun>) -> Result<Option<Folder>> {
    let part = measured_part(args);
    let stems = PICTURES.map(|what| evaluation_stem(what, part));
    let mut names = vec![format!("{part}.json")];
    names.extend(stems.iter().flat_map(|stem| picture_names(stem)));
    let own = args.trained.run.join(RunDirectory::EVALUATION);
    let given = args.output.path();
    let is_own = given.is_none_or(|given| resolved(given) == resolved(&own));
    // Figures of another decoding are not the run's.
    if args.decoding.is_given() && is_own {
        if given.is_some() {
            bail!(
                "--output {}: keeps figures of the run's own temperature and balance; choose another",
                own.display()
            );
        }
        return args.output.open_beside(&names, args.files.is_given());
    }
    if args.data.path().is_some() || run.is_none() || !is_own {
        let folder = args.output.open_beside(&names, args.files.is_given())?;
        let own = run.and_then(|run| run.experiment.config().data.path());
        if let (Some(folder), Some(data)) = (&folder, args.data.path().or(own)) {
            folder.check_inputs(&names, "the data", &[data.to_owned()])?;
        }
        return Ok(folder);
    }
    if given.is_none() {
        args.output.open_beside(&names, args.files.is_given())?;
    }
    Folder::open("--output", own, true, &names).map(Some)
}

/// Whether a metric that depends on every output is infinite or undefined.
fn is_undefined(report: &TaskReport) -> bool {
    let figures = report.figures();
    figures.iter().any(|(name, value)| ["loss", "auc"].contains(name) && !value.is_finite())
}

/// Prints and writes the metrics.
fn say(
    args: &Args,
    measured: &Measured,
    folder: Option<&Folder>,
    console: Console,
) -> Result<ExitStatus> {
    let Measured { report, data, part, is_own, .. } = measured;
    let split = part.map_or("all", Part::name);
    match part {
        Some(part) if *is_own => console.line(format!("{data}: the {} part", part.name()))?,
        Some(part) => {
            console.line(format!("{data}: its {} part", part.name()))?;
        }
        None => console.line(format!("{data}: all of it"))?,
    }
    console.line(evaluation_text(report, split))?;
    if is_undefined(report) {
        console.warning(
            "the network outputs infinite or undefined values; these figures are meaningless",
        );
    }
    let pictures = folder.map(|folder| draw(report, split, folder, console)).unwrap_or_default();
    let run = args.trained.run.display().to_string();
    let samples = args.files.write(report, data, args.output.is_forced())?;
    let evaluation = Evaluation { run, split, data: data.clone(), report, pictures, samples };
    if let Some(folder) = folder {
        let text = serde_json::to_vec_pretty(&evaluation).context("cannot write the results")?;
        let figures = folder.write(&format!("{split}.json"), &text)?;
        let pictures = evaluation.pictures.iter().map(|picture| format!(", {picture}"));
        console.line(format!("written: {figures}{}", pictures.collect::<String>()))?;
    }
    for file in evaluation.samples.all() {
        console.line(format!("written: {file}"))?;
    }
    console.object(&evaluation)?;
    Ok(ExitStatus::Done)
}

/// Draws the pictures of a report; a failure is only a warning.
fn draw(report: &TaskReport, part: &str, folder: &Folder, console: Console) -> Vec<String> {
    let failed = |error| console.warning(format!("cannot draw the figure: {error:#}"));
    let pictures = evaluation_pictures(report, part).map_err(failed).unwrap_or_default();
    let written = pictures.iter().map(|(stem, svg)| folder.write_picture(stem, svg));
    written.filter_map(|drawn| drawn.map(|[_, png]| png).map_err(failed).ok()).collect()
}
