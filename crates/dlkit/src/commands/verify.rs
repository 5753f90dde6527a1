//! `dlkit verify`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use dlkit_models::Device;
use dlkit_models::Tensor;
use dlkit_models::freeze::{FreezeError, FrozenNetwork, Metadata, Verification, verify};
use dlkit_models::network::Network;
use dlkit_models::tasks::TrainedNetwork;
use serde::Serialize;

use crate::arguments::{DataArgs, RunArgs, ToleranceArgs};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::difference_table;

/// Number of samples for the verification.
const SAMPLES: usize = 64;

/// Verify that a frozen file equals its run
///
/// Another runtime executes the file on samples of the run's data. The exit code is 0 if the networks are
/// the same, 1 if they differ, and 2 if it cannot be decided: not a frozen file, unsupported version, too
/// large.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit verify runs/mlp mlp.onnx\n  dlkit verify runs/mlp mlp.onnx --layers --tolerance 1e-6"
)]
pub(crate) struct Args {
    #[command(flatten)]
    run: RunArgs,
    /// Frozen file.
    #[arg(value_name = "FILE.onnx")]
    file: PathBuf,
    /// Comparison of the values after every layer, to name the first layer that differs.
    #[arg(long)]
    layers: bool,
    #[command(flatten)]
    tolerance: ToleranceArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// The network of a run, the metadata of its frozen file, and sample inputs.
pub(crate) struct Live {
    pub(crate) network: Network,
    pub(crate) metadata: Metadata,
    pub(crate) inputs: Tensor<4>,
}

impl Live {
    /// Loads the run; `data` replaces its data.
    pub(crate) fn load(trained: &TrainedNetwork, data: &DataArgs, device: &Device) -> Result<Self> {
        let kept = trained.run().context("not a run directory")?;
        let metadata = Metadata::of_experiment(&kept.experiment, trained.facts().clone())?
            .deciding_at(trained.threshold());
        let inputs = kept.session(data.path())?.sample_inputs(SAMPLES, device)?;
        Ok(Self { network: trained.network(device)?, metadata, inputs })
    }
}

/// Names the weights of a file that are infinite or undefined, if any.
fn undefined_weights(verification: &Verification) -> Option<String> {
    let names = &verification.undefined_weights;
    (!names.is_empty())
        .then(|| format!("infinite or undefined values in the weights `{}`", names.join("`, `")))
}

/// Names the weights, or else the outputs, that are infinite or undefined, if any.
pub(crate) fn undefined_values(verification: &Verification) -> Option<String> {
    if let Some(weights) = undefined_weights(verification) {
        return Some(weights);
    }
    let undefined = verification.outputs.iter().filter(|output| !output.is_finite());
    let names: Vec<&str> = undefined.map(|output| output.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "infinite or undefined values in `{}`; dlkit trace RUN --input PICTURE shows where they \
             start",
            names.join("`, `")
        )
    })
}

#[derive(Serialize)]
struct Verified {
    run: String,
    file: String,
    equal: bool,
    tolerance: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_different_layer: Option<String>,
    /// Why the file cannot equal the run, if it is inconsistent.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Metadata entries that differ.
    metadata: Vec<&'static str>,
    #[serde(flatten)]
    verification: Verification,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let device = Device::flex();
    // Without a run there is nothing to compare with.
    let trained = args.run.open()?;
    let frozen = match FrozenNetwork::load_changed(&args.file) {
        // A dlkit file, but not the form of any frozen network.
        Err(error @ FreezeError::Mismatch { .. }) => return unlike(args, error, console),
        frozen => frozen?,
    };
    let live = Live::load(&trained, &args.data, &device)?;
    let verification = verify(&live.network, &frozen, &live.inputs, args.layers)?;
    let mut metadata = live.metadata.differences(frozen.metadata());
    if !frozen.is_unchanged() {
        metadata.push("sha256");
    }
    let layer = verification.first_different_layer(args.tolerance.tolerance).map(str::to_owned);
    let equal = metadata.is_empty() && verification.agrees(args.tolerance.tolerance);
    say(args, &verification, &metadata, layer.as_deref(), console)?;
    report(args, console, equal, layer, None, metadata, verification)
}

/// Reports a file whose graph and metadata contradict each other.
fn unlike(args: &Args, error: FreezeError, console: Console) -> Result<ExitStatus> {
    console.line(format!("different: {error}"))?;
    let reason = Some(error.to_string());
    let FreezeError::Mismatch { layer, .. } = error else { return Err(error.into()) };
    if let Some(layer) = &layer {
        console.line(format!("different: the first layer that differs is `{layer}`"))?;
    }
    let verification = Verification { structure: layer.clone(), ..Verification::default() };
    report(args, console, false, layer, reason, Vec::new(), verification)
}

fn report(
    args: &Args,
    console: Console,
    equal: bool,
    first_different_layer: Option<String>,
    reason: Option<String>,
    metadata: Vec<&'static str>,
    verification: Verification,
) -> Result<ExitStatus> {
    console.object(&Verified {
        run: args.run.run.display().to_string(),
        file: args.file.display().to_string(),
        equal,
        tolerance: args.tolerance.tolerance,
        first_different_layer,
        reason,
        metadata,
        verification,
    })?;
    Ok(if equal { ExitStatus::Done } else { ExitStatus::No })
}

fn say(
    args: &Args,
    verification: &Verification,
    metadata: &[&str],
    layer: Option<&str>,
    console: Console,
) -> Result<()> {
    if !verification.layers.is_empty() {
        console.line(difference_table("layer", &verification.layers))?;
        console.line("")?;
    }
    if !verification.outputs.is_empty() {
        console.line(difference_table("output", &verification.outputs))?;
    }
    let (run, file) = (args.run.run.display(), args.file.display());
    if !metadata.is_empty() {
        console.line(format!("different: metadata `{}`", metadata.join("`, `")))?;
    }
    if verification.structure.is_some() {
        let layer = layer.unwrap_or_default();
        return console
            .line(format!("different: {file} and {run} are different networks from `{layer}` on"));
    }
    if !verification.weights.is_empty() {
        let names = verification.weights.join("`, `");
        console.line(format!("different: the weights `{names}`"))?;
    }
    if let Some(undefined) = undefined_weights(verification) {
        console.line(format!("different: {undefined} of {file}"))?;
    }
    if let Some(layer) = layer {
        return console.line(format!("different: the first layer that differs is `{layer}`"));
    }
    if let Some(undefined) = undefined_values(verification) {
        return console.line(format!("different: {undefined}"));
    }
    if !verification.agrees(args.tolerance.tolerance) {
        return console.line(format!(
            "different: an output differs by more than {:e} (--tolerance SHARE); --layers finds \
             the layer",
            args.tolerance.tolerance
        ));
    }
    if metadata.is_empty() {
        console.line(format!("equal: {file} and {run}, on {} samples", verification.samples))?;
    }
    Ok(())
}
