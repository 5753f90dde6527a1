//! `dlkit train`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::config::Experiment;
use dlkit_models::device::OpenDevice;
use dlkit_models::run::{Best, Outcome, RunDirectory, RunError, RunInfo, Which, now};
use dlkit_models::tasks::{Part, Session, TaskFacts, TaskReport};
use dlkit_models::training::{Ending, Interrupter, PenaltyConfig, Supervision, Trained};
use serde::Serialize;

use crate::arguments::{
    DataArgs, DeviceArgs, OverrideArgs, RecipeChoice, default_output, failure_of, load_recipe,
    prepare, with_absolute_data,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::interrupt::StopOnCtrlC;
use crate::progress::TrainingProgress;
use crate::report::{figures_line, seconds, thousands, write_run_report};

/// Train a network from a recipe, or resume a run.
///
/// Everything goes into a run directory: the recipe, metrics, checkpoints, plots, a report. At the
/// end, the best checkpoint is measured once on the test part.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("start").required(true).args(["recipe", "config", "resume"]))]
pub(crate) struct Args {
    #[command(flatten)]
    recipe: RecipeChoice,
    /// Resume a run from its last checkpoint.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["set", "output"])]
    resume: Option<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Epochs in all; a resumed run may be given more than it had.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// New run directory [default: runs/ and the recipe's name, numbered if taken].
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Show a live dashboard in the terminal; there, q asks whether to stop.
    #[arg(long)]
    dashboard: bool,
}

/// The result as JSON, with the figures of the best checkpoint on the test part by their names.
#[derive(Serialize)]
struct Summary {
    run: String,
    outcome: Outcome,
    epochs: usize,
    best: Option<Best>,
    #[serde(flatten)]
    test: BTreeMap<String, f64>,
    parameters: usize,
    seconds: f64,
}

/// A run that is locked, with its data.
struct Job {
    run: RunDirectory,
    session: Session,
    info: RunInfo,
    epochs: usize,
    /// What was trained already, if that is all there is to train.
    trained: Option<Trained>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    refuse_unused(args, console)?;
    let device = args.device.open_named()?;
    let job = match (&args.resume, args.recipe.path()) {
        (Some(run), _) => resume(run, args, &device.device, console)?,
        (None, Some(recipe)) => Some(begin(recipe, args)?),
        (None, None) => bail!("give a recipe, or a run by --resume"),
    };
    let Some(mut job) = job else { return Ok(ExitStatus::Done) };
    let trained = match job.trained.take() {
        Some(trained) => trained,
        None => train(&mut job, args, &device, console)?,
    };
    let Job { run, session, mut info, .. } = job;
    let test = match trained.ending {
        Ending::Interrupted => None,
        Ending::Finished | Ending::StoppedEarly => {
            session.evaluate(&run, Which::Best, Part::Test, &device.device)?
        }
    };
    let train = match session.facts() {
        // The fit is drawn over all of its data.
        TaskFacts::Regression { .. } if trained.epochs > 0 => {
            session.evaluate(&run, Which::Best, Part::Train, &device.device)?
        }
        _ => None,
    };
    record(&mut info, &trained, test.as_ref());
    // The account says that the run is over, so it comes last.
    let figures = [test.as_ref(), train.as_ref()];
    write_run_report(&run, run.path(), &info, figures, console);
    run.write_info(&info)?;
    conclude(&run, &info, &trained, test.as_ref(), console)
}

/// Refuses options that mean nothing in this call.
fn refuse_unused(args: &Args, console: Console) -> Result<()> {
    if args.dashboard && console.is_json() {
        bail!("--dashboard draws on the terminal, --json prints one object; leave one of them out");
    }
    let is_set = args.overrides.set.iter().any(|change| change.key() == "data.path");
    if args.data.path().is_some() && is_set {
        bail!("--data and --set data.path both name the data; leave one of them out");
    }
    Ok(())
}

/// Trains and keeps account of it.
fn train(job: &mut Job, args: &Args, device: &OpenDevice, console: Console) -> Result<Trained> {
    let Job { run, session, info, epochs, .. } = job;
    let command = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    info.commands.push(command.collect());
    info.outcome = Outcome::Running;
    info.reason = None;
    info.device.clone_from(&device.name);
    info.threads = rayon::current_num_threads();
    info.epochs_planned = *epochs;
    info.updated = now();
    run.write_info(info)?;
    announce(info, run, console)?;
    if let Some(penalty) = run.experiment()?.config().penalty.filter(PenaltyConfig::is_active) {
        console.line(format!("penalty {}", penalty.description()))?;
    }

    let interrupter = Interrupter::new();
    let listening = StopOnCtrlC::new(interrupter.clone());
    let dashboard = args.dashboard && console.shows_dashboard();
    if args.dashboard && !dashboard {
        console.warning("--dashboard needs a terminal; plain lines instead");
    }
    let started = Instant::now();
    let observer = Box::new(TrainingProgress::new(console, *epochs, !dashboard));
    let supervision = Supervision { run, observer, interrupter, dashboard };
    // A graphics device that fails panics in Burn; the account of the run says so all the same.
    let result = catch_unwind(AssertUnwindSafe(|| session.train(&device.device, supervision)));
    drop(listening);
    info.seconds += started.elapsed().as_secs_f64();
    info.updated = now();
    let mut failed = |reason: String| {
        info.outcome = Outcome::Failed;
        info.reason = Some(reason);
        // What goes wrong while the failure is written down must not hide the failure.
        if let Ok(progress) = run.progress() {
            (info.epochs, info.best) = (progress.epochs, progress.best);
        }
        write_run_report(run, run.path(), info, [None, None], console);
        if let Err(error) = run.write_info(info) {
            console.warning(format!("{:#}", anyhow::Error::new(error)));
        }
    };
    let error = match result {
        Ok(Ok(trained)) => return Ok(trained),
        Ok(Err(error)) => error,
        Err(panic) => {
            failed(failure_of(&*panic));
            resume_unwind(panic)
        }
    };
    failed(error.to_string());
    Err(anyhow::Error::new(error)
        .context(format!("the training in {} failed", run.path().display())))
}

/// A new run of a recipe.
fn begin(recipe: &Path, args: &Args) -> Result<Job> {
    let mut overrides = args.overrides.set.clone();
    if let Some(epochs) = args.epochs {
        overrides.push(format!("training.epochs={epochs}").parse()?);
    }
    let experiment = with_absolute_data(load_recipe(recipe, &overrides)?, recipe);
    let experiment = args.data.applied(experiment)?;
    if let Some(output) = &args.output {
        RunDirectory::check_new(output)?;
    }
    let session = prepare(&experiment, "--data DIR names another place")?;
    let info = RunInfo {
        directory: std::env::current_dir()
            .map(|directory| directory.display().to_string())
            .unwrap_or_default(),
        ..session.new_info()
    };
    let run = create(recipe, args, &experiment, &info)?;
    Ok(Job { run, epochs: info.epochs_planned, session, info, trained: None })
}

/// Creates the run directory; where none is named, the next free number of the recipe's, also when
/// another process is quicker.
fn create(
    recipe: &Path,
    args: &Args,
    experiment: &Experiment,
    info: &RunInfo,
) -> Result<RunDirectory> {
    if let Some(output) = &args.output {
        return Ok(RunDirectory::create(output, experiment, info)?);
    }
    loop {
        let output = default_output(recipe);
        match RunDirectory::create(&output, experiment, info) {
            Err(RunError::Exists(taken)) if default_output(recipe) != taken => {}
            Err(RunError::Busy(_)) => {}
            result => return Ok(result?),
        }
    }
}

/// An existing run, gone on with; `None` when it has nothing left to do.
fn resume(path: &Path, args: &Args, device: &Device, console: Console) -> Result<Option<Job>> {
    let run = RunDirectory::open_locked(path)?;
    let info = run.info()?;
    let progress = run.progress()?;
    let mut experiment = run.experiment()?;
    let planned = experiment.config().training.epochs;
    let epochs = args.epochs.map_or(planned, |epochs| epochs as usize);
    if epochs < progress.epochs {
        bail!(
            "--epochs {epochs} is less than the {} epochs {} already has; give a larger number",
            progress.epochs,
            path.display()
        );
    }
    let stopped = progress.stopped_early && epochs == planned;
    let trained = (progress.epochs == epochs || stopped).then_some(Trained {
        epochs: progress.epochs,
        best: progress.best,
        ending: if stopped { Ending::StoppedEarly } else { Ending::Finished },
    });
    let concluded = matches!(info.outcome, Outcome::Finished | Outcome::StoppedEarly);
    if let (Some(trained), true) = (&trained, concluded) {
        say_nothing_to_do(path, &info, trained, epochs, console)?;
        return Ok(None);
    }
    if epochs != planned {
        experiment = experiment.with_epochs(epochs);
    }
    experiment = args.data.applied(experiment)?;
    let session = prepare(&experiment, "--data DIR names where it is now")?;
    if session.fingerprint() != info.data_sha256 {
        bail!(
            "the data in {} is not what {} was trained on: its samples have changed; \
             --data DIR names the former data, --config begins a new run",
            experiment.config().data.name(),
            path.display()
        );
    }
    session.check_checkpoint(&run, device)?;
    run.write_experiment(&experiment)?;
    Ok(Some(Job { run, session, info, epochs, trained }))
}

fn say_nothing_to_do(
    path: &Path,
    info: &RunInfo,
    trained: &Trained,
    epochs: usize,
    console: Console,
) -> Result<()> {
    console.line(format!(
        "nothing to do: {} has {} of {epochs} epochs{}; --epochs N trains on",
        path.display(),
        trained.epochs,
        if trained.ending == Ending::StoppedEarly { " and stopped early" } else { "" }
    ))?;
    console.object(&Summary {
        run: path.display().to_string(),
        outcome: info.outcome,
        epochs: trained.epochs,
        best: trained.best,
        test: info.test.clone(),
        parameters: info.parameters,
        seconds: info.seconds,
    })
}

fn announce(info: &RunInfo, run: &RunDirectory, console: Console) -> Result<()> {
    let count = |part: &str| thousands(info.samples.get(part).copied().unwrap_or(0));
    console.line(format!(
        "{} parameters; {} samples to train, {} to validate, {} to test; {}",
        thousands(info.parameters),
        count("train"),
        count("validation"),
        count("test"),
        info.facts.description()
    ))?;
    console.line(format!(
        "device {}, {} threads, seed {}; everything goes to {}",
        info.device,
        info.threads,
        info.seed,
        run.path().display()
    ))
}

fn record(info: &mut RunInfo, trained: &Trained, test: Option<&TaskReport>) {
    info.outcome = match trained.ending {
        Ending::Finished => Outcome::Finished,
        Ending::StoppedEarly => Outcome::StoppedEarly,
        Ending::Interrupted => Outcome::Interrupted,
    };
    // A run that failed before and is over now did not fail.
    info.reason = None;
    info.updated = now();
    info.epochs = trained.epochs;
    info.best = trained.best;
    info.test = test.map(TaskReport::defined_figures).unwrap_or_default();
}

fn conclude(
    run: &RunDirectory,
    info: &RunInfo,
    trained: &Trained,
    test: Option<&TaskReport>,
    console: Console,
) -> Result<ExitStatus> {
    let path = run.path().display();
    match trained.ending {
        Ending::Finished => {}
        Ending::StoppedEarly => {
            console.line(format!("stopped early after epoch {}", trained.epochs))?;
        }
        Ending::Interrupted => console.line(format!(
            "interrupted after {} finished epochs; go on with: dlkit train --resume {path}",
            trained.epochs
        ))?,
    }
    if let Some(best) = trained.best {
        console.line(format!("best: epoch {}", best.epoch))?;
    }
    if let Some(test) = test {
        console.line(format!(
            "{} ({} samples, best checkpoint)",
            figures_line(test, "test "),
            thousands(test.samples())
        ))?;
    }
    console.line(format!("{} of training; in {path}:", seconds(info.seconds)))?;
    console.line("  report.html                 everything on one page")?;
    console.line("  metrics.csv, metrics.jsonl  figures of every epoch")?;
    console.line("  plots/                      curves as PNG and SVG")?;
    console.line("  checkpoints/, best, last    weights")?;
    console.line("  config.toml, run.json       recipe and account of the run")?;
    console.object(&Summary {
        run: run.path().display().to_string(),
        outcome: info.outcome,
        epochs: info.epochs,
        best: info.best,
        test: info.test.clone(),
        parameters: info.parameters,
        seconds: info.seconds,
    })?;
    Ok(match trained.ending {
        Ending::Interrupted => ExitStatus::Interrupted,
        Ending::Finished | Ending::StoppedEarly => ExitStatus::Done,
    })
}
