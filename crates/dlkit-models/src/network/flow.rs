//! The values that flow between layers, each kept until its last reader took it.

use burn::tensor::Tensor;

use super::origin::Origin;
use super::spec::{LayerSpec, NetworkSpec};

/// The values of a network that layers still to be computed read, and its last value.
pub(super) struct Flow {
    input: Kept,
    layers: Vec<Kept>,
}

/// A value and how many layers still read it.
#[derive(Default)]
struct Kept {
    readers: usize,
    value: Option<Tensor<4>>,
}

impl Flow {
    /// The flow into the first `count` layers of a network.
    pub(super) fn new(spec: &NetworkSpec, count: usize, input: Tensor<4>) -> Self {
        let mut layers: Vec<Kept> = Vec::new();
        layers.resize_with(spec.layers().len(), Kept::default);
        let mut flow = Self { input: Kept::default(), layers };
        for origin in spec.layers().iter().take(count).flat_map(LayerSpec::origins) {
            flow.kept(*origin).readers += 1;
        }
        flow.kept(Origin::before(count)).readers += 1;
        flow.input.value = Some(input);
        flow
    }

    /// The values a layer reads; those that no later layer reads are given away.
    pub(super) fn take(&mut self, origins: &[Origin]) -> Vec<Tensor<4>> {
        origins.iter().filter_map(|origin| self.kept(*origin).take()).collect()
    }

    /// Whether just one layer is still to read the value of a layer.
    pub(super) fn is_read_once(&self, index: usize) -> bool {
        self.layers[index].readers == 1
    }

    /// Keeps the value of a layer if others read it.
    pub(super) fn put(&mut self, index: usize, value: Tensor<4>) {
        let kept = &mut self.layers[index];
        kept.value = (kept.readers > 0).then_some(value);
    }

    /// The value before the layer of this number, which the flow was made for.
    pub(super) fn end(mut self, count: usize) -> Tensor<4> {
        self.take(&[Origin::before(count)]).swap_remove(0)
    }

    fn kept(&mut self, origin: Origin) -> &mut Kept {
        match origin {
            Origin::Input => &mut self.input,
            Origin::Layer(index) => &mut self.layers[index],
        }
    }
}

impl Kept {
    fn take(&mut self) -> Option<Tensor<4>> {
        self.readers = self.readers.saturating_sub(1);
        if self.readers == 0 { self.value.take() } else { self.value.clone() }
    }
}
