//! The network that runs.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::builder::Builder;
use super::flow::Flow;
use super::layer::Layer;
use super::spec::{LayerSpec, NetworkSpec};

/// A network with its weights, built from a checked specification.
#[derive(Module, Debug)]
pub struct Network {
    layers: Vec<Layer>,
    // Shared, because every step of training clones the network.
    #[module(skip)]
    spec: Arc<NetworkSpec>,
}

impl Network {
    /// Builds the network; the same seed produces the same weights on every device.
    #[must_use]
    pub fn new(spec: &NetworkSpec, seed: u64, device: &Device) -> Self {
        let mut builder = Builder::new(seed, device);
        let layers = spec
            .layers()
            .iter()
            .map(|layer| {
                Layer::new(layer.operation(), layer.input(), layer.initializer(), &mut builder)
            })
            .collect();
        Self { layers, spec: Arc::new(spec.clone()) }
    }

    /// The specification it was built from.
    #[must_use]
    pub fn spec(&self) -> &NetworkSpec {
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
        let mut flow = Flow::new(&self.spec, self.layers.len(), input);
        let mut rectified = false;
        for (index, (spec, layer)) in self.spec.layers().iter().zip(&self.layers).enumerate() {
            let mut inputs = flow.take(spec.origins());
            // The layer before applied this one as it wrote its outputs.
            let value = if rectified {
                rectified = false;
                inputs.swap_remove(0)
            } else {
                rectified = self.spec.precedes_rectifier(index) && flow.is_read_once(index);
                layer.compute().forward_fast(inputs, rectified)
            };
            flow.put(index, value);
        }
        flow.end(self.layers.len())
    }

    /// Runs the network layer by layer and shows the values after each. Every layer is computed by
    /// its definition; the output is that of [`forward`](Self::forward) but for rounding.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`
    /// - observed: likewise, as the layer's specification has it
    /// - output: what was observed last
    #[must_use]
    pub fn forward_each(
        &self,
        input: Tensor<4>,
        mut observer: impl FnMut(&LayerSpec, &Tensor<4>),
    ) -> Tensor<4> {
        let mut flow = Flow::new(&self.spec, self.layers.len(), input);
        for (index, (spec, layer)) in self.spec.layers().iter().zip(&self.layers).enumerate() {
            let value = layer.forward(flow.take(spec.origins()));
            observer(spec, &value);
            flow.put(index, value);
        }
        flow.end(self.layers.len())
    }

    /// The network in which no gradient goes to the weights of some layers. Batch normalizations among them
    /// normalize by their running statistics in training, too, and keep these.
    #[must_use]
    pub fn freezing(mut self, is_frozen: impl Fn(&LayerSpec) -> bool) -> Self {
        for (spec, layer) in self.spec.layers().iter().zip(&mut self.layers) {
            if is_frozen(spec) {
                *layer = layer.clone().no_grad();
            }
        }
        self
    }

    /// The network with every layer changed.
    pub(super) fn try_change_layers<E>(
        mut self,
        mut change: impl FnMut(&LayerSpec, &mut Layer) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut layers = self.spec.layers().iter().zip(&mut self.layers);
        layers.try_for_each(|(spec, layer)| change(spec, layer))?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use burn::optim::GradientsParams;
    use burn::tensor::TensorData;

    use super::*;
    use crate::training::{Loss, OptimizerConfig, Reduction};

    #[test]
    fn every_layer_is_observed_in_order() {
        let recipe = r#"
            input = [2]
            initializer = "ones"
            layers = [
                { type = "dense", units = 1 },
                { type = "activation", function = "relu" },
                { type = "dense", units = 2 },
            ]
        "#;
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let network = Network::new(&spec, 0, &Device::flex());
        let input = TensorData::new(vec![1.0f32, 2.0, -1.0, -4.0], [2, 2, 1, 1]);
        let mut seen = Vec::new();
        let output =
            network.forward_each(Tensor::from_data(input, &Device::flex()), |layer, value| {
                let values: Vec<f32> = value.to_data().iter().collect();
                seen.push((layer.name().to_owned(), values));
            });
        let expected = [
            ("dense1", vec![3.0, -5.0]),
            ("activation1", vec![3.0, 0.0]),
            ("dense2", vec![3.0, 3.0, 0.0, 0.0]),
        ];
        assert_eq!(seen, expected.map(|(name, values)| (name.to_owned(), values)));
        assert_eq!(output.dims(), [2, 2, 1, 1]);
    }

    #[test]
    fn training_by_fast_convolutions_follows_that_by_definition() {
        let recipe = r#"
            input = [1, 12, 12]
            layers = [
                { type = "conv2d", filters = 9, kernel = 3, activation = "relu" },
                { type = "conv2d", filters = 12, kernel = 3, padding = "same", activation = "relu" },
                { type = "conv2d", filters = 4, kernel = 3 },
            ]
        "#;
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let device = Device::flex().autodiff();
        let pixels: Vec<f32> = (0..8 * 144_u16).map(|i| (f32::from(i) * 0.7).sin()).collect();
        let images = Tensor::<4>::from_data(TensorData::new(pixels, [8, 1, 12, 12]), &device);
        let targets = images.clone().slice([0..8, 0..1, 2..10, 2..10]).repeat_dim(1, 4);
        let losses = |forward: fn(&Network, Tensor<4>) -> Tensor<4>| -> Vec<f64> {
            let mut network = Network::new(&spec, 1, &device);
            let mut optimizer = OptimizerConfig::default().build();
            (0..50)
                .map(|_| {
                    let outputs = forward(&network, images.clone());
                    let loss = Loss::Mse { reduction: Reduction::Mean }
                        .of_values(outputs, targets.clone());
                    let gradients = GradientsParams::from_grads(loss.backward(), &network);
                    network = optimizer.step(2e-3, network.clone(), gradients);
                    loss.into_scalar::<f64>()
                })
                .collect()
        };
        let fast = losses(Network::forward);
        let definition = losses(|network, input| network.forward_each(input, |_, _| {}));
        assert!(definition[49] < 0.7 * definition[0], "{definition:?}");
        let first = definition[0];
        for (fast, definition) in fast.iter().zip(&definition) {
            // Adam makes much of rounding where a gradient is almost zero.
            assert!((fast - definition).abs() <= 1e-3 * first, "{fast} {definition}");
        }
    }
}
