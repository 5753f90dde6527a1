//! `dlkit freeze`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::{FrozenNetwork, Metadata, TOLERANCE, Verification, freeze, verify};
use dlkit_models::run::{RunDirectory, StagedFile};
use dlkit_models::tasks::TaskFacts;
use serde::Serialize;

use super::evaluate::CheckpointName;
use super::verify::{Live, tolerance, undefined_values};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::output::{check_file, publish};
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
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
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
    let unread = || format!("{output} was not written: what would be in it cannot be used");
    let frozen = FrozenNetwork::load(staged.temporary()).with_context(unread)?;
    let verification = verify(&network, &frozen, &inputs, false).with_context(unread)?;
    console.line(difference_table("output", &verification.outputs))?;
    let wrong = wrong(args, &metadata, &frozen, &verification);
    if let Some(wrong) = &wrong {
        console.line(format!("{wrong}; nothing was written"))?;
    } else {
        publish(staged, args.force)?;
        console.line(format!(
            "written: {output}, {} bytes, equal to the live network on {} samples",
            thousands(bytes.len()),
            verification.samples
        ))?;
    }
    console.object(&Frozen {
        run: args.run.display().to_string(),
        file: output.to_string(),
        written: wrong.is_none(),
        reason: wrong.as_deref(),
        bytes: bytes.len(),
        tolerance: args.tolerance,
        facts: &metadata.facts,
        verification,
    })?;
    Ok(if wrong.is_none() { ExitStatus::Done } else { ExitStatus::No })
}

/// Why a file that was read back is not the live network.
fn wrong(
    args: &Args,
    metadata: &Metadata,
    frozen: &FrozenNetwork,
    verification: &Verification,
) -> Option<String> {
    let mut differences = metadata.differences(frozen.metadata());
    if !frozen.is_unchanged() {
        differences.push("sha256");
    }
    if !differences.is_empty() {
        return Some(format!(
            "the metadata `{}` is read back differently",
            differences.join("`, `")
        ));
    }
    undefined_values(verification).or_else(|| {
        (!verification.agrees(args.tolerance)).then(|| {
            format!(
                "the frozen network differs from the live one by more than {:e} (--tolerance SHARE)",
                args.tolerance
            )
        })
    })
}

/// Checks where the file goes before anything slow starts.
fn check_output(output: &Path, force: bool) -> Result<()> {
    if output.is_dir() || !is_onnx(output) {
        bail!("--output {}: a file name that ends in .onnx is needed", output.display());
    }
    check_file(output, force)
}
