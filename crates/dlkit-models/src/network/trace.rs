//! The value at every point of a network.

use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use super::flow::Flow;
use super::module::Network;
use super::spread::Spread;
use crate::value::shape::Shape;

/// The value after one layer, for a batch of inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedValue {
    /// Name of the layer; `conv1` is before, `conv1.activation` after its activation.
    pub layer: String,
    /// What the layer does.
    pub kind: String,
    /// Whether that is an activation function.
    pub is_activation: bool,
    /// Shape of the value of one input.
    pub shape: Shape,
    /// Number of inputs.
    pub batch: usize,
    /// The values: input by input, channel by channel, row by row.
    pub values: Vec<f32>,
}

/// What the values after a layer are like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValueStatistics {
    /// Over all values of all inputs.
    #[serde(flatten)]
    pub spread: Spread,
    /// Features or channels of an activation that are zero everywhere, for every input; none for
    /// another layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_units: Option<usize>,
    /// Features or channels in all.
    pub units: usize,
}

impl Network {
    /// The input, named `input`, and the value after every layer whose name is `wanted`. An
    /// autodiff device means the training phase, others the test phase.
    ///
    /// Computes every layer by its definition when its value is requested. Memory holds the
    /// values that later layers read; layers after the last requested one are not computed.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`
    pub fn trace(
        &self,
        input: Tensor<4>,
        wanted: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = TracedValue> {
        let batch = input.dims()[0];
        let first = wanted("input").then(|| TracedValue {
            layer: "input".to_owned(),
            kind: "input".to_owned(),
            is_activation: false,
            shape: self.spec().input(),
            batch,
            values: values(&input),
        });
        let layers = self.spec().layers();
        let wanted: Vec<bool> = layers.iter().map(|layer| wanted(layer.name())).collect();
        let needed = wanted.iter().rposition(|&wanted| wanted).map_or(0, |last| last + 1);
        let steps = layers.iter().zip(self.layers()).zip(wanted).take(needed).enumerate();
        let mut flow = Flow::new(self.spec(), needed, input);
        let others = steps.map(move |(index, ((spec, layer), wanted))| {
            // What is needed for gradients would keep every value.
            let value = layer.forward(flow.take(spec.origins())).detach();
            let traced = wanted.then(|| TracedValue {
                layer: spec.name().to_owned(),
                kind: spec.description(),
                is_activation: spec.is_activation(),
                shape: spec.output(),
                batch,
                values: values(&value),
            });
            flow.put(index, value);
            traced
        });
        first.into_iter().chain(others.flatten())
    }
}

fn values(tensor: &Tensor<4>) -> Vec<f32> {
    let data: TensorData = tensor.clone().into_data();
    data.iter::<f32>().collect()
}

impl TracedValue {
    /// Sizes of the values: the batch, then the shape.
    #[must_use]
    pub fn sizes(&self) -> Vec<usize> {
        std::iter::once(self.batch).chain(Vec::from(self.shape)).collect()
    }

    /// What the values are like.
    #[must_use]
    pub fn statistics(&self) -> ValueStatistics {
        let units = self.shape.channels();
        let area = self.shape.values() / units;
        let mut alive = vec![false; units];
        for (index, unit) in self.values.chunks(area).enumerate() {
            if unit.iter().any(|&value| value != 0.0)
                && let Some(alive) = alive.get_mut(index % units)
            {
                *alive = true;
            }
        }
        ValueStatistics {
            spread: Spread::new(&self.values),
            dead_units: self.is_activation.then(|| alive.iter().filter(|&&alive| !alive).count()),
            units,
        }
    }

    /// The largest absolute difference to a value of the same size; undefined where only one of two
    /// values is, or both are infinite otherwise.
    #[must_use]
    pub fn largest_difference(&self, other: &Self) -> Option<f64> {
        let differences = self.values.iter().zip(&other.values).map(|(&left, &right)| {
            let same = left.total_cmp(&right).is_eq() || left.is_nan() && right.is_nan();
            if same { 0.0 } else { f64::from(left) - f64::from(right) }
        });
        // `f64::max` would pass over what is undefined.
        let larger = |most: f64, difference: f64| {
            if most.is_nan() || difference.abs() <= most { most } else { difference.abs() }
        };
        (self.sizes() == other.sizes()).then(|| differences.fold(0.0, larger))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use burn::tensor::Device;

    use super::*;
    use crate::data::read_picture;
    use crate::recipe::parse_experiment;

    /// A shipped digit, every pixel 0 or 1.
    fn binarised_digit() -> Vec<f32> {
        let digits = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/digits");
        let shape = Shape::Maps { channels: 1, height: 28, width: 28 };
        let pixels = read_picture(&digits.join("digit-7-test-0.png"), shape, false).unwrap();
        pixels.into_iter().map(|pixel| if pixel > 127 { 1.0 } else { 0.0 }).collect()
    }

    /// Convolution with a kernel of ones: sums over a window and all channels.
    fn window_sums(
        maps: &[Vec<f32>],
        height: usize,
        width: usize,
        filters: usize,
    ) -> Vec<Vec<f32>> {
        let (rows, columns) = (height - 2, width - 2);
        let sum = |row: usize, column: usize| -> f32 {
            let window = |map: &Vec<f32>| -> f32 {
                (0..9).map(|k| map[(row + k / 3) * width + column + k % 3]).sum()
            };
            maps.iter().map(window).sum()
        };
        let one: Vec<f32> =
            (0..rows * columns).map(|index| sum(index / columns, index % columns)).collect();
        vec![one; filters]
    }

    #[test]
    fn with_every_kernel_one_each_layer_equals_the_plain_computation() {
        let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/mnist/cnn.toml");
        let recipe = std::fs::read_to_string(recipe).unwrap();
        let ones = ["network.initializer=ones".parse().unwrap()];
        let experiment = parse_experiment(&recipe, "cnn.toml", &ones).unwrap();
        let spec = experiment.network().clone();
        let device = Device::flex();
        let network = Network::new(&spec, 1, &device);
        let pixels = binarised_digit();
        let data = TensorData::new(pixels.clone(), [1, 1, 28, 28]);
        let input: Tensor<4> = Tensor::from_data(data, &device);
        let traced: Vec<TracedValue> = network.trace(input.clone(), |_| true).collect();

        let conv1 = window_sums(&[pixels], 28, 28, 32);
        let conv2 = window_sums(&conv1, 26, 26, 64);
        let largest = |map: &Vec<f32>, row: usize, column: usize| {
            let at = |dr: usize, dc: usize| map[(2 * row + dr) * 24 + 2 * column + dc];
            at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1))
        };
        let pooled: Vec<f32> = conv2
            .iter()
            .flat_map(|map| (0..144).map(move |index| largest(map, index / 12, index % 12)))
            .collect();
        let dense1 = vec![pooled.iter().sum::<f32>(); 128];
        let dense2 = vec![dense1.iter().sum::<f32>(); 10];
        // Equality is exact: 32 equal maps make every sum from the second convolution on a multiple
        // of 32, and 64 equal maps those of the dense layers one of 2,048, all below 2^24 of them.
        assert!(dense2[0] / 2_048.0 < 16_777_216.0 && dense2[0] % 2_048.0 == 0.0);
        let expected = [
            ("conv1", conv1.concat()),
            ("conv1.activation", conv1.concat()),
            ("conv2", conv2.concat()),
            ("conv2.activation", conv2.concat()),
            ("max_pool1", pooled.clone()),
            ("flatten1", pooled),
            ("dense1", dense1.clone()),
            ("dense1.activation", dense1),
            ("dense2", dense2),
        ];
        assert_eq!(traced.len(), expected.len() + 1);
        for (value, (name, expected)) in traced[1..].iter().zip(expected) {
            assert_eq!(value.layer, name);
            assert_eq!(value.values, expected, "{name}");
        }
        // Some of them are the same ones.
        let some = |names: &[&str]| -> Vec<TracedValue> {
            network.trace(input.clone(), |name| names.contains(&name)).collect()
        };
        assert_eq!(
            some(&["max_pool1", "conv1.activation"]),
            [traced[2].clone(), traced[5].clone()]
        );
        assert_eq!(some(&["input"]), traced[..1]);
        assert!(some(&[]).is_empty());
    }

    #[test]
    fn differences_do_not_pass_over_undefined_values() {
        let value = |values: [f32; 3]| TracedValue {
            layer: "a".to_owned(),
            kind: "b".to_owned(),
            is_activation: true,
            shape: Shape::Features(3),
            batch: 1,
            values: values.to_vec(),
        };
        let difference = |left, right| value(left).largest_difference(&value(right)).unwrap();
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        assert!((difference([1.0, 2.0, -3.0], [1.5, 2.0, -1.0]) - 2.0).abs() < 1e-12);
        assert!(difference([1.0, nan, 5.0], [1.0, 2.0, 1.0]).is_nan());
        assert!(difference([nan, inf, -0.0], [nan, inf, 0.0]).abs() < 1e-12);
        assert!(difference([inf, 0.0, 0.0], [1.0, 0.0, 0.0]).is_infinite());
        let other = TracedValue { shape: Shape::Features(1), batch: 3, ..value([0.0; 3]) };
        assert_eq!(value([0.0; 3]).largest_difference(&other), None);
    }

    #[test]
    fn a_unit_is_dead_when_it_is_zero_for_every_input() {
        let value = TracedValue {
            layer: "a".to_owned(),
            kind: "b".to_owned(),
            is_activation: true,
            shape: Shape::Maps { channels: 2, height: 1, width: 2 },
            batch: 2,
            values: vec![0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 4.0, 0.0],
        };
        let statistics = value.statistics();
        assert_eq!((statistics.dead_units, statistics.units), (Some(1), 2));
        assert_eq!(value.sizes(), [2, 2, 1, 2]);
    }
}
