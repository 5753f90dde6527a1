//! `dlkit diagnose`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use dlkit_models::run::{Outcome, RunDirectory};
use dlkit_models::training::{Diagnosis, LayerMeasure};
use serde::Serialize;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::write_picture;
use crate::report::{Align, TextTable, layer_profiles, measure_cell, measure_label};

/// Show why a network does not learn: gradients, updates and dead units of every layer.
///
/// Takes runs that were trained with diagnostics (--set diagnostics.every=10), shows their layers
/// from input to output, and says what stands out and what to try.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run directories.
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Look at this epoch instead of the last.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epoch: Option<u32>,
    /// Write figures of the layers into this directory, the runs beside each other, as SVG and PNG.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer<'a> {
    runs: Vec<DiagnosedRun<'a>>,
    figures: Vec<String>,
}

#[derive(Serialize)]
struct DiagnosedRun<'a> {
    run: &'a str,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let mut runs = Vec::new();
    for path in &args.runs {
        let (diagnosis, epoch) = diagnose(path, args.epoch)?;
        let name = path.display().to_string();
        console.line(text(&name, &diagnosis, &epoch))?;
        runs.push((name, diagnosis));
    }
    let mut figures = Vec::new();
    if let Some(directory) = &args.output {
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        for (stem, chart) in layer_profiles(&runs) {
            let path = directory.join(stem);
            write_picture(&chart.to_svg(), &path)?;
            figures.push(path.with_extension("png").display().to_string());
        }
        console.line(format!("written: {} (and .svg)", figures.join(", ")))?;
    }
    let runs = runs.iter().map(|(run, diagnosis)| DiagnosedRun { run, diagnosis }).collect();
    console.object(&Answer { runs, figures })?;
    Ok(ExitStatus::Done)
}

/// What an epoch of a run says, and which epoch that is.
fn diagnose(path: &Path, epoch: Option<u32>) -> Result<(Diagnosis, String)> {
    let run = RunDirectory::open(path)?;
    let info = run.info()?;
    let records = run.epochs()?;
    let diverged = run.diverged()?;
    let chosen = match epoch {
        None => diverged.as_ref().or(records.last()),
        Some(epoch) => {
            let all = diverged.iter().chain(&records);
            Some(all.clone().find(|record| record.epoch == epoch as usize).ok_or_else(|| {
                let last = all.map(|record| record.epoch).max().unwrap_or(0);
                anyhow!("--epoch {epoch}: {} has the epochs 1 to {last}", path.display())
            })?)
        }
    };
    let Some(record) = chosen else {
        match info.epochs {
            0 => bail!("{} has no finished epoch", path.display()),
            epochs => bail!(
                "{} has {epochs} epochs, but no figures of them: metrics.jsonl is empty or missing",
                path.display()
            ),
        }
    };
    let diagnosis = Diagnosis::new(run.experiment()?.network(), record).ok_or_else(|| {
        anyhow!(
            "{} was trained without diagnostics; train it again with --set diagnostics.every=10",
            path.display()
        )
    })?;
    let what = match info.outcome {
        _ if diverged.as_ref().is_some_and(|diverged| diverged.epoch == record.epoch) => {
            ", which diverged"
        }
        Outcome::Interrupted => "; the training was interrupted",
        Outcome::Running => "; the training is going on or was cut",
        _ => "",
    };
    Ok((diagnosis, format!("epoch {} of {}{what}", record.epoch, info.epochs_planned)))
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
    let findings: Vec<String> =
        diagnosis.findings.iter().map(|finding| format!("- {finding}")).collect();
    let findings =
        if findings.is_empty() { "nothing stands out".to_owned() } else { findings.join("\n") };
    format!("{run}, {epoch}\n{table}\n{findings}\n")
}
