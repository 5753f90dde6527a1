//! `dlkit freeze`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_models::Device;
use dlkit_models::freeze::{
    FrozenNetwork, Metadata, Verification, freeze, gives_probabilities, python_script, verify,
};
use dlkit_models::network::NetworkSpec;
use dlkit_models::tasks::{NetworkPath, TaskFacts};
use serde::Serialize;

use super::verify::{Live, undefined_values};
use crate::arguments::{DataArgs, OutputFile, RunArgs, ToleranceArgs, check_no_run};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{difference_table, thousands};

/// Freeze a trained network to one ONNX file, verified against the live network
///
/// The file holds weights, class names and the preparation of pictures and tables; probabilities of classes are
/// its second output. Any ONNX runtime executes it; predict, evaluate, inspect and trace accept it in place
/// of a run. Another runtime reads the file back and executes it on samples of the run's data. If an output
/// differs, dlkit writes no file and exits with code 1.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit freeze runs/mlp --output mlp.onnx\n  dlkit freeze runs/mlp --output mlp.onnx --python mlp.py\n  dlkit predict mlp.onnx datasets/digits"
)]
pub(crate) struct Args {
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    output: OutputFile,
    /// Python program that predicts from pictures or tables with the file, without dlkit.
    #[arg(long, value_name = "FILE.py", help_heading = "Results")]
    python: Option<PathBuf>,
    /// Outputs of the last layer only, without the probabilities of a classifier.
    #[arg(long, help_heading = "Results")]
    logits: bool,
    /// Probabilities as a second output, as is the default, or an error where there are none.
    #[arg(long, conflicts_with = "logits", hide = true)]
    with_softmax: bool,
    #[command(flatten)]
    tolerance: ToleranceArgs,
    #[command(flatten)]
    data: DataArgs,
}

impl Args {
    /// Whether probabilities are a second output.
    fn softmax(&self, network: &NetworkSpec, metadata: &Metadata) -> Result<bool> {
        let gives = gives_probabilities(network, metadata);
        if self.logits && (!gives || network.ends_in_softmax()) {
            bail!(
                "--logits leaves out the softmax of a classifier that was trained by cross-entropy; {} has none, \
                 so leave it out",
                self.run.name()
            );
        }
        // Where it was asked for, freezing refuses what gives none.
        Ok(self.with_softmax || gives && !self.logits)
    }

    /// Checks the output paths before slow work starts.
    fn check(&self) -> Result<()> {
        if NetworkPath::of(&self.output.output) == NetworkPath::Other {
            bail!("--output {}: the file name must end in .onnx", self.output.name());
        }
        self.output.check()?;
        let Some(python) = &self.python else { return Ok(()) };
        if python.extension().is_none_or(|ending| ending != "py") {
            bail!("--python {}: the file name must end in .py", python.display());
        }
        check_no_run("--python", python)?;
        check_distinct(
            &[],
            &[("--output", Some(&*self.output.output)), ("--python", Some(python.as_path()))],
        )?;
        Ok(check_file("--python", python, self.output.is_forced())?)
    }

    /// The Python program, on disk but without its name.
    fn staged_python(&self, facts: &TaskFacts) -> Result<Option<StagedFile>> {
        let Some(python) = &self.python else { return Ok(None) };
        let program = python_script(facts, &self.output.output, python)?;
        let staged = StagedFile::write(python, program.as_bytes())
            .with_context(|| format!("cannot write {}", python.display()))?;
        Ok(Some(staged))
    }
}

#[derive(Serialize)]
struct Frozen<'a> {
    run: String,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    python: Option<String>,
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
    args.check()?;
    let device = Device::flex();
    let trained = args.run.open()?;
    let program = args.staged_python(trained.facts())?;
    let Live { network, metadata, inputs } = Live::load(&trained, &args.data, &device)?;
    let bytes = freeze(&network, &metadata, args.softmax(network.spec(), &metadata)?)?;
    let output = args.output.name();
    // The file gets its name only after it is verified.
    let staged = StagedFile::write(&args.output.output, &bytes)
        .with_context(|| format!("cannot write {output}"))?;
    let unread = || format!("{output}: not written; its content would be unusable");
    let frozen = FrozenNetwork::load(staged.temporary()).with_context(unread)?;
    let verification = verify(&network, &frozen, &inputs, false).with_context(unread)?;
    console.line(difference_table("output", &verification.outputs))?;
    let wrong = wrong(args, &metadata, &frozen, &verification);
    let mut python = None;
    if let Some(wrong) = &wrong {
        console.line(format!("{wrong}; nothing was written"))?;
    } else {
        args.output.publish(staged)?;
        console.line(format!(
            "written: {output}, {} bytes, equal to the live network on {} samples",
            thousands(bytes.len()),
            verification.samples
        ))?;
        python = published(program, args, &metadata.facts, console)?;
    }
    console.object(&Frozen {
        run: args.run.run.display().to_string(),
        file: output,
        python,
        written: wrong.is_none(),
        reason: wrong.as_deref(),
        bytes: bytes.len(),
        tolerance: args.tolerance.tolerance,
        facts: &metadata.facts,
        verification,
    })?;
    Ok(if wrong.is_none() { ExitStatus::Done } else { ExitStatus::No })
}

/// Gives the Python program its name, if there is one, and says what it needs.
fn published(
    program: Option<StagedFile>,
    args: &Args,
    facts: &TaskFacts,
    console: Console,
) -> Result<Option<String>> {
    let Some(program) = program else { return Ok(None) };
    let path = publish("--python", program, args.output.is_forced())?.display().to_string();
    let needs = if facts.pictures().is_some() {
        "numpy, pillow and onnxruntime"
    } else {
        "numpy and onnxruntime"
    };
    console.line(format!("written: {path}; it needs {needs}"))?;
    Ok(Some(path))
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
