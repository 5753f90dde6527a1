//! `dlkit freeze`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::{FrozenNetwork, TOLERANCE, Verification, freeze, verify};
use dlkit_models::run::{RunDirectory, StagedFile};
use dlkit_models::tasks::TaskFacts;
use serde::Serialize;

use super::evaluate::CheckpointName;
use super::verify::{Live, tolerance};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{difference_table, thousands};
use crate::source::is_onnx;

/// Write a trained network as one ONNX file, verified against the live network.
///
/// The file holds weights, class names and how pictures become input: any ONNX runtime executes it,
/// and predict, evaluate, inspect and trace take it in place of a run. It is read back and run by
/// another runtime on samples of the run's data; if an output differs, no file is left and the
/// exit code is 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The run directory.
    run: PathBuf,
    /// The file to write, ending in .onnx.
    #[arg(long, short, value_name = "FILE.onnx")]
    output: PathBuf,
    /// Which checkpoint.
    #[arg(long, value_enum, default_value_t = CheckpointName::Best)]
    checkpoint: CheckpointName,
    /// Give probabilities as a second output.
    #[arg(long)]
    with_softmax: bool,
    /// Largest difference allowed, as a share of an output's largest value.
    #[arg(long, value_name = "SHARE", default_value_t = TOLERANCE, value_parser = tolerance)]
    tolerance: f64,
    /// Other data for verifying. Default: the data of the run.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
struct Frozen<'a> {
    run: String,
    file: String,
    written: bool,
    bytes: usize,
    tolerance: f64,
    #[serde(flatten)]
    facts: &'a TaskFacts,
    #[serde(flatten)]
    verification: Verification,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    check_output(&args.output, args.force)?;
    let device = Device::flex();
    let run = RunDirectory::open(&args.run)?;
    let live = Live::load(&run, args.checkpoint.into(), args.data.as_deref(), &device)?;
    let Live { network, metadata, inputs } = live;
    let bytes = freeze(&network, &metadata, args.with_softmax)?;
    let output = args.output.display();
    // The file gets its name once it was read back and found right.
    let staged = StagedFile::write(&args.output, &bytes)
        .with_context(|| format!("cannot write {output} (--output FILE names another place)"))?;
    let frozen = FrozenNetwork::load(staged.temporary())?;
    let verification = verify(&network, &frozen, &inputs, false)?;
    console.line(difference_table("output", &verification.outputs))?;
    let agrees = verification.agrees(args.tolerance);
    if agrees {
        staged.publish().with_context(|| format!("cannot write {output}"))?;
        console.line(format!(
            "written: {output}, {} bytes, equal to the live network on {} samples",
            thousands(bytes.len()),
            verification.samples
        ))?;
    } else {
        console.line(format!(
            "the frozen network differs from the live one by more than {:e} (--tolerance SHARE); \
             nothing was written",
            args.tolerance
        ))?;
    }
    console.object(&Frozen {
        run: args.run.display().to_string(),
        file: output.to_string(),
        written: agrees,
        bytes: bytes.len(),
        tolerance: args.tolerance,
        facts: &metadata.facts,
        verification,
    })?;
    Ok(if agrees { ExitStatus::Done } else { ExitStatus::No })
}

/// Checks where the file goes before anything slow starts.
fn check_output(output: &Path, force: bool) -> Result<()> {
    let shown = output.display();
    if output.is_dir() || !is_onnx(output) {
        bail!("--output {shown}: a file name that ends in .onnx is needed");
    }
    if output.exists() && !force {
        bail!("{shown} already exists; choose another --output or replace it by --force");
    }
    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    match parent {
        Some(parent) if !parent.is_dir() => {
            bail!("--output {shown}: there is no directory {}", parent.display())
        }
        _ => Ok(()),
    }
}
