//! Where tensors live and are computed.

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
        description: "processor, all cores and SIMD (burn-flex); the default",
        built_in: true,
    },
    DeviceChoice {
        name: "ndarray",
        description: "processor, by the older burn-ndarray",
        built_in: cfg!(feature = "ndarray"),
    },
    DeviceChoice {
        name: "wgpu",
        description: "graphics card, by Vulkan, Metal or DirectX 12 (burn-wgpu)",
        built_in: cfg!(feature = "wgpu"),
    },
];

/// Why a device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceError {
    /// No device has this name.
    #[error("--device {0} is unknown; allowed: {allowed}", allowed = names())]
    Unknown(String),
    /// The build lacks it.
    #[error("--device {0} is not in this build; build with: cargo build --release --features {0}")]
    NotBuiltIn(&'static str),
}

fn names() -> String {
    DEVICES.map(|choice| choice.name).join(", ")
}

/// The device of a name.
///
/// # Errors
/// An unknown name; a device this build lacks.
pub fn device_from_name(name: &str) -> Result<Device, DeviceError> {
    let choice = DEVICES
        .iter()
        .find(|choice| choice.name == name)
        .ok_or_else(|| DeviceError::Unknown(name.to_owned()))?;
    match choice.name {
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "ndarray")]
        "ndarray" => Ok(Device::ndarray()),
        #[cfg(feature = "wgpu")]
        "wgpu" => Ok(Device::wgpu(burn::tensor::DeviceKind::default())),
        _ => Err(DeviceError::NotBuiltIn(choice.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_device_lists_those_there_are() {
        let message = device_from_name("gpu").unwrap_err().to_string();
        assert_eq!(message, "--device gpu is unknown; allowed: flex, ndarray, wgpu");
    }

    #[cfg(not(feature = "wgpu"))]
    #[test]
    fn a_device_not_built_in_names_the_feature() {
        let message = device_from_name("wgpu").unwrap_err().to_string();
        assert!(message.contains("--features wgpu"), "{message}");
    }
}
