//! `dlkit train`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::config::{Experiment, Override};
use dlkit_models::device::device_from_name;
use dlkit_models::run::{Best, Outcome, RunDirectory, RunInfo, Which, now};
use dlkit_models::tasks::classification::{ClassificationReport, Part, Session};
use dlkit_models::training::{Ending, Interrupter, Supervision, Trained, TrainingError};
use serde::Serialize;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::interrupt::stop_on_ctrl_c;
use crate::progress::TrainingProgress;
use crate::recipe::{default_output, load_recipe, with_absolute_data};
use crate::report::{percent, seconds, thousands, write_run_report};

/// Train a network from a recipe, or go on with a run.
///
/// Everything goes into a run directory: the recipe, metrics, checkpoints, plots, a report. At the
/// end, the best checkpoint is measured once on the test part.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("start").required(true).args(["config", "resume"]))]
pub(crate) struct Args {
    /// The recipe.
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Go on with a run from its last checkpoint, with its own recipe.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["set", "output"])]
    resume: Option<PathBuf>,
    /// Change a value of the recipe, such as training.learning_rate=0.01; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Override>,
    /// Epochs in all; a resumed run may be given more than it had.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Where to compute: flex, ndarray or wgpu (see dlkit devices).
    #[arg(long, value_name = "DEVICE", default_value = "flex")]
    device: String,
    /// The run directory. Default: runs/ and the recipe's name, numbered if taken.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Show a live dashboard in the terminal.
    #[arg(long)]
    dashboard: bool,
}

/// The result as JSON: `accuracy` and `loss` are those of the best checkpoint on the test part.
#[derive(Serialize)]
struct Summary<'a> {
    run: &'a Path,
    outcome: Outcome,
    epochs: usize,
    best: Option<Best>,
    accuracy: Option<f64>,
    loss: Option<f64>,
    parameters: usize,
    seconds: f64,
}

/// A training about to begin.
struct Job {
    run: RunDirectory,
    session: Session,
    info: RunInfo,
    epochs: usize,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = device_from_name(&args.device)?;
    let job = match (&args.resume, &args.config) {
        (Some(run), _) => resume(run, args, &device, console)?,
        (None, Some(recipe)) => Some(begin(recipe, args)?),
        (None, None) => bail!("give a recipe by --config or a run by --resume"),
    };
    let Some(Job { run, session, mut info, epochs }) = job else { return Ok(ExitStatus::Done) };
    let _lock = run.lock()?;
    info.commands.push(std::env::args().collect());
    info.outcome = Outcome::Running;
    info.reason = None;
    info.device.clone_from(&args.device);
    info.threads = rayon::current_num_threads();
    info.epochs_planned = epochs;
    info.updated = now();
    run.write_info(&info)?;
    announce(&info, &run, console)?;

    let interrupter = Interrupter::new();
    stop_on_ctrl_c(interrupter.clone())?;
    let dashboard = args.dashboard && console.shows_progress();
    if args.dashboard && !dashboard {
        console.warning("--dashboard needs a terminal; plain lines instead");
    }
    let started = Instant::now();
    let result = session.train(
        &device,
        Supervision {
            run: &run,
            observer: Box::new(TrainingProgress::new(console, epochs, !dashboard)),
            interrupter,
            dashboard,
        },
    );
    info.seconds += started.elapsed().as_secs_f64();
    info.updated = now();
    let trained = match result {
        Ok(trained) => trained,
        Err(error) => {
            info.outcome = Outcome::Failed;
            info.reason = Some(error.to_string());
            info.epochs = run.epochs()?.len();
            run.write_info(&info)?;
            write_run_report(&run, None)?;
            return Err(hint_at_resume(error, &run));
        }
    };
    let test = match trained.ending {
        Ending::Interrupted => None,
        Ending::Finished | Ending::StoppedEarly => {
            session.evaluate(&run, Which::Best, Part::Test, &device)?
        }
    };
    record(&mut info, &trained, test.as_ref());
    run.write_info(&info)?;
    write_run_report(&run, test.as_ref())?;
    conclude(&run, &info, &trained, test.as_ref(), console)
}

/// A new run of a recipe.
fn begin(recipe: &Path, args: &Args) -> Result<Job> {
    let mut overrides = args.set.clone();
    if let Some(epochs) = args.epochs {
        overrides.push(format!("training.epochs={epochs}").parse()?);
    }
    let experiment = with_absolute_data(load_recipe(recipe, &overrides)?, recipe);
    let output = args.output.clone().unwrap_or_else(|| default_output(recipe));
    RunDirectory::check_new(&output)?;
    let session = Session::prepare(&experiment)?;
    let config = experiment.config();
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commands: Vec::new(),
        directory: std::env::current_dir()
            .map(|directory| directory.display().to_string())
            .unwrap_or_default(),
        device: args.device.clone(),
        threads: 0,
        seed: config.seed,
        started: now(),
        updated: now(),
        seconds: 0.0,
        outcome: Outcome::Running,
        reason: None,
        epochs: 0,
        epochs_planned: config.training.epochs,
        best: None,
        parameters: experiment.network().parameters(),
        samples: session.samples(),
        classes: session.classes().to_vec(),
        test: std::collections::BTreeMap::new(),
    };
    let run = RunDirectory::create(&output, &experiment, &info)?;
    Ok(Job { run, session, info, epochs: config.training.epochs })
}

/// An existing run, gone on with; `None` when it has nothing left to do.
fn resume(path: &Path, args: &Args, device: &Device, console: Console) -> Result<Option<Job>> {
    let run = RunDirectory::open(path)?;
    let info = run.info()?;
    let mut experiment = run.experiment()?;
    let planned = experiment.config().training.epochs;
    let epochs = args.epochs.map_or(planned, |epochs| epochs as usize);
    if epochs < info.epochs {
        bail!(
            "--epochs {epochs} is less than the {} epochs {} already has; give a larger number",
            info.epochs,
            path.display()
        );
    }
    let stopped = info.outcome == Outcome::StoppedEarly && epochs == planned;
    if info.epochs == epochs || stopped {
        console.line(format!(
            "nothing to do: {} has {} of {epochs} epochs{}; --epochs N trains on",
            path.display(),
            info.epochs,
            if stopped { " and stopped early" } else { "" }
        ))?;
        let figure = |name: &str| info.test.get(name).copied();
        console.object(&Summary {
            run: path,
            outcome: info.outcome,
            epochs: info.epochs,
            best: info.best,
            accuracy: figure("accuracy"),
            loss: figure("loss"),
            parameters: info.parameters,
            seconds: info.seconds,
        })?;
        return Ok(None);
    }
    if epochs != planned {
        experiment = experiment.with_epochs(epochs);
    }
    let session =
        Session::prepare(&experiment).map_err(|error| missing_data(error, &experiment))?;
    if session.classes() != info.classes {
        bail!(
            "{} was trained on the classes {}, the data now has {}",
            path.display(),
            info.classes.join(", "),
            session.classes().join(", ")
        );
    }
    session.check_checkpoint(&run, device)?;
    run.write_experiment(&experiment)?;
    Ok(Some(Job { run, session, info, epochs }))
}

fn missing_data(
    error: dlkit_models::tasks::classification::ClassificationError,
    experiment: &Experiment,
) -> anyhow::Error {
    anyhow::Error::new(error).context(format!(
        "the data of the run, {}, cannot be used",
        experiment.config().data.path().display()
    ))
}

fn announce(info: &RunInfo, run: &RunDirectory, console: Console) -> Result<()> {
    let count = |part: &str| thousands(info.samples.get(part).copied().unwrap_or(0));
    console.line(format!(
        "{} parameters; {} samples to train, {} to validate, {} to test; {} classes",
        thousands(info.parameters),
        count("train"),
        count("validation"),
        count("test"),
        info.classes.len()
    ))?;
    console.line(format!(
        "device {}, {} threads, seed {}; everything goes to {}",
        info.device,
        info.threads,
        info.seed,
        run.path().display()
    ))
}

fn hint_at_resume(error: TrainingError, run: &RunDirectory) -> anyhow::Error {
    let path = run.path().display().to_string();
    anyhow::Error::new(error).context(format!("the training in {path} failed"))
}

fn record(info: &mut RunInfo, trained: &Trained, test: Option<&ClassificationReport>) {
    info.outcome = match trained.ending {
        Ending::Finished => Outcome::Finished,
        Ending::StoppedEarly => Outcome::StoppedEarly,
        Ending::Interrupted => Outcome::Interrupted,
    };
    info.epochs = trained.epochs;
    info.best = trained.best;
    info.test = test
        .map(|test| [("accuracy", test.accuracy), ("loss", test.loss)])
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
}

fn conclude(
    run: &RunDirectory,
    info: &RunInfo,
    trained: &Trained,
    test: Option<&ClassificationReport>,
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
            "test accuracy {}, test loss {:.4} ({} samples, best checkpoint)",
            percent(test.accuracy),
            test.loss,
            thousands(test.samples)
        ))?;
    }
    console.line(format!("{} of training; in {path}:", seconds(info.seconds)))?;
    console.line("  report.html                 everything on one page")?;
    console.line("  metrics.csv, metrics.jsonl  figures of every epoch")?;
    console.line("  plots/                      curves as PNG and SVG")?;
    console.line("  checkpoints/, best, last    weights")?;
    console.line("  config.toml, run.json       recipe and account of the run")?;
    console.object(&Summary {
        run: run.path(),
        outcome: info.outcome,
        epochs: info.epochs,
        best: info.best,
        accuracy: test.map(|test| test.accuracy),
        loss: test.map(|test| test.loss),
        parameters: info.parameters,
        seconds: info.seconds,
    })?;
    Ok(match trained.ending {
        Ending::Interrupted => ExitStatus::Interrupted,
        Ending::Finished | Ending::StoppedEarly => ExitStatus::Done,
    })
}
