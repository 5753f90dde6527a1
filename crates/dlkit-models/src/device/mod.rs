//! Where tensors live and are computed.

#[cfg(feature = "wgpu")]
mod adapters;

use burn::tensor::Device;
use thiserror::Error;

/// A device a user can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceChoice {
    /// The name, as given to `--device`.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether this build has it.
    pub built_in: bool,
}

/// Every device `dlkit` knows, the default first.
pub const DEVICES: [DeviceChoice; 3] = [
    DeviceChoice {
        name: "flex",
        description: "CPU, all cores and SIMD (burn-flex); the default",
        built_in: true,
    },
    DeviceChoice {
        name: "ndarray",
        description: "CPU, with the older burn-ndarray",
        built_in: cfg!(feature = "ndarray"),
    },
    DeviceChoice {
        name: "wgpu",
        description: "GPU, through Vulkan, Metal or DirectX 12 (burn-wgpu); wgpu:N selects one",
        built_in: cfg!(feature = "wgpu"),
    },
];

/// Selects the first GPU, or the CPU without one.
pub const AUTO: &str = "auto";

/// A device that is ready to compute.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// The device.
    pub device: Device,
    /// Its name for `--device`; never [`AUTO`].
    pub name: String,
    /// Whether it is driven through a graphics interface, whose failures are panics in Burn.
    pub is_graphics: bool,
}

/// An adapter of `--device wgpu:N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterChoice {
    /// The name, as given to `--device`.
    pub name: String,
    /// What the adapter calls itself, what kind it is, and by which interface it is reached.
    pub description: String,
}

/// Why a device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// No device has this name.
    #[error("--device {0}: unknown; allowed: {allowed}", allowed = names())]
    Unknown(String),
    /// The build lacks it.
    #[error(
        "--device {0}: this build does not include it; build with: cargo build --release \
         --features {0}"
    )]
    NotBuiltIn(&'static str),
    /// No such adapter exists.
    #[error(
        "--device {name}: {found} found through Vulkan, Metal or DirectX 12; list them with dlkit \
         devices, or use the CPU with --device flex",
        found = counted(*.found)
    )]
    NoAdapter {
        /// The request.
        name: String,
        /// How many adapters there are.
        found: usize,
    },
    /// An adapter does not start.
    #[error("the adapter does not start: {0}; use the CPU with --device flex")]
    Unusable(String),
}

fn names() -> String {
    DEVICES.map(|choice| choice.name).join(", ") + ", wgpu:N, " + AUTO
}

fn counted(adapters: usize) -> String {
    match adapters {
        0 => "no adapter was".to_owned(),
        1 => "1 adapter was, wgpu:0,".to_owned(),
        _ => format!("{adapters} adapters were, wgpu:0 to wgpu:{},", adapters - 1),
    }
}

/// Opens the device of a name.
///
/// # Errors
/// An unknown name; a device this build lacks; no such adapter, or one that does not start.
pub fn open_device(name: &str) -> Result<OpenDevice, DeviceError> {
    if name == AUTO {
        return Ok(first_card()?.unwrap_or_else(|| processor("flex", Device::flex())));
    }
    let (kind, index) = match name.split_once(':') {
        Some(("wgpu", index)) => ("wgpu", Some(index)),
        _ => (name, None),
    };
    let unknown = || DeviceError::Unknown(name.to_owned());
    let choice = DEVICES.iter().find(|choice| choice.name == kind).ok_or_else(unknown)?;
    let index = index.map(str::parse).transpose().map_err(|_| unknown())?;
    match choice.name {
        "flex" => Ok(processor("flex", Device::flex())),
        #[cfg(feature = "ndarray")]
        #[expect(deprecated, reason = "it is optional for that reason")]
        "ndarray" => Ok(processor("ndarray", Device::ndarray())),
        _ if choice.built_in => open_adapter(index.unwrap_or(0)),
        _ => Err(DeviceError::NotBuiltIn(choice.name)),
    }
}

fn processor(name: &str, device: Device) -> OpenDevice {
    OpenDevice { device, name: name.to_owned(), is_graphics: false }
}

/// The adapters of this machine; none where the build has no `wgpu`.
#[must_use]
pub fn adapters() -> Vec<AdapterChoice> {
    #[cfg(feature = "wgpu")]
    let adapters = adapters::Adapter::all().into_iter().enumerate().map(|(index, adapter)| {
        AdapterChoice { name: format!("wgpu:{index}"), description: adapter.description() }
    });
    #[cfg(not(feature = "wgpu"))]
    let adapters = std::iter::empty();
    adapters.collect()
}

#[cfg(feature = "wgpu")]
fn open_adapter(index: usize) -> Result<OpenDevice, DeviceError> {
    let mut adapters = adapters::Adapter::all();
    let name = format!("wgpu:{index}");
    if index >= adapters.len() {
        return Err(DeviceError::NoAdapter { name, found: adapters.len() });
    }
    let device = adapters.swap_remove(index).open()?;
    Ok(OpenDevice { device, name, is_graphics: true })
}

#[cfg(feature = "wgpu")]
fn first_card() -> Result<Option<OpenDevice>, DeviceError> {
    // Cards come before processors.
    match adapters::Adapter::all().first() {
        Some(adapter) if adapter.is_card() => open_adapter(0).map(Some),
        _ => Ok(None),
    }
}

#[cfg(not(feature = "wgpu"))]
const fn open_adapter(_: usize) -> Result<OpenDevice, DeviceError> {
    Err(DeviceError::NotBuiltIn("wgpu"))
}

#[cfg(not(feature = "wgpu"))]
#[expect(clippy::unnecessary_wraps, reason = "a build with `wgpu` can fail")]
const fn first_card() -> Result<Option<OpenDevice>, DeviceError> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> String {
        open_device(name).map(|device| device.name).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_device_lists_those_there_are() {
        for name in ["gpu", "wgpu:first", "wgpu:-1", "flex:0", ""] {
            let expected =
                format!("--device {name}: unknown; allowed: flex, ndarray, wgpu, wgpu:N, auto");
            assert_eq!(message(name), expected);
        }
    }

    #[cfg(not(feature = "wgpu"))]
    #[test]
    fn a_device_not_built_in_names_the_feature() {
        for name in ["wgpu", "wgpu:1"] {
            assert!(message(name).contains("--features wgpu"), "{}", message(name));
        }
    }

    #[cfg(not(feature = "wgpu"))]
    #[test]
    fn without_a_card_auto_is_the_processor() {
        let opened = open_device(AUTO).unwrap();
        assert_eq!((opened.name.as_str(), opened.is_graphics), ("flex", false));
    }

    #[cfg(feature = "wgpu")]
    #[test]
    fn an_adapter_that_is_not_there_is_named() {
        let found = message("wgpu:1000");
        assert!(found.starts_with("--device wgpu:1000: "), "{found}");
        assert!(found.contains("list them with dlkit devices"), "{found}");
    }
}
