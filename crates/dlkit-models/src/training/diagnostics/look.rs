//! A second look at a network after its training.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use super::config::DiagnosticsConfig;
use super::probe::{DeadUnits, Probe};
use crate::data::DataError;
use crate::network::{Layer, LayerSpec, Network, Role};
use crate::training::loader::{BatchSource, Loader};
use crate::training::trainable::Trainable;

/// Training samples that are looked at.
const SAMPLES: usize = 1_000;
/// Inputs that are beyond where any saturating activation changes.
const FAR: f32 = 1e6;
/// Values this near to a limit of an activation, as a share of the way between its limits, are at it.
const NEAR: f32 = 0.01;
/// Weights of units that differ by less than this share of the largest are equal.
const EQUAL: f32 = 1e-6;

/// What a trained network and some of its training samples show on a second look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// What the inputs are like: each feature of a table, each channel of pictures.
    pub(crate) inputs: Vec<InputRange>,
    /// Figures of layers by the names that `metrics.jsonl` has: gradients, weights, dead units.
    pub(crate) figures: BTreeMap<String, f64>,
    /// The share of values of each saturating activation that are at its limits.
    pub(crate) saturated: Vec<(String, f64)>,
    /// Hidden layers whose units all have the same weights.
    pub(crate) equal: Vec<String>,
    /// The common norm of all gradients of a step.
    pub(crate) gradient_norm: f64,
}

/// What the values of a feature or channel are like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct InputRange {
    sum: f64,
    squares: f64,
    count: f64,
}

impl InputRange {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.squares += value * value;
        self.count += 1.0;
    }

    /// The mean.
    pub(crate) fn mean(self) -> f64 {
        self.sum / self.count
    }

    /// The standard deviation (divided by the number of values).
    pub(crate) fn deviation(self) -> f64 {
        let mean = self.mean();
        (self.squares / self.count - mean * mean).max(0.0).sqrt()
    }

    /// Of all values together.
    pub(crate) fn all(ranges: &[Self]) -> Self {
        ranges.iter().fold(Self::default(), |all, range| Self {
            sum: all.sum + range.sum,
            squares: all.squares + range.squares,
            count: all.count + range.count,
        })
    }
}

impl Look {
    /// Looks at a network on an autodiff device with batches of its training, and takes no step.
    ///
    /// # Errors
    /// Samples that cannot be gathered.
    pub(crate) fn new<T: Trainable, S: BatchSource<Batch = T::Batch>>(
        task: &T,
        network: &Network,
        training: &Loader<S>,
        batch_size: usize,
    ) -> Result<Self, DataError> {
        let batches = (SAMPLES / batch_size.max(1)).max(1);
        let plain = network.valid();
        let mut look = Self { equal: equal_layers(network), ..Self::default() };
        let mut dead = DeadUnits::default();
        let mut limits = Limits::new(&plain);
        for batch in training.batches(0).take(batches) {
            let input = T::input(batch?).inner();
            look.add_inputs(&input);
            dead.look(&plain, input.clone());
            limits.look(&plain, input);
        }
        look.saturated = limits.shares();
        let mut probe = Probe::new(DiagnosticsConfig::default());
        for batch in training.batches(0).take(batches) {
            let (loss, _) = task.measure(network, batch?);
            let gradients = GradientsParams::from_grads(loss.backward(), network);
            probe.look(Probe::begin(network, &gradients));
        }
        look.figures = probe.means().chain(dead.shares()).collect();
        let norms = look.figures.iter().filter(|(name, _)| name.starts_with("gradient_norm."));
        look.gradient_norm = norms.map(|(_, norm)| norm * norm).sum::<f64>().sqrt();
        Ok(look)
    }

    fn add_inputs(&mut self, input: &Tensor<4>) {
        let [_, channels, height, width] = input.dims();
        self.inputs.resize(channels, InputRange::default());
        let values = input.to_data();
        for (index, value) in values.iter::<f64>().enumerate() {
            let channel = index / (height * width).max(1) % channels.max(1);
            if let Some(range) = self.inputs.get_mut(channel) {
                range.add(value);
            }
        }
    }
}

/// Counts the values of saturating activations that are at their limits.
struct Limits {
    /// Of each activation: its place among the layers, its name, its two limits, and how many values are at
    /// these and in all.
    activations: Vec<Activation>,
}

struct Activation {
    place: usize,
    name: String,
    limits: [f32; 2],
    at_limits: f64,
    all: f64,
}

impl Limits {
    fn new(network: &Network) -> Self {
        let layers = network.spec().layers().iter().zip(network.layers()).enumerate();
        let saturating = layers.filter(|(_, (spec, _))| saturates(spec));
        let activations = saturating.map(|(place, (spec, layer))| Activation {
            place,
            name: spec.name().to_owned(),
            limits: [-FAR, FAR].map(|far| answer(layer, spec, far)),
            at_limits: 0.0,
            all: 0.0,
        });
        Self { activations: activations.collect() }
    }

    fn look(&mut self, network: &Network, input: Tensor<4>) {
        if self.activations.is_empty() {
            return;
        }
        let mut place = 0;
        let _output = network.forward_each(input, |_, value| {
            if let Some(activation) = self.activations.iter_mut().find(|each| each.place == place) {
                activation.add(value);
            }
            place += 1;
        });
    }

    fn shares(self) -> Vec<(String, f64)> {
        self.activations.into_iter().map(|each| (each.name, each.at_limits / each.all)).collect()
    }
}

impl Activation {
    fn add(&mut self, value: &Tensor<4>) {
        let [low, high] = self.limits;
        let near = NEAR * (high - low);
        let values = value.to_data();
        for value in values.iter::<f32>() {
            self.all += 1.0;
            self.at_limits += f64::from(u8::from(value < low + near || value > high - near));
        }
    }
}

fn saturates(spec: &LayerSpec) -> bool {
    matches!(spec.behavior().role, Role::Activation { saturates: true, .. })
}

/// What an activation makes of a value.
fn answer(layer: &Layer, spec: &LayerSpec, value: f32) -> f32 {
    let shape = spec.input().batch(1);
    let input = Tensor::<4>::full(shape, value, &Device::flex());
    let values = layer.forward(vec![input]).into_data();
    values.iter::<f32>().next().unwrap_or(f32::NAN)
}

/// Hidden layers of two or more units that all have the same weights.
fn equal_layers(network: &Network) -> Vec<String> {
    let layers = network.layer_weights();
    let hidden = layers.len().saturating_sub(1);
    let alike = layers.into_iter().take(hidden).filter(|layer| {
        let largest = layer.weights.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let rows = || layer.weights.chunks(layer.units.max(1));
        let differs = |row: &[f32]| {
            let first = row.first().copied().unwrap_or(0.0);
            row.iter().any(|value| (value - first).abs() > EQUAL * largest)
        };
        layer.units > 1 && largest > 0.0 && !rows().any(differs)
    });
    alike.map(|layer| layer.layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkSpec;

    fn network(recipe: &str) -> Network {
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        Network::new(&spec, 3, &Device::flex())
    }

    #[test]
    fn values_at_the_limits_of_an_activation_are_counted() {
        for (function, values, share) in [
            ("sigmoid", [-9.0, 0.0, 9.0, 1.0], 0.5),
            ("tanh", [-9.0, -8.0, 9.0, 0.1], 0.75),
            ("relu", [0.0; 4], f64::NAN),
        ] {
            let layer = format!("{{ type = \"activation\", function = \"{function}\" }}");
            let network = network(&format!("input = [4]\nlayers = [{layer}]"));
            let mut limits = Limits::new(&network);
            let input = Tensor::<1>::from_data(values, &Device::flex());
            limits.look(&network, input.reshape([1, 4, 1, 1]));
            let shares = limits.shares();
            assert_eq!(shares.first().map(|(_, share)| *share), (!share.is_nan()).then_some(share));
        }
    }

    #[test]
    fn hidden_layers_of_equal_units_are_named() {
        let layers = "layers = [{ type = \"dense\", units = 3 }, { type = \"dense\", units = 2 }]";
        let equal = |initializer: &str| {
            let recipe = format!("input = [4]\ninitializer = \"{initializer}\"\n{layers}");
            equal_layers(&network(&recipe))
        };
        assert_eq!(equal("ones"), ["dense1"]);
        assert_eq!(equal("he-normal"), [""; 0]);
    }

    #[test]
    fn inputs_are_described_by_channel() {
        let mut look = Look::default();
        let input = Tensor::<1>::from_data([1.0, 3.0, 10.0, 10.0], &Device::flex());
        look.add_inputs(&input.reshape([1, 2, 1, 2]));
        let found: Vec<_> =
            look.inputs.iter().map(|range| (range.mean(), range.deviation())).collect();
        assert_eq!(found, [(2.0, 1.0), (10.0, 0.0)]);
        assert!((InputRange::all(&look.inputs).mean() - 6.0).abs() < 1e-12);
    }
}
