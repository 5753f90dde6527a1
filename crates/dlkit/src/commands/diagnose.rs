//! `dlkit diagnose`.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use dlkit_models::Device;
use dlkit_models::run::{Outcome, RunDirectory};
use dlkit_models::tasks;
use dlkit_models::training::{Diagnosis, LayerMeasure};
use serde::Serialize;

use crate::arguments::{Failures, Folder, OutputDirectory, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, layer_profiles, measure_cell, measure_label};

/// Diagnose why a network does not learn
///
/// Looks at the losses of its epochs, its recipe, its inputs and labels, and at gradients, weights and units of
/// every layer; names what stands out, its likely cause, and what to try. Runs trained with diagnostics (--set
/// diagnostics.every=10) also tell of every epoch and of the size of steps. With --output, draws the layers of all
/// runs (SVG, PNG). Reports a run that cannot be used, continues with the others, and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit train configs/mnist/vanishing-gradients.toml --output runs/deep\n  dlkit diagnose runs/deep\n  dlkit diagnose runs/deep runs/relu --output layers"
)]
pub(crate) struct Args {
    /// Run directories.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Epoch to show, of runs with diagnostics [default: the last].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: Option<u32>,
    #[command(flatten)]
    output: OutputDirectory,
}

#[derive(Serialize)]
struct Answer<'a> {
    runs: Vec<DiagnosedRun<'a>>,
    figures: Vec<String>,
    #[serde(flatten)]
    failures: Failures,
}

#[derive(Serialize)]
struct DiagnosedRun<'a> {
    run: &'a str,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let names: Vec<String> =
        LayerMeasure::ALL.iter().flat_map(|measure| picture_names(measure.name())).collect();
    let folder = args.output.open(&names)?;
    let (mut runs, mut failures) = (Vec::new(), Failures::default());
    for path in &args.runs {
        match diagnose(path, args.epoch) {
            Ok((diagnosis, epoch)) => {
                let name = path.display().to_string();
                console.line(text(&name, &diagnosis, &epoch))?;
                runs.push((name, diagnosis));
            }
            Err(error) => failures.add(path, &error),
        }
    }
    let figures = match &folder {
        Some(folder) if !runs.is_empty() => draw(&runs, folder)?,
        _ => Vec::new(),
    };
    if !figures.is_empty() {
        console.line(format!("written: {} (and .svg)", figures.join(", ")))?;
    }
    let status = failures.conclude(runs.len());
    let runs = runs.iter().map(|(run, diagnosis)| DiagnosedRun { run, diagnosis }).collect();
    console.object(&Answer { runs, figures, failures })?;
    Ok(status)
}

/// Draws the layers of all runs in one chart for each measure.
fn draw(runs: &[(String, Diagnosis)], folder: &Folder) -> Result<Vec<String>> {
    let charts = layer_profiles(runs).into_iter();
    let written = charts.map(|(stem, chart)| {
        let [_, png] = folder.write_picture(stem, &chart.to_svg())?;
        Ok(png)
    });
    written.collect()
}

/// Diagnosis of a run, or of one of its epochs, and a description of the epoch.
fn diagnose(path: &Path, epoch: Option<u32>) -> Result<(Diagnosis, String)> {
    let run = RunDirectory::open(path)?;
    let info = run.info()?;
    let diagnosis = match epoch {
        Some(epoch) => of_epoch(&run, epoch)?,
        None => tasks::diagnose(&run, &Device::flex())?,
    };
    let diverged = run.diverged()?.is_some_and(|record| record.epoch == diagnosis.epoch);
    let what = match info.outcome {
        _ if diverged => ", which diverged",
        Outcome::Interrupted => "; training was interrupted",
        Outcome::Running => "; still training, or interrupted",
        _ => "",
    };
    let description = format!("epoch {} of {}{what}", diagnosis.epoch, info.epochs_planned);
    Ok((diagnosis, description))
}

/// Diagnosis of the layers as they were in an epoch.
fn of_epoch(run: &RunDirectory, epoch: u32) -> Result<Diagnosis> {
    let path = run.path().display();
    let (records, diverged) = (run.epochs()?, run.diverged()?);
    let all = || diverged.iter().chain(&records);
    let record = all().find(|record| record.epoch == epoch as usize).ok_or_else(|| {
        let last = all().map(|record| record.epoch).max().unwrap_or(0);
        anyhow!("--epoch {epoch}: {path} has epochs 1 to {last}")
    })?;
    Diagnosis::new(run.experiment()?.network(), record).ok_or_else(|| {
        anyhow!(
            "--epoch {epoch}: {path} was trained without diagnostics, which are kept for each epoch; omit \
             --epoch, or train again with --set diagnostics.every=10"
        )
    })
}

fn text(run: &str, diagnosis: &Diagnosis, epoch: &str) -> String {
    let mut table = TextTable::new(&[("layer", Align::Left)]);
    for measure in LayerMeasure::ALL {
        table.column(measure_label(measure), Align::Right);
    }
    for layer in &diagnosis.layers {
        let cells = LayerMeasure::ALL.map(|measure| measure_cell(measure, layer.figure(measure)));
        table.row([layer.layer.clone()].into_iter().chain(cells));
    }
    let table = if diagnosis.layers.is_empty() { String::new() } else { format!("{table}\n") };
    let findings: Vec<String> =
        diagnosis.findings.iter().map(|finding| format!("- {finding}")).collect();
    let findings =
        if findings.is_empty() { "nothing unusual".to_owned() } else { findings.join("\n") };
    let notes = diagnosis.notes.join("\n");
    format!("{run}, {epoch}\n{table}{findings}\n{notes}\n")
}
