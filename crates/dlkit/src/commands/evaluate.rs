//! `dlkit evaluate`.

use anyhow::{Context, Result, anyhow, bail};
use dlkit_models::Device;
use dlkit_models::config::Task;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::run::RunDirectory;
use dlkit_models::tasks::regression::evaluate_table;
use dlkit_models::tasks::{
    Part, TaskFacts, TaskReport, classification, colorization, load_network,
};
use serde::Serialize;

use crate::arguments::{
    DataArgs, DeviceArgs, Existing, Folder, OutputDirectory, PartArgs, TrainedArgs, picture_names,
    prepare, resolved,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{evaluation_picture, evaluation_stem, evaluation_text};

/// Measure a trained network on labelled data.
///
/// Prints loss, accuracy and the figures of each class, or the errors of a regression; writes them and
/// a picture, the confusion matrix or the fit, into RUN/evaluation or the directory of --output. Of
/// another table (--data FILE.csv), all rows are measured; a frozen file names no data of its own.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    trained: TrainedArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    output: OutputDirectory,
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
    let is_frozen = args.trained.is_frozen()?;
    let folder = folder(args, is_frozen)?;
    let (data, report) = if is_frozen { of_frozen(args, &device)? } else { of_run(args, &device)? };
    say(args, &data, &report, folder.as_ref(), console)
}

/// Where the figures go, checked before anything slow starts. A run renews its own freely.
fn folder(args: &Args, is_frozen: bool) -> Result<Option<Folder>> {
    let part = args.part.part().name();
    let stems = ["confusion", "fit"].map(|what| evaluation_stem(what, part));
    let mut names = vec![format!("{part}.json")];
    names.extend(stems.iter().flat_map(|stem| picture_names(stem)));
    let own = args.trained.run.join("evaluation");
    let given = args.output.path();
    let is_own = given.is_none_or(|given| resolved(given) == resolved(&own));
    if is_frozen || !is_own {
        return args.output.open(&names);
    }
    if given.is_none() {
        args.output.open(&names)?;
    }
    Folder::open("--output", own, Existing::Overwrite, &names).map(Some)
}

/// Evaluates a run: the data and its figures.
fn of_run(args: &Args, device: &Device) -> Result<(String, TaskReport)> {
    let which = args.trained.checkpoint.which();
    let run = RunDirectory::open(&args.trained.run)?;
    let mut experiment = run.experiment()?;
    if run.checkpoint_path(which)?.is_none() {
        bail!(
            "{0} has no checkpoint yet: no epoch was finished; dlkit train --resume {0} trains on",
            args.trained.run.display()
        );
    }
    let facts = run.info()?.facts;
    if let (Some(data), TaskFacts::Regression { features, target }) = (args.data.path(), &facts) {
        // All rows of another table are new to the network.
        refuse_part(args)?;
        let network = load_network(&experiment, &run, which, device)?;
        let loss = experiment.config().training.loss;
        let report = evaluate_table(network, loss, features, target, data, device)?;
        return Ok((data.display().to_string(), report));
    }
    experiment = args.data.applied(experiment)?;
    let data = experiment.config().data.name();
    let part = args.part.part();
    let report = if experiment.config().task == Task::Colorization {
        colorization::evaluate_run(&run, which, args.data.path(), part, device)?
    } else {
        let session = prepare(&experiment, "--data DIR names another")?;
        facts.check_data(session.facts()).map_err(|reason| anyhow!("{data} {reason}"))?;
        session.evaluate(&run, which, part, device)?
    };
    let report = report.with_context(|| no_part(&data, part))?;
    Ok((data, report))
}

/// Evaluates a frozen file: the data and its figures.
fn of_frozen(args: &Args, device: &Device) -> Result<(String, TaskReport)> {
    let path = &args.trained.run;
    let Some(data) = args.data.path() else {
        bail!(
            "{} is a frozen file and names no data; give labelled data by --data DIR",
            path.display()
        );
    };
    let frozen = FrozenNetwork::load(path)?;
    let is_colorizer = frozen.metadata().facts.task() == Task::Colorization;
    let part = args.part.part();
    if let TaskFacts::Regression { features, target } = &frozen.metadata().facts {
        refuse_part(args)?;
        let (network, loss) = (frozen.network(device)?, frozen.metadata().loss);
        let report = evaluate_table(network, loss, features, target, data, device)?;
        return Ok((data.display().to_string(), report));
    }
    if let (Part::Validation, false) = (part, is_colorizer) {
        bail!(
            "--split validation: a frozen file does not know which samples these were; choose \
             train or test"
        );
    }
    let report = if is_colorizer {
        colorization::evaluate_frozen(&frozen, data, part, device)?
    } else {
        classification::evaluate_frozen(&frozen, data, part, device)?
    };
    let data = data.display().to_string();
    let report = report.with_context(|| no_part(&data, part))?;
    Ok((data, report))
}

fn no_part(data: &str, part: Part) -> String {
    format!(
        "{data} has no {} part; choose another by --split train, validation or test",
        part.name()
    )
}

/// A table that is measured whole has no parts.
fn refuse_part(args: &Args) -> Result<()> {
    if let Some(part) = args.part.chosen() {
        bail!("--split {}: all rows of --data are measured; leave --split out", part.name());
    }
    Ok(())
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
    folder: Option<&Folder>,
    console: Console,
) -> Result<ExitStatus> {
    let split = args.part.part().name();
    console.line(evaluation_text(report, split))?;
    if is_undefined(report) {
        console.warning(
            "the network gives infinite or undefined values, with which these figures mean nothing",
        );
    }
    let picture = folder.and_then(|folder| draw(report, split, folder, console));
    let run = args.trained.run.display().to_string();
    let evaluation = Evaluation { run, split, data: data.to_owned(), report, picture };
    if let Some(folder) = folder {
        let text = serde_json::to_vec_pretty(&evaluation).context("cannot write the figures")?;
        let figures = folder.write(&format!("{split}.json"), &text)?;
        let picture = evaluation.picture.iter().map(|picture| format!(", {picture}"));
        console.line(format!("written: {figures}{}", picture.collect::<String>()))?;
    }
    console.object(&evaluation)?;
    Ok(ExitStatus::Done)
}

/// Draws the picture of a report, if it has one; the figures are there without it.
fn draw(report: &TaskReport, part: &str, folder: &Folder, console: Console) -> Option<String> {
    let drawn = evaluation_picture(report, part).and_then(|picture| {
        picture.map(|(stem, svg)| folder.write_picture(&stem, &svg)).transpose()
    });
    match drawn {
        Ok(paths) => paths.map(|[_, png]| png),
        Err(error) => {
            console.warning(format!("no picture was drawn: {error:#}"));
            None
        }
    }
}
