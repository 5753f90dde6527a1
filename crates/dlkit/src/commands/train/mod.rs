//! `dlkit train`.

mod range_test;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::device::OpenDevice;
use dlkit_models::network::{Inherited, LayerSpec};
use dlkit_models::recipe::Experiment;
use dlkit_models::run::{Best, Outcome, RunDirectory, RunError, RunInfo};
use dlkit_models::tasks::{Conclusion, Job, Resumed, Resumption, Session, Start, TaskReport};
use dlkit_models::training::{Ending, Interrupter, Observer, PenaltyConfig, Trained};
use serde::Serialize;

use range_test::RangeTestArgs;

use crate::arguments::{
    DataArgs, DeviceArgs, OverrideArgs, RecipeChoice, check_outside, command, default_output,
    load_recipe, with_absolute_data,
};
use crate::console::Console;
use crate::dashboard::TerminalDashboard;
use crate::exit::ExitStatus;
use crate::interrupt::StopOnCtrlC;
use crate::progress::TrainingProgress;
use crate::report::{figure, figures_line, seconds, thousands, write_run_report};

/// Train a network from a recipe, or resume a run
///
/// The run directory keeps the recipe, metrics, checkpoints, plots and a report. After the last epoch,
/// evaluates the best checkpoint once on the test part.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit train configs/mnist/mlp.toml --output runs/mlp\n  dlkit train configs/mnist/mlp.toml --set training.learning_rate=0.01 --epochs 3\n  dlkit train --resume runs/mlp --epochs 12\n  dlkit train mine.toml --init runs/mlp\n  dlkit train mine.toml --find-learning-rate --curve rates.png"
)]
#[command(group = clap::ArgGroup::new("start").required(true).args(["recipe", "config", "resume"]))]
pub(crate) struct Args {
    #[command(flatten)]
    recipe: RecipeChoice,
    /// Run to resume from its last checkpoint.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["set", "output"], help_heading = "Input")]
    resume: Option<PathBuf>,
    /// Run or frozen file whose weights the training starts from, in all layers of the same name and shapes;
    /// classes and colors are found by what they are. The other layers start as the recipe says. A file of
    /// weights (.safetensors, .npz) may only have those of the recipe, with outputs in its order.
    #[arg(long, value_name = "RUN|FILE", conflicts_with = "resume", help_heading = "Input")]
    init: Option<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Total number of epochs; raise it to train a finished run further.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Training")]
    epochs: Option<u32>,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    device: DeviceArgs,
    /// New run directory [default: runs/NAME, numbered if taken].
    #[arg(long, short, value_name = "DIR", help_heading = "Results")]
    output: Option<PathBuf>,
    /// Live dashboard in the terminal; press q to stop.
    #[arg(long, help_heading = "Training")]
    dashboard: bool,
    #[command(flatten)]
    range_test: RangeTestArgs,
}

/// The JSON object, with the metrics of the best checkpoint on the test part by name.
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

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    refuse_unused(args, console)?;
    args.range_test.check()?;
    let device = args.device.open_named()?;
    if let (true, Some(recipe)) = (args.range_test.is_given(), args.recipe.path()) {
        let session = Session::prepare_data(&experiment(recipe, args)?)?;
        return args.range_test.run(&session, &device.device, console);
    }
    let (mut job, trained) = match (&args.resume, args.recipe.path()) {
        (Some(run), _) => match resume(run, args, &device.device)? {
            Resumed::Unfinished(job) => (*job, None),
            Resumed::Trained(job, trained) => (*job, Some(trained)),
            Resumed::Concluded(info, trained) => {
                say_nothing_to_do(run, &info, &trained, console)?;
                return Ok(ExitStatus::Done);
            }
        },
        (None, Some(recipe)) => (begin(recipe, args, console)?, None),
        (None, None) => bail!("nothing to train; give a recipe, or a run with --resume"),
    };
    console.warn_left_out(job.session().left_out());
    for note in job.session().notes() {
        console.warning(note);
    }
    let trained = match trained {
        Some(trained) => trained,
        None => train(&mut job, args, &device, console)?,
    };
    let concluded = job.conclude(&trained, &device.device)?;
    let Conclusion { run, info, test, train, doubt } = &concluded;
    write_run_report(run, run.path(), info, [test.as_ref(), train.as_ref()], console);
    concluded.write()?;
    if let Some(doubt) = doubt {
        let path = run.path().display();
        console.warning(format!("{doubt}; to see why: dlkit diagnose {path}"));
    }
    say(run, info, &trained, test.as_ref(), console)
}

/// Refuses options without effect in this call.
fn refuse_unused(args: &Args, console: Console) -> Result<()> {
    if args.dashboard && console.is_json() {
        bail!("--dashboard draws on the terminal and --json prints one object; give one of them");
    }
    let sets = |key: &str| args.overrides.set.iter().any(|change| change.key() == key);
    if args.epochs.is_some() && sets("training.epochs") {
        bail!("--epochs and --set training.epochs conflict; use one of them");
    }
    let is_set = sets("data.path");
    if args.data.path().is_some() && is_set {
        bail!("--data and --set data.path both name the data; give one of them");
    }
    Ok(())
}

/// Trains; Ctrl-C stops the training after the current step.
fn train(job: &mut Job, args: &Args, device: &OpenDevice, console: Console) -> Result<Trained> {
    announce(job, device, console)?;
    let interrupter = Interrupter::new();
    let _listening = StopOnCtrlC::new(interrupter.clone());
    let mut observer: Box<dyn Observer> = if args.dashboard && console.shows_dashboard() {
        let (measures, done) = (job.session().measures(), job.run().progress()?.epochs);
        Box::new(TerminalDashboard::open(measures, [done, job.epochs()], interrupter.clone()))
    } else {
        if args.dashboard {
            console.warning("--dashboard needs a terminal; printing plain lines instead");
        }
        Box::new(TrainingProgress::new(console, job.epochs()))
    };
    // A GPU that fails panics in Burn: the report is written all the same.
    let result = catch_unwind(AssertUnwindSafe(|| job.train(device, &mut *observer, interrupter)));
    drop(observer);
    if let Ok(Ok(trained)) = result {
        return Ok(trained);
    }
    write_run_report(job.run(), job.run().path(), job.info(), [None, None], console);
    if let Some(unwritten) = job.unwritten() {
        console.warning(unwritten);
    }
    let failed = || format!("{}: training failed", job.run().path().display());
    match result {
        Ok(result) => result.with_context(failed),
        Err(panic) => resume_unwind(panic),
    }
}

/// The experiment of a recipe, with all that the options change.
fn experiment(recipe: &Path, args: &Args) -> Result<Experiment> {
    let mut overrides = args.overrides.set.clone();
    if let Some(epochs) = args.epochs {
        overrides.push(format!("training.epochs={epochs}").parse()?);
    }
    let experiment = with_absolute_data(load_recipe(recipe, &overrides)?, recipe);
    args.data.applied(experiment)
}

/// Prepares a new run of a recipe.
fn begin(recipe: &Path, args: &Args, console: Console) -> Result<Job> {
    let experiment = experiment(recipe, args)?;
    if let Some(output) = &args.output {
        RunDirectory::check_new(output)?;
        check_outside(
            "--output",
            output,
            &experiment.config().data.path().into_iter().collect::<Vec<_>>(),
        )?;
    }
    let session = Session::prepare_data(&experiment)?;
    let start = args.init.as_ref().map(|source| Start::new(&session, source)).transpose()?;
    if let Some(start) = &start {
        say_start(start, console)?;
    }
    let create = |experiment: &Experiment, info: &RunInfo| create(recipe, args, experiment, info);
    Ok(Job::begin_with(session, start, command(), create)?)
}

/// Prints which weights are taken.
fn say_start(Start { source, inherited }: &Start, console: Console) -> Result<()> {
    let Inherited { taken, fresh, outputs, .. } = inherited;
    let (source, layers) = (source.display(), taken.len() + fresh.len());
    let outputs = match outputs {
        Some([known, all]) if known < all => format!(", {known} of {all} outputs"),
        _ => String::new(),
    };
    console.line(format!("starts from {source}: {} of {layers} layers{outputs}", taken.len()))?;
    for (layer, reason) in fresh {
        console.line(format!("  {layer} starts anew: {reason}"))?;
    }
    Ok(())
}

/// Creates the run directory. Without --output, takes the next free number for the recipe, even if other
/// processes do the same.
fn create(
    recipe: &Path,
    args: &Args,
    experiment: &Experiment,
    info: &RunInfo,
) -> Result<RunDirectory, RunError> {
    if let Some(output) = &args.output {
        return RunDirectory::create(output, experiment, info);
    }
    loop {
        let output = default_output(recipe);
        match RunDirectory::create(&output, experiment, info) {
            Err(RunError::Exists(taken)) if default_output(recipe) != taken => {}
            Err(RunError::Busy(_)) => {}
            result => return result,
        }
    }
}

/// Opens an existing run.
fn resume(path: &Path, args: &Args, device: &Device) -> Result<Resumed> {
    let epochs = args.epochs.map(|epochs| epochs as usize);
    let changes = Resumption { epochs, data: args.data.path() };
    Ok(Job::resume(path, changes, device, command())?)
}

fn say_nothing_to_do(
    path: &Path,
    info: &RunInfo,
    trained: &Trained,
    console: Console,
) -> Result<()> {
    console.line(format!(
        "nothing to do: {} is already trained for {} epochs{}; raise --epochs to continue",
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

fn announce(job: &Job, device: &OpenDevice, console: Console) -> Result<()> {
    let info = job.info();
    let count = |part: &str| thousands(info.samples.get(part).copied().unwrap_or(0));
    console.line(format!(
        "{} parameters; {} training samples, {} validation, {} test; {}",
        thousands(info.parameters),
        count("train"),
        count("validation"),
        count("test"),
        info.facts.description()
    ))?;
    console.line(format!(
        "device {}, {} threads, seed {}; run directory {}",
        device.name,
        rayon::current_num_threads(),
        info.seed,
        job.run().path().display()
    ))?;
    if let Some(weights) = job.session().class_weights() {
        console.line(format!("class weights {}", class_weights(&weights)))?;
    }
    let experiment = job.session().experiment();
    let layers = experiment.network().layers().iter();
    let frozen = layers.filter(|layer| experiment.config().training.freezes(layer));
    let frozen: Vec<&str> = frozen.map(LayerSpec::name).collect();
    if !frozen.is_empty() {
        console.line(format!("frozen layers: {}", frozen.join(", ")))?;
    }
    let penalty = experiment.config().penalty;
    match penalty.filter(PenaltyConfig::is_active) {
        Some(penalty) => console.line(format!("penalty {}", penalty.description())),
        None => Ok(()),
    }
}

/// Weights of classes by name; of many classes, the first.
fn class_weights(weights: &[(&str, f32)]) -> String {
    const MOST: usize = 10;
    let texts: Vec<String> = weights
        .iter()
        .take(MOST)
        .map(|(class, weight)| format!("{class} {}", figure(f64::from(*weight), 4)))
        .collect();
    let more = if weights.len() > MOST { ", ..." } else { "" };
    format!("{}{more}", texts.join(", "))
}

/// Prints how the training ended, and the files of the run.
fn say(
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
            "interrupted after {} epochs; resume with: dlkit train --resume {path}",
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
    console.line(format!("trained for {}; {path} holds:", seconds(info.seconds)))?;
    console.line("  report.html                 everything on one page")?;
    console.line("  metrics.csv, metrics.jsonl  metrics of every epoch")?;
    console.line("  plots/                      curves as PNG and SVG")?;
    console.line("  checkpoints/, best, last    weights")?;
    console.line("  config.toml, run.json       recipe and record of the run")?;
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
