//! What is constant in a network, whatever its input.

use burn::tensor::{Device, Tensor, TensorData};

use super::tensors::Tensors;
use crate::network::layer::Layer;
use crate::network::layers::rule::{BIAS, Passage, WEIGHT};
use crate::network::module::Network;
use crate::network::origin::Origin;
use crate::network::spec::LayerSpec;

/// One channel of a value, in the test phase: what it is where only biases arrive.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    pub(super) value: f32,
    /// Whether it is that for every input.
    pub(super) is_constant: bool,
}

const VARIES: Channel = Channel { value: 0.0, is_constant: false };

/// The channels of each layer's output.
pub(super) struct Constants(Vec<Vec<Channel>>);

impl Constants {
    /// Weights of at most `threshold` count as zero.
    pub(super) fn new(network: &Network, tensors: &Tensors, threshold: f64) -> Self {
        let mut constants = Self(Vec::new());
        for (spec, layer) in network.spec().layers().iter().zip(network.layers()) {
            let channels = constants.after(spec, layer, tensors, threshold);
            constants.0.push(channels);
        }
        constants
    }

    /// The channels of a value of the network.
    pub(super) fn at(&self, origin: Origin, channels: usize) -> Vec<Channel> {
        match origin {
            Origin::Input => vec![VARIES; channels],
            Origin::Layer(index) => self.0[index].clone(),
        }
    }

    fn after(
        &self,
        spec: &LayerSpec,
        layer: &Layer,
        tensors: &Tensors,
        threshold: f64,
    ) -> Vec<Channel> {
        let units = spec.output().channels();
        let origins = spec.origins().iter().zip(spec.inputs());
        let mut inputs: Vec<Vec<Channel>> =
            origins.map(|(origin, shape)| self.at(*origin, shape.channels())).collect();
        match spec.behavior().passage {
            Passage::Mixes(mixing) => {
                let stopped = |unit| {
                    let weight = format!("{}.{WEIGHT}", spec.name());
                    tensors.are_small(&weight, mixing.neurons_axis, unit..unit + 1, threshold)
                };
                let biases = biases(spec, tensors, units);
                let channel = |(unit, value)| Channel { value, is_constant: stopped(unit) };
                biases.into_iter().enumerate().map(channel).collect()
            }
            Passage::Filters { pads } => filtered(&inputs[0], pads, spec, tensors, threshold),
            Passage::Changes(changing) => {
                let scale = changing.scale.map(|scale| format!("{}.{scale}", spec.name()));
                let stopped = |unit| {
                    scale
                        .as_ref()
                        .is_some_and(|scale| tensors.are_small(scale, 0, unit..unit + 1, threshold))
                };
                let before = inputs.concat();
                let changed = changed(layer, before.iter().map(|channel| channel.value).collect());
                let channel = |(unit, (before, value)): (usize, (&Channel, f32))| Channel {
                    value,
                    is_constant: before.is_constant || stopped(unit),
                };
                before.iter().zip(changed).enumerate().map(channel).collect()
            }
            Passage::Spreads => {
                let each = units / spec.input().channels();
                inputs.concat().into_iter().flat_map(|channel| vec![channel; each]).collect()
            }
            Passage::Joins { product } => {
                let others = inputs.split_off(1);
                let join = |channels: Vec<Channel>, other: Vec<Channel>| {
                    channels.into_iter().zip(other).map(|(a, b)| a.joined(b, product)).collect()
                };
                others.into_iter().fold(inputs.concat(), join)
            }
            Passage::Keeps | Passage::Lists => inputs.concat(),
            Passage::Blocks => vec![VARIES; units],
        }
    }
}

impl Channel {
    fn joined(self, other: Self, product: bool) -> Self {
        let both = self.is_constant && other.is_constant;
        let is_zero = |channel: Self| channel.is_constant && channel.value == 0.0;
        if !product {
            return Self { value: self.value + other.value, is_constant: both };
        }
        Self {
            value: self.value * other.value,
            is_constant: both || is_zero(self) || is_zero(other),
        }
    }
}

fn biases(spec: &LayerSpec, tensors: &Tensors, units: usize) -> Vec<f32> {
    let biases = tensors.get(&format!("{}.{BIAS}", spec.name())).1;
    if biases.is_empty() { vec![0.0; units] } else { biases.to_vec() }
}

/// What a layer that changes each channel by itself makes of values.
fn changed(layer: &Layer, values: Vec<f32>) -> Vec<f32> {
    let sizes = [1, values.len(), 1, 1];
    let values = Tensor::<4>::from_data(TensorData::new(values, sizes), &Device::flex());
    layer.forward(vec![values]).into_data().iter::<f32>().collect()
}

/// What a layer that filters each channel by itself makes of them.
fn filtered(
    before: &[Channel],
    pads: bool,
    spec: &LayerSpec,
    tensors: &Tensors,
    threshold: f64,
) -> Vec<Channel> {
    let weight = format!("{}.{WEIGHT}", spec.name());
    let biases = biases(spec, tensors, before.len());
    let channel = |(unit, (before, bias)): (usize, (&Channel, f32))| {
        let stopped = tensors.are_small(&weight, 0, unit..unit + 1, threshold);
        let silent = before.is_constant && (before.value == 0.0 || !pads);
        let sum: f32 = tensors.places(&weight, 0, unit..unit + 1).sum();
        let arriving = if stopped { 0.0 } else { before.value * sum };
        Channel { value: arriving + bias, is_constant: stopped || silent }
    };
    before.iter().zip(biases).enumerate().map(channel).collect()
}
