//! `dlkit prune`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use dlkit_models::Device;
use dlkit_models::network::{Network, NetworkSummary, prune};
use dlkit_models::recipe::Experiment;
use dlkit_models::run::{RunDirectory, RunInfo};
use dlkit_models::tasks::{ImportedRun, KeptRun, Part, Session, TaskReport};
use serde::Serialize;

use crate::arguments::{DataArgs, NewRunArgs, RunArgs, command};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, figure, is_share, percent, thousands, write_run_report};

/// Number of samples on which the two networks are compared.
const SAMPLES: usize = 1_000;

/// Largest difference due to rounding, as a share of the largest output.
const TOLERANCE: f64 = 1e-6;

/// Remove the neurons and channels of a run that have no effect
///
/// Removes neurons without weights in or out, as an L1 penalty leaves them, and folds constants into the
/// next biases. The smaller network becomes a new run, which you can apply, freeze and resume. Without
/// --threshold, the outputs must stay equal; if they differ, dlkit writes no run and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit prune runs/l1 --output runs/l1-small\n  dlkit prune runs/l1 --threshold 1e-4 --output runs/l1-smaller"
)]
pub(crate) struct Args {
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    new: NewRunArgs,
    /// Magnitude up to which a weight counts as zero.
    #[arg(long, value_name = "SIZE", default_value_t = 0.0, value_parser = size)]
    threshold: f64,
    #[command(flatten)]
    data: DataArgs,
}

fn size(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(size) if size.is_finite() && size >= 0.0 => Ok(size),
        _ => Err("give a non-negative number, such as 1e-4".to_owned()),
    }
}

/// Size and metrics of a network.
#[derive(Serialize)]
struct Figures {
    neurons: Vec<usize>,
    parameters: usize,
    bytes: usize,
    multiply_adds: usize,
    /// Metrics on the test part, or else on the validation or training part.
    test: BTreeMap<String, f64>,
}

#[derive(Serialize)]
struct Answer {
    run: String,
    output: String,
    written: bool,
    /// Of the run's own data; other data has no parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<&'static str>,
    layers: Vec<String>,
    before: Figures,
    after: Figures,
    samples: usize,
    /// Largest difference of outputs, as a share of the largest output.
    largest_difference: f64,
    /// Number of dead neurons that could not be removed.
    dead_neurons: usize,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    RunDirectory::check_new(&args.new.output)?;
    let device = Device::flex();
    let trained = args.run.open()?;
    let run = trained.run().context("not a run directory")?;
    let experiment = run.experiment.clone();
    let network = trained.network(&device)?;
    let pruned = prune(&experiment.config().network, &network, args.threshold)?;
    let session = run.session(args.data.path())?;
    let inputs = session.sample_inputs(SAMPLES, &device)?;
    let outputs = |network: &Network| -> Vec<f64> {
        network.forward(inputs.clone()).into_data().iter().collect()
    };
    let difference = relative_difference(&outputs(&network), &outputs(&pruned.network));
    // The parts of other data mean nothing to the run: there, only outputs are compared.
    let measured = if run.owns(&session) {
        Some(errors(&session, &network, &pruned.network, &device)?)
    } else {
        None
    };
    let [before, after] = [0, 1].map(|place| measured.as_ref().map(|(_, reports)| &reports[place]));
    let smaller = experiment.with_network(pruned.config.clone())?;
    let dead = pruned.dead_neurons();
    let summary = |network: &Network| NetworkSummary::new(network.spec());
    let answer = Answer {
        run: args.run.name(),
        output: args.new.output.display().to_string(),
        written: args.threshold > 0.0 || difference <= TOLERANCE,
        part: measured.as_ref().map(|(part, _)| part.name()),
        layers: hidden_layers(&summary(&network)).map(|(name, _)| name).collect(),
        before: figures(&summary(&network), before),
        after: figures(&summary(&pruned.network), after),
        samples: inputs.dims()[0],
        largest_difference: difference,
        dead_neurons: dead,
    };
    say(&answer, console)?;
    if answer.written {
        let test = measured.as_ref().filter(|(part, _)| *part == Part::Test);
        let test = test.map(|(_, [_, after])| after);
        write(args, run, (&smaller, pruned.network), test, console)?;
        console.line(format!(
            "written: {}, a run for dlkit predict, freeze and train --resume",
            answer.output
        ))?;
    } else {
        console.line(format!("outputs differ by more than {TOLERANCE:e}; nothing was written"))?;
    }
    console.object(&answer)?;
    Ok(if answer.written { ExitStatus::Done } else { ExitStatus::No })
}

/// Metrics before and after pruning on the first available part: test, validation, train.
fn errors(
    session: &Session,
    before: &Network,
    after: &Network,
    device: &Device,
) -> Result<(Part, [TaskReport; 2])> {
    for part in [Part::Test, Part::Validation, Part::Train] {
        let report = |network: &Network| session.evaluate_network(network.clone(), part, device);
        if let (Some(before), Some(after)) = (report(before)?, report(after)?) {
            return Ok((part, [before, after]));
        }
    }
    anyhow::bail!("no samples to compare on")
}

fn relative_difference(before: &[f64], after: &[f64]) -> f64 {
    let largest = before.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let pairs = before.iter().zip(after).map(|(before, after)| (before - after).abs());
    // `f64::max` would ignore undefined values.
    let difference = pairs.fold(0.0, |most: f64, value| if value <= most { most } else { value });
    if difference == 0.0 { 0.0 } else { difference / largest }
}

/// Names and numbers of neurons of the layers with weights.
fn hidden_layers(summary: &NetworkSummary) -> impl Iterator<Item = (String, usize)> {
    let weighted = summary.layers.iter().filter(|layer| layer.multiply_adds > 0);
    weighted.map(|layer| (layer.name.clone(), layer.output.channels()))
}

fn figures(summary: &NetworkSummary, report: Option<&TaskReport>) -> Figures {
    Figures {
        neurons: hidden_layers(summary).map(|(_, neurons)| neurons).collect(),
        parameters: summary.trainable_parameters + summary.fixed_parameters,
        bytes: summary.bytes,
        multiply_adds: summary.multiply_adds,
        test: report.map(TaskReport::defined_figures).unwrap_or_default(),
    }
}

fn say(answer: &Answer, console: Console) -> Result<()> {
    let right = Align::Right;
    let mut table = TextTable::new(&[("", Align::Left), ("before", right), ("after", right)]);
    let (before, after) = (&answer.before, &answer.after);
    let layers = answer.layers.iter().zip(before.neurons.iter().zip(&after.neurons));
    for (name, (before, after)) in layers {
        table.row([format!("neurons, {name}"), thousands(*before), thousands(*after)]);
    }
    for (name, before, after) in [
        ("parameters", before.parameters, after.parameters),
        ("bytes", before.bytes, after.bytes),
        ("multiply-adds", before.multiply_adds, after.multiply_adds),
    ] {
        table.row([name.to_owned(), thousands(before), thousands(after)]);
    }
    for (name, value) in &before.test {
        let text = |value: &f64| {
            if is_share(name) { percent(*value) } else { figure(*value, 6) }
        };
        let cells = [Some(value), after.test.get(name)];
        let [before, after] = cells.map(|value| value.map_or_else(|| "-".to_owned(), text));
        let name = format!("{}, {} part", name.replace('_', " "), answer.part.unwrap_or_default());
        table.row([name, before, after]);
    }
    console.line(table)?;
    if answer.dead_neurons > 0 {
        console.line(format!(
            "{} dead neurons kept: each layer keeps one, and a constant cannot be folded past padding or \
             into a layer without bias or batch norm",
            answer.dead_neurons
        ))?;
    }
    console.line(format!(
        "largest difference of outputs on {} samples: {:.1e} of the largest output",
        thousands(answer.samples),
        answer.largest_difference
    ))
}

/// Creates a run of the smaller network, completely or not at all.
fn write(
    args: &Args,
    run: &KeptRun,
    smaller: (&Experiment, Network),
    test: Option<&TaskReport>,
    console: Console,
) -> Result<()> {
    let test_figures = test.map(TaskReport::defined_figures).unwrap_or_default();
    let origin = RunInfo { test: test_figures, ..run.info.clone() };
    let reason = format!("pruned from {}", args.run.name());
    let output = &args.new.output;
    let imported = ImportedRun::create(output, smaller, origin, reason, &command())?;
    write_run_report(imported.run(), output, imported.info(), [test, None], console);
    imported.publish()?;
    Ok(())
}
