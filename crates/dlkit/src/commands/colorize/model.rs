//! The colorizer of a command.

use anyhow::{Result, bail};
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::tasks::TrainedNetwork;
use dlkit_models::tasks::colorization::Colorizer;

use super::Args;

/// The model that comes with dlkit.
const SHIPPED: &[u8] = include_bytes!("../../../../../models/colorizer.onnx");
/// Its name in reports.
const SHIPPED_NAME: &str = "models/colorizer.onnx, which comes with dlkit";

/// Refuses `--checkpoint` without a run.
pub(super) fn check(args: &Args) -> Result<()> {
    if args.checkpoint.chosen().is_some() && args.model.is_none() {
        bail!("--checkpoint is for runs; give a run with --model RUN");
    }
    Ok(())
}

/// Name and model of `--model`, or of the one that comes with dlkit.
pub(super) fn load(args: &Args, device: &Device) -> Result<(String, Colorizer)> {
    let Some(path) = &args.model else {
        let frozen = FrozenNetwork::from_bytes(SHIPPED_NAME.as_ref(), SHIPPED)?;
        let trained = TrainedNetwork::of_frozen(frozen);
        return Ok((SHIPPED_NAME.to_owned(), trained.colorizer(device)?));
    };
    let trained = TrainedNetwork::open(path, args.checkpoint.chosen())?;
    Ok((path.display().to_string(), trained.colorizer(device)?))
}
