//! `dlkit freeze`.

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_models::Device;
use dlkit_models::freeze::{FrozenNetwork, Metadata, Verification, freeze, verify};
use dlkit_models::tasks::{NetworkPath, TaskFacts};
use serde::Serialize;

use super::verify::{Live, undefined_values};
use crate::arguments::{DataArgs, OutputFile, RunArgs, ToleranceArgs};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{difference_table, thousands};

/// Freeze a trained network to one ONNX file, verified against the live network
///
/// The file holds weights, class names and the preparation of pictures. Any ONNX runtime executes it;
/// predict, evaluate, inspect and trace accept it in place of a run. Another runtime reads the file back and
/// executes it on samples of the run's data. If an output differs, dlkit writes no file and exits with
/// code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit freeze runs/mlp --output mlp.onnx\n  dlkit freeze runs/mlp --output mlp.onnx --with-softmax\n  dlkit predict mlp.onnx datasets/digits"
)]
pub(crate) struct Args {
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    output: OutputFile,
    /// Probabilities as a second output.
    #[arg(long, help_heading = "Results")]
    with_softmax: bool,
    #[command(flatten)]
    tolerance: ToleranceArgs,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Serialize)]
struct Frozen<'a> {
    run: String,
    file: String,
    written: bool,
    /// Why no file was written.
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
    check_output(&args.output)?;
    let device = Device::flex();
    let Live { network, metadata, inputs } = Live::load(&args.run.open()?, &args.data, &device)?;
    let bytes = freeze(&network, &metadata, args.with_softmax)?;
    let output = args.output.name();
    // The file gets its name only after it is verified.
    let staged = StagedFile::write(&args.output.output, &bytes)
        .with_context(|| format!("cannot write {output}"))?;
    let unread = || format!("{output}: not written; its content would be unusable");
    let frozen = FrozenNetwork::load(staged.temporary()).with_context(unread)?;
    let verification = verify(&network, &frozen, &inputs, false).with_context(unread)?;
    console.line(difference_table("output", &verification.outputs))?;
    let wrong = wrong(args, &metadata, &frozen, &verification);
    if let Some(wrong) = &wrong {
        console.line(format!("{wrong}; nothing was written"))?;
    } else {
        args.output.publish(staged)?;
        console.line(format!(
            "written: {output}, {} bytes, equal to the live network on {} samples",
            thousands(bytes.len()),
            verification.samples
        ))?;
    }
    console.object(&Frozen {
        run: args.run.run.display().to_string(),
        file: output,
        written: wrong.is_none(),
        reason: wrong.as_deref(),
        bytes: bytes.len(),
        tolerance: args.tolerance.tolerance,
        facts: &metadata.facts,
        verification,
    })?;
    Ok(if wrong.is_none() { ExitStatus::Done } else { ExitStatus::No })
}

/// Why the file differs from the live network, if it does.
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
        return Some(format!("the metadata `{}` differs when read back", differences.join("`, `")));
    }
    undefined_values(verification).or_else(|| {
        (!verification.agrees(args.tolerance.tolerance)).then(|| {
            format!(
                "the frozen network differs from the live network by more than {:e} (--tolerance SHARE)",
                args.tolerance.tolerance
            )
        })
    })
}

/// Checks the output path before slow work starts.
fn check_output(output: &OutputFile) -> Result<()> {
    if NetworkPath::of(&output.output) == NetworkPath::Other {
        bail!("--output {}: the file name must end in .onnx", output.name());
    }
    output.check()
}
