//! Adapters that Vulkan, Metal or DirectX 12 offer.

use burn::tensor::{Device, DeviceKind, DeviceType};

use super::DeviceError;

/// Adapters of one kind that are looked for.
const MOST_OF_A_KIND: usize = 16;

/// An adapter: a graphics card, or a processor that acts as one.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    kind: DeviceKind,
    device: Device,
}

impl Adapter {
    /// Every adapter of this machine: cards of their own first, processors last.
    pub(super) fn all() -> Vec<Self> {
        let there = Device::enumerate(DeviceType::Wgpu);
        let there: Vec<Device> = there.into_iter().collect();
        let several = (0..MOST_OF_A_KIND).map(DeviceKind::DiscreteGpu);
        several
            .chain((0..MOST_OF_A_KIND).map(DeviceKind::IntegratedGpu))
            .chain((0..MOST_OF_A_KIND).map(DeviceKind::VirtualGpu))
            .chain([DeviceKind::Cpu])
            .map(|kind| Self { device: Device::wgpu(kind.clone()), kind })
            .filter(|adapter| there.contains(&adapter.device))
            .collect()
    }

    /// Whether it is a graphics card rather than a processor.
    pub(super) fn is_card(&self) -> bool {
        self.kind != DeviceKind::Cpu
    }

    /// What kind of adapter it is, in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self.kind {
            DeviceKind::DiscreteGpu(_) => "graphics card",
            DeviceKind::IntegratedGpu(_) => "graphics in the processor",
            DeviceKind::VirtualGpu(_) => "virtual graphics card",
            DeviceKind::Cpu => "processor, by software",
            _ => "adapter",
        }
    }

    /// Starts it; at most once in a process.
    pub(super) fn open(self) -> Result<Device, DeviceError> {
        Device::wgpu_options()
            .device_kind(self.kind)
            .init()
            .map_err(|error| DeviceError::Unusable(error.to_string()))
    }

    /// Its name, which it is started for.
    pub(super) fn name(self) -> Result<String, DeviceError> {
        let device = self.open()?;
        Ok(device.identity().map_or_else(|| "unnamed".to_owned(), |identity| identity.name))
    }
}
