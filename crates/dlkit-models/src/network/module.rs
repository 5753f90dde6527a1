//! The network that runs.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::builder::Builder;
use super::layer::Layer;
use super::spec::{LayerSpec, NetworkSpec};

/// A network with its weights, built from a checked specification.
#[derive(Module, Debug)]
pub struct Network {
    layers: Vec<Layer>,
    #[module(skip)]
    spec: NetworkSpec,
}

impl Network {
    /// Builds the network; the same seed gives the same weights on every device.
    #[must_use]
    pub fn new(spec: &NetworkSpec, seed: u64, device: &Device) -> Self {
        let mut builder = Builder::new(seed, device);
        let layers = spec.layers().iter().map(|layer| Layer::new(layer, &mut builder)).collect();
        Self { layers, spec: spec.clone() }
    }

    /// The specification it was built from.
    #[must_use]
    pub const fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// The layers in order, one for each layer of the specification.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Runs the network, in the training phase on an autodiff device, else in the test phase.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`, see [`Shape::batch`](super::Shape::batch)
    /// - output: likewise
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.layers.iter().fold(input, |value, layer| layer.forward(value))
    }

    /// The network with every layer changed.
    pub(super) fn try_map_layers<E>(
        self,
        mut change: impl FnMut(&LayerSpec, Layer) -> Result<Layer, E>,
    ) -> Result<Self, E> {
        let Self { layers, spec } = self;
        let layers = spec
            .layers()
            .iter()
            .zip(layers)
            .map(|(spec, layer)| change(spec, layer))
            .collect::<Result<_, E>>()?;
        Ok(Self { layers, spec })
    }
}
