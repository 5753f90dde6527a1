//! Layers that keep their weights in training.

use super::config::TrainingConfig;
use crate::network::{LayerSpec, Network, NetworkSpec};
use crate::value::Problem;
use crate::value::pattern::fits;

impl TrainingConfig {
    /// Whether a layer keeps its weights: its name, or that of the layer it is part of, fits a pattern of
    /// `freeze`.
    #[must_use]
    pub fn freezes(&self, layer: &LayerSpec) -> bool {
        let named =
            |pattern: &String| fits(pattern, layer.name()) || fits(pattern, layer.table_name());
        layer.costs().parameters > 0 && self.freeze.iter().any(named)
    }

    /// Refuses patterns that no layer with weights fits, and a network of which nothing is left to train.
    pub(crate) fn check_freeze(&self, network: &NetworkSpec) -> Result<(), Problem> {
        let weighted = || network.layers().iter().filter(|layer| layer.costs().parameters > 0);
        let names = || weighted().map(LayerSpec::name).collect::<Vec<_>>().join(", ");
        for pattern in &self.freeze {
            let fitting = |layer: &LayerSpec| {
                fits(pattern, layer.name()) || fits(pattern, layer.table_name())
            };
            if !weighted().any(fitting) {
                let reason = format!(
                    "names no layer with weights by \"{pattern}\"; those of the network are {}",
                    names()
                );
                return Err(Problem::new("training.freeze", reason));
            }
        }
        if weighted().next().is_some() && weighted().all(|layer| self.freezes(layer)) {
            let reason = format!("leaves nothing to train; leave out one of {}", names());
            return Err(Problem::new("training.freeze", reason));
        }
        Ok(())
    }

    /// The network with frozen layers: no gradient goes to their weights, and batch normalizations among them
    /// normalize by their running statistics and keep these.
    pub(crate) fn frozen(&self, network: Network) -> Network {
        if self.freeze.is_empty() {
            return network;
        }
        network.freezing(|layer| self.freezes(layer))
    }
}

#[cfg(test)]
mod tests {
    use burn::optim::GradientsParams;
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::training::{Loss, Reduction};

    const RECIPE: &str = r#"
        input = [1, 6, 6]
        batch_norm = true
        activation = "relu"
        layers = [
            { type = "conv2d", filters = 2, kernel = 3 },
            { type = "conv2d", filters = 3, kernel = 3 },
            { type = "flatten" },
            { type = "dense", units = 2 },
        ]
    "#;

    fn spec() -> NetworkSpec {
        NetworkSpec::new(&toml::from_str(RECIPE).unwrap()).unwrap()
    }

    fn freezing(names: &[&str]) -> TrainingConfig {
        let freeze = names.iter().map(|&name| name.to_owned()).collect();
        TrainingConfig { freeze, ..TrainingConfig::default() }
    }

    fn images(device: &Device) -> Tensor<4> {
        let pixels: Vec<f32> = (0..4 * 36_u16).map(|i| (f32::from(i) * 0.7).sin()).collect();
        Tensor::from_data(TensorData::new(pixels, [4, 1, 6, 6]), device)
    }

    /// The weights, statistics among them, after ten steps with weight decay.
    fn trained(config: &TrainingConfig) -> Vec<(String, Vec<f32>)> {
        let device = Device::flex().autodiff();
        let mut network = config.frozen(Network::new(&spec(), 3, &device));
        let optimizer: crate::training::OptimizerConfig =
            toml::from_str("kind = \"adamw\"\nweight_decay = 0.5").unwrap();
        let mut optimizer = optimizer.build();
        for _ in 0..10 {
            let output = network.forward(images(&device));
            let loss = Loss::Mse { reduction: Reduction::Mean }
                .of_values(output.clone(), output.zeros_like() + 1.0);
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(1e-2, network, gradients);
        }
        let weights = network.weights().into_iter();
        weights.map(|(name, data)| (name, data.iter::<f32>().collect())).collect()
    }

    /// Layers may be frozen wherever they are: those before them learn all the same.
    #[test]
    fn frozen_layers_keep_every_number_and_the_others_learn() {
        let device = Device::flex();
        let before = Network::new(&spec(), 3, &device).weights();
        for frozen in ["conv1", "conv2", "dense1"] {
            for ((name, before), (_, after)) in before.iter().zip(trained(&freezing(&[frozen]))) {
                let is_same = before.iter::<f32>().collect::<Vec<_>>() == after;
                // Batch normalization takes a bias away: only weight decay moves it, from zero.
                let is_idle = name.ends_with("conv1.bias") || name.ends_with("conv2.bias");
                if name.starts_with(frozen) {
                    assert!(is_same, "{frozen}: {name}");
                } else if !is_idle {
                    assert!(!is_same, "{frozen}: {name}");
                }
            }
        }
    }

    #[test]
    fn a_frozen_normalization_trains_as_it_tests() {
        let config = freezing(&["conv?"]);
        let output = |device: &Device| {
            let network = config.frozen(Network::new(&spec(), 3, device));
            [network.forward(images(device)), network.forward_each(images(device), |_, _| {})]
                .map(|output| output.into_data().iter::<f32>().collect::<Vec<_>>())
        };
        let [training, testing] =
            [Device::flex().autodiff(), Device::flex()].map(|device| output(&device));
        for (training, testing) in training.iter().flatten().zip(testing.iter().flatten()) {
            assert!((training - testing).abs() < 1e-5, "{training} {testing}");
        }
    }

    #[test]
    fn names_cover_what_belongs_to_a_layer() {
        let frozen = |names: &[&str]| {
            let (spec, config) = (spec(), freezing(names));
            let layers = spec.layers().iter().filter(|layer| config.freezes(layer));
            layers.map(|layer| layer.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(frozen(&["conv1"]), ["conv1", "conv1.batch_norm"]);
        assert_eq!(frozen(&["*.batch_norm"]), ["conv1.batch_norm", "conv2.batch_norm"]);
        assert_eq!(frozen(&["conv2", "dense*"]), ["conv2", "conv2.batch_norm", "dense1"]);
    }
}
