//! `dlkit devices`.

use anyhow::Result;
use dlkit_models::device::{DEVICES, adapters};
use serde::Serialize;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable};

/// List the available devices for --device
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  dlkit devices\n  dlkit devices --json")]
pub(crate) struct Args {}

#[derive(Serialize)]
struct DeviceList {
    default: &'static str,
    threads: usize,
    devices: Vec<Device>,
    /// Adapters of `wgpu:N`.
    adapters: Vec<Adapter>,
}

#[derive(Serialize)]
struct Device {
    name: &'static str,
    description: &'static str,
    built_in: bool,
}

#[derive(Serialize)]
struct Adapter {
    name: String,
    description: String,
}

pub(crate) fn run(_: &Args, console: Console) -> Result<ExitStatus> {
    let mut table = TextTable::new(&[
        ("device", Align::Left),
        ("in this build", Align::Left),
        ("description", Align::Left),
    ]);
    for device in &DEVICES {
        let built_in = if device.built_in {
            "yes".to_owned()
        } else {
            format!("no; build with --features {}", device.name)
        };
        table.row([device.name.to_owned(), built_in, device.description.to_owned()]);
    }
    let adapters = adapters();
    for adapter in &adapters {
        table.row([adapter.name.clone(), "yes".to_owned(), adapter.description.clone()]);
    }
    let threads = rayon::current_num_threads();
    console.line(&table)?;
    console.line(format!("threads: {threads} (change with --threads N)"))?;
    console.object(&DeviceList {
        default: DEVICES[0].name,
        threads,
        devices: DEVICES
            .iter()
            .map(|choice| Device {
                name: choice.name,
                description: choice.description,
                built_in: choice.built_in,
            })
            .collect(),
        adapters: adapters
            .into_iter()
            .map(|adapter| Adapter { name: adapter.name, description: adapter.description })
            .collect(),
    })?;
    Ok(ExitStatus::Done)
}
