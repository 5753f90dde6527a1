//! Adapters that Vulkan, Metal or DirectX 12 offer.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::tensor::wgpu::WgpuBackend;
use burn::tensor::wgpu::wgpu::{Backend, DeviceType, Instance, InstanceDescriptor};
use burn::tensor::{Device, DeviceKind};

use super::DeviceError;

/// Interfaces in the order of preference. OpenGL is left out: Burn asks it from several threads, which
/// it answers with a panic.
const INTERFACES: [(Backend, WgpuBackend); 3] = [
    (Backend::Vulkan, WgpuBackend::Vulkan),
    (Backend::Metal, WgpuBackend::Metal),
    (Backend::Dx12, WgpuBackend::Dx12),
];

/// An adapter: a graphics card, or a processor that acts as one.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    name: String,
    kind: DeviceKind,
    interface: WgpuBackend,
}

impl Adapter {
    /// Every adapter of this machine: cards of their own first, processors last. They are those of the
    /// first interface that knows a card or, if none does, of the first that knows any.
    pub(super) fn all() -> Vec<Self> {
        let mut there: Vec<Vec<Self>> = INTERFACES.map(Self::of).into();
        there.retain(|adapters| !adapters.is_empty());
        let first = there.iter().position(|adapters| adapters.iter().any(Self::is_card));
        if there.is_empty() { Vec::new() } else { there.swap_remove(first.unwrap_or(0)) }
    }

    /// The adapters one interface knows.
    fn of((backend, interface): (Backend, WgpuBackend)) -> Vec<Self> {
        let instance = Instance::new(InstanceDescriptor {
            backends: backend.into(),
            ..InstanceDescriptor::new_without_display_handle()
        });
        // Outside browsers the answer is there at once.
        let asked = pin!(instance.enumerate_adapters(backend.into()));
        let Poll::Ready(found) = asked.poll(&mut Context::from_waker(Waker::noop())) else {
            return Vec::new();
        };
        let mut counts = [0; 3];
        let mut next = |kind: usize| {
            counts[kind] += 1;
            counts[kind] - 1
        };
        let mut adapters = Vec::new();
        for about in found.iter().map(|adapter| adapter.get_info()) {
            let kind = match about.device_type {
                DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu(next(0)),
                DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu(next(1)),
                DeviceType::VirtualGpu => DeviceKind::VirtualGpu(next(2)),
                DeviceType::Cpu => DeviceKind::Cpu,
                // Burn has no name for it.
                DeviceType::Other => continue,
            };
            adapters.push(Self { name: about.name, kind, interface });
        }
        adapters.sort_by_key(Self::rank);
        adapters
    }

    const fn rank(&self) -> usize {
        match self.kind {
            DeviceKind::DiscreteGpu(_) => 0,
            DeviceKind::IntegratedGpu(_) => 1,
            DeviceKind::VirtualGpu(_) => 2,
            _ => 3,
        }
    }

    /// Whether it is a graphics card rather than a processor.
    pub(super) fn is_card(&self) -> bool {
        self.kind != DeviceKind::Cpu
    }

    /// What it calls itself, its kind and its interface.
    pub(super) fn description(&self) -> String {
        let kind = match self.kind {
            DeviceKind::DiscreteGpu(_) => "GPU",
            DeviceKind::IntegratedGpu(_) => "integrated GPU",
            DeviceKind::VirtualGpu(_) => "virtual GPU",
            _ => "CPU, software rendering",
        };
        format!("{} ({kind}; {:?})", self.name, self.interface)
    }

    /// Starts it; at most once in a process.
    pub(super) fn open(self) -> Result<Device, DeviceError> {
        Device::wgpu_options()
            .device_kind(self.kind)
            .graphics_api(self.interface)
            .init()
            .map_err(|error| DeviceError::Unusable(error.to_string()))
    }
}
