//! `--device`.

use anyhow::Result;
use dlkit_models::Device;
use dlkit_models::device::{DEVICES, device_from_name};

/// Where to compute.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DeviceArgs {
    /// Where to compute; `dlkit devices` lists what this build has.
    #[arg(long = "device", value_name = "DEVICE", default_value = DEVICES[0].name)]
    name: String,
}

impl DeviceArgs {
    /// The name that was given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The device of that name.
    pub(crate) fn open(&self) -> Result<Device> {
        Ok(device_from_name(&self.name)?)
    }
}
