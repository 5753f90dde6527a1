//! Which neurons of a layer lead where.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::tensors::Tensors;
use crate::network::layers::rule::{BIAS, Mixing, Passage, WEIGHT};
use crate::network::module::Network;
use crate::network::spec::{LayerSpec, NetworkSpec};

/// A layer with neurons and the next layer, which receives their outputs.
pub(super) struct Link {
    pub(super) from: End,
    pub(super) to: End,
    /// The place of the first among the layers with neurons.
    pub(super) ordinal: usize,
    /// The neurons of the first.
    pub(super) units: usize,
    /// Values in the second one's input that each neuron stands for: the pixels of its map where maps
    /// were flattened, else one.
    pub(super) block: usize,
    /// What multiplies the values between them, and how many of each a neuron stands for.
    scales: Vec<(String, usize)>,
}

/// One end of a link.
pub(super) struct End {
    pub(super) name: String,
    /// Its place among the layers of the specification.
    pub(super) index: usize,
    pub(super) mixing: Mixing,
}

impl End {
    pub(super) fn weight(&self) -> String {
        format!("{}.{WEIGHT}", self.name)
    }

    pub(super) fn bias(&self) -> String {
        format!("{}.{BIAS}", self.name)
    }
}

/// The links of a network whose neurons can be removed.
pub(super) fn links(spec: &NetworkSpec) -> Vec<Link> {
    let mixing = |(index, layer): (usize, &LayerSpec)| {
        let name = layer.name().to_owned();
        layer.mixing().map(|mixing| (End { name, index, mixing }, layer.output().channels()))
    };
    let ends = spec.layers().iter().enumerate().filter_map(mixing);
    ends.enumerate()
        .filter_map(|(ordinal, (from, units))| Link::new(spec, from, ordinal, units))
        .collect()
}

impl Link {
    fn new(spec: &NetworkSpec, from: End, ordinal: usize, units: usize) -> Option<Self> {
        let (mut block, mut scales) = (1, Vec::new());
        for (index, layer) in spec.layers().iter().enumerate().skip(from.index + 1) {
            match layer.behavior().passage {
                Passage::Keeps => {}
                Passage::Blocks => return None,
                Passage::Spreads => block *= layer.input().values() / layer.input().channels(),
                Passage::Changes(changing) => {
                    let scale = changing.scale.map(|scale| format!("{}.{scale}", layer.name()));
                    scales.extend(scale.map(|scale| (scale, block)));
                }
                Passage::Mixes(mixing) => {
                    let to = End { name: layer.name().to_owned(), index, mixing };
                    return Some(Self { from, to, ordinal, units, block, scales });
                }
            }
        }
        None
    }

    /// The values in the second layer's input that a neuron stands for.
    pub(super) const fn values(&self, unit: usize) -> Range<usize> {
        unit * self.block..(unit + 1) * self.block
    }

    /// Whether a neuron's output is constant: all its incoming weights, or its scale, are zero.
    pub(super) fn has_no_inputs(&self, tensors: &Tensors, unit: usize, threshold: f64) -> bool {
        let End { mixing: Mixing { neurons_axis, .. }, .. } = self.from;
        let stopped = |(scale, block): &(String, usize)| {
            all_small(tensors.places(scale, 0, unit * block..(unit + 1) * block), threshold)
        };
        all_small(tensors.places(&self.from.weight(), neurons_axis, unit..unit + 1), threshold)
            || self.scales.iter().any(stopped)
    }

    /// Whether all weights out of a neuron are zero.
    pub(super) fn has_no_outputs(&self, tensors: &Tensors, unit: usize, threshold: f64) -> bool {
        let axis = self.to.mixing.inputs_axis;
        all_small(tensors.places(&self.to.weight(), axis, self.values(unit)), threshold)
    }

    /// Input of the second layer, in the test phase, from neurons that output only their biases.
    pub(super) fn constants(&self, network: &Network, tensors: &Tensors) -> Vec<f32> {
        let biases = tensors.get(&self.from.bias()).1;
        let biases = if biases.is_empty() { vec![0.0; self.units] } else { biases.to_vec() };
        let data = TensorData::new(biases, [1, self.units, 1, 1]);
        let mut value = Tensor::<4>::from_data(data, &Device::flex());
        let layers = network.spec().layers().iter().zip(network.layers());
        for (spec, layer) in layers.take(self.to.index).skip(self.from.index + 1) {
            value = match spec.behavior().passage {
                Passage::Spreads => {
                    let [_, channels, ..] = value.dims();
                    let pixels = spec.input().values() / spec.input().channels();
                    let maps = value.reshape([1, channels, 1, 1]).repeat_dim(2, pixels);
                    maps.reshape([1, channels * pixels, 1, 1])
                }
                Passage::Changes(_) => layer.forward(value),
                Passage::Keeps | Passage::Blocks | Passage::Mixes(_) => value,
            };
        }
        value.into_data().iter::<f32>().collect()
    }

    /// Adds what constants at some places of the second layer's input become in each of its outputs.
    pub(super) fn add_constants(
        &self,
        arriving: &mut [f64],
        tensors: &Tensors,
        range: Range<usize>,
        constants: &[f32],
    ) {
        let weight = self.to.weight();
        for place in range {
            let constant = f64::from(constants[place]);
            let places = tensors.places(&weight, self.to.mixing.inputs_axis, place..place + 1);
            let weights: Vec<f64> = places.map(f64::from).collect();
            // For a convolution, so many weights belong to each output.
            let each = (weights.len() / arriving.len().max(1)).max(1);
            for (sum, weights) in arriving.iter_mut().zip(weights.chunks(each)) {
                *sum += constant * weights.iter().sum::<f64>();
            }
        }
    }
}

fn all_small(mut values: impl Iterator<Item = f32>, threshold: f64) -> bool {
    values.all(|value| f64::from(value.abs()) <= threshold)
}
