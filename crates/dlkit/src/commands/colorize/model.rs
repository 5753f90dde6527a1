//! The model that colours.

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::freeze::FrozenNetwork;
use dlkit_models::run::RunDirectory;
use dlkit_models::tasks::colorization::{Colorizer, frozen_colorizer, load_colorizer};

use super::Args;

/// The model that comes with dlkit.
const SHIPPED: &[u8] = include_bytes!("../../../../../models/colorizer.onnx");
/// What it is called.
const SHIPPED_NAME: &str = "models/colorizer.onnx, which comes with dlkit";

/// The model of `--model`, or the one that comes with dlkit; and its name.
pub(super) fn load(args: &Args, device: &Device) -> Result<(String, Colorizer)> {
    let Some(path) = &args.model else {
        let frozen = FrozenNetwork::from_bytes(SHIPPED_NAME.as_ref(), SHIPPED)?;
        return Ok((SHIPPED_NAME.to_owned(), frozen_colorizer(&frozen, device)?));
    };
    let colorizer = if path.is_dir() {
        load_colorizer(&RunDirectory::open(path)?, args.checkpoint.into(), device)?
    } else {
        frozen_colorizer(&FrozenNetwork::load(path)?, device)?
    };
    Ok((path.display().to_string(), colorizer))
}
