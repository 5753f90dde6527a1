//! Smaller networks that compute the same: neurons that cannot matter are removed.

use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

use super::config::{LayerConfig, NetworkConfig};
use super::error::NetworkError;
use super::module::Network;
use super::operation::Operation;
use super::spec::NetworkSpec;
use super::weights::WeightsError;

/// A network without the neurons that cannot matter.
#[derive(Debug)]
pub struct Pruned {
    /// The smaller network, as a recipe has it.
    pub config: NetworkConfig,
    /// The smaller network with its weights.
    pub network: Network,
}

/// Why a network cannot be pruned.
#[derive(Debug, Error)]
pub enum PruneError {
    /// The smaller network does not fit together.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The smaller weights do not fit the smaller network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}

/// Removes the neurons of hidden dense layers, and the channels of convolutions, that cannot matter:
/// those whose outgoing weights are all zero, and those whose incoming weights, or whose scale in a
/// batch normalisation, are zero, so that their output is a constant. It goes into the biases of the
/// next layer or, where that has none, into the means of the batch normalisation behind it. Weights of at
/// most `threshold` count as zero. Scales, statistics and slopes of what lies between go with them. A
/// layer keeps one neuron at least, and the neurons before a reshape or a softmax stay.
///
/// With a threshold of 0 the network computes, in the test phase, what it did.
///
/// # Errors
/// None that a network built from `config` can have.
pub fn prune(
    config: &NetworkConfig,
    network: &Network,
    threshold: f64,
) -> Result<Pruned, PruneError> {
    let mut pruned = Pruned { config: config.clone(), network: network.clone() };
    while let Some(smaller) = pruned.without_dead(threshold)? {
        pruned = smaller;
    }
    Ok(pruned)
}

/// Name, dead neurons and all neurons of each hidden dense layer and convolution that can be pruned.
pub(crate) fn dead_neurons(network: &Network) -> Vec<(String, usize, usize)> {
    let tensors = Tensors::of(network);
    let links = links(network.spec());
    let counts = links.iter().map(|link| {
        let dead = (0..link.units)
            .filter(|&unit| {
                tensors.has_no_inputs(link, unit, 0.0) || tensors.has_no_outputs(link, unit, 0.0)
            })
            .count();
        (link.from.clone(), dead, link.units)
    });
    counts.collect()
}

/// A layer with weights and the next one that takes its outputs.
struct Link {
    from: String,
    /// Its place among the layers of the specification.
    from_index: usize,
    /// Its place among the layers with weights.
    ordinal: usize,
    to: String,
    to_index: usize,
    units: usize,
    /// Values in the next layer's input that each neuron stands for: the pixels of its map where maps
    /// were flattened, else one.
    block: usize,
    /// The batch normalisations between them, and the values of each that a neuron stands for.
    norms: Vec<(String, usize)>,
}

fn is_weighted(operation: Operation) -> bool {
    matches!(operation, Operation::Dense { .. } | Operation::Conv2d(_))
}

fn links(spec: &NetworkSpec) -> Vec<Link> {
    let layers = spec.layers();
    let weighted = layers.iter().enumerate().filter(|(_, layer)| is_weighted(layer.operation()));
    let link = |(ordinal, (from_index, from)): (usize, (usize, &super::LayerSpec))| {
        let mut block = 1;
        let mut norms = Vec::new();
        for (to_index, layer) in layers.iter().enumerate().skip(from_index + 1) {
            match layer.operation() {
                Operation::Reshape { .. } | Operation::Softmax => return None,
                Operation::Flatten => block *= layer.input().values() / layer.input().channels(),
                Operation::BatchNorm { .. } => norms.push((layer.name().to_owned(), block)),
                operation if is_weighted(operation) => {
                    return Some(Link {
                        from: from.name().to_owned(),
                        from_index,
                        ordinal,
                        to: layer.name().to_owned(),
                        to_index,
                        units: from.output().channels(),
                        block,
                        norms,
                    });
                }
                _ => {}
            }
        }
        None
    };
    weighted.enumerate().filter_map(link).collect()
}

/// Named values with their sizes.
struct Tensors(Vec<(String, Vec<usize>, Vec<f32>)>);

impl Tensors {
    fn of(network: &Network) -> Self {
        let weights = network.weights().into_iter();
        let plain = |(name, data): (String, TensorData)| {
            (name, data.shape().to_vec(), data.iter::<f32>().collect())
        };
        Self(weights.map(plain).collect())
    }

    fn get(&self, name: &str) -> (&[usize], &[f32]) {
        let found = self.0.iter().find(|(known, ..)| known == name);
        found.map_or((&[], &[]), |(_, dims, values)| (dims, values))
    }

    fn weight(&self, layer: &str) -> (&[usize], &[f32]) {
        self.get(&format!("{layer}.weight"))
    }

    /// Whether a neuron gives a constant: all weights into it are zero, or a scale behind it.
    fn has_no_inputs(&self, link: &Link, unit: usize, threshold: f64) -> bool {
        let (dims, values) = self.weight(&link.from);
        let stopped = |(norm, block): &(String, usize)| {
            let (dims, scales) = self.get(&format!("{norm}.gamma"));
            !dims.is_empty()
                && all_small(scales, dims, 0, unit * block..(unit + 1) * block, threshold)
        };
        all_small(values, dims, output_axis(dims), unit..unit + 1, threshold)
            || link.norms.iter().any(stopped)
    }

    /// Whether all weights out of a neuron are zero.
    fn has_no_outputs(&self, link: &Link, unit: usize, threshold: f64) -> bool {
        let (dims, values) = self.weight(&link.to);
        let range = unit * link.block..(unit + 1) * link.block;
        all_small(values, dims, input_axis(dims), range, threshold)
    }

    /// Keeps these places of an axis.
    fn keep(&mut self, name: &str, axis: usize, kept: &[usize]) {
        if let Some((_, dims, values)) = self.0.iter_mut().find(|(known, ..)| known == name) {
            let (size, inner) = (dims[axis], dims[axis + 1..].iter().product::<usize>());
            let row = |row: &[f32]| -> Vec<f32> {
                let place = |&place: &usize| row[place * inner..(place + 1) * inner].iter();
                kept.iter().flat_map(place).copied().collect()
            };
            *values = values.chunks(size * inner).flat_map(row).collect();
            dims[axis] = kept.len();
        }
    }

    /// Adds numbers, times a sign.
    #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
    fn add(&mut self, name: &str, sign: f64, numbers: &[f64]) {
        if let Some((.., values)) = self.0.iter_mut().find(|(known, ..)| known == name) {
            for (value, number) in values.iter_mut().zip(numbers) {
                *value = (f64::from(*value) + sign * number) as f32;
            }
        }
    }

    fn into_weights(self) -> impl Iterator<Item = (String, TensorData)> {
        self.0.into_iter().map(|(name, dims, values)| (name, TensorData::new(values, dims)))
    }
}

/// The axis of neurons: `[inputs, units]`, `[filters, channels, height, width]`.
const fn output_axis(dims: &[usize]) -> usize {
    if dims.len() == 2 { 1 } else { 0 }
}

const fn input_axis(dims: &[usize]) -> usize {
    if dims.len() == 2 { 0 } else { 1 }
}

/// The values of some places of an axis.
fn places<'a>(
    values: &'a [f32],
    dims: &[usize],
    axis: usize,
    range: std::ops::Range<usize>,
) -> impl Iterator<Item = &'a f32> {
    let (size, inner) = (dims[axis], dims[axis + 1..].iter().product::<usize>());
    values.chunks(size * inner).flat_map(move |row| &row[range.start * inner..range.end * inner])
}

fn all_small(
    values: &[f32],
    dims: &[usize],
    axis: usize,
    range: std::ops::Range<usize>,
    threshold: f64,
) -> bool {
    places(values, dims, axis, range).all(|value| f64::from(value.abs()) <= threshold)
}

impl Pruned {
    /// Dead neurons that had to stay: a layer keeps one, and constants cannot be moved past padding or
    /// into a layer that has neither biases nor a batch normalisation behind it.
    #[must_use]
    pub fn dead_neurons(&self) -> usize {
        dead_neurons(&self.network).iter().map(|(_, dead, _)| dead).sum()
    }

    /// The network without the dead neurons of the first layer that has some.
    fn without_dead(&self, threshold: f64) -> Result<Option<Self>, PruneError> {
        for link in links(self.network.spec()) {
            if let Some(smaller) = self.without_dead_of(&link, threshold)? {
                return Ok(Some(smaller));
            }
        }
        Ok(None)
    }

    fn without_dead_of(&self, link: &Link, threshold: f64) -> Result<Option<Self>, PruneError> {
        let mut tensors = Tensors::of(&self.network);
        let constants = self.constants(link, &tensors);
        let home = self.home_of_constants(link, &tensors);
        let mut arriving =
            vec![0.0; self.network.spec().layers()[link.to_index].output().channels()];
        let padded = match self.network.spec().layers()[link.to_index].operation() {
            Operation::Conv2d(conv) => conv.padding_pixels() != [(0, 0), (0, 0)],
            _ => false,
        };
        let mut kept = Vec::new();
        for unit in 0..link.units {
            let last = unit + 1 == link.units && kept.is_empty();
            if last {
                kept.push(unit);
            } else if tensors.has_no_outputs(link, unit, threshold) {
                // Nothing of it arrives.
            } else if tensors.has_no_inputs(link, unit, threshold) {
                let range = unit * link.block..(unit + 1) * link.block;
                let silent = constants[range.clone()].iter().all(|&value| value == 0.0);
                if !silent && (padded || home.is_none()) {
                    // At the border fewer weights meet the constant.
                    kept.push(unit);
                } else if !silent {
                    add_constant(&mut arriving, &tensors, link, range, &constants);
                }
            } else {
                kept.push(unit);
            }
        }
        if kept.len() == link.units {
            return Ok(None);
        }
        let block = link.block;
        let kept_values: Vec<usize> =
            kept.iter().flat_map(|unit| unit * block..(unit + 1) * block).collect();
        if let Some((name, sign)) = home {
            tensors.add(&name, sign, &arriving);
        }
        let axis = output_axis(tensors.weight(&link.from).0);
        tensors.keep(&format!("{}.weight", link.from), axis, &kept);
        tensors.keep(&format!("{}.bias", link.from), 0, &kept);
        let axis = input_axis(tensors.weight(&link.to).0);
        tensors.keep(&format!("{}.weight", link.to), axis, &kept_values);
        for layer in &self.network.spec().layers()[link.from_index + 1..link.to_index] {
            // Behind a flatten there is a channel for every pixel.
            let flattened = layer.input().channels() != link.units;
            let kept = if flattened { &kept_values } else { &kept };
            for field in ["gamma", "beta", "running_mean", "running_variance", "slope"] {
                let name = format!("{}.{field}", layer.name());
                // A slope may be one for the whole layer.
                if tensors.get(&name).0 == [layer.input().channels()] {
                    tensors.keep(&name, 0, kept);
                }
            }
        }
        let config = self.config.with_units(link.ordinal, kept.len());
        let spec = NetworkSpec::new(&config)?;
        let network =
            Network::new(&spec, 0, &Device::flex()).with_weights(tensors.into_weights())?;
        Ok(Some(Self { config, network }))
    }

    /// What takes constants that arrive at the next layer, and with which sign: its biases or, where it
    /// has none, the means that a batch normalisation behind it subtracts.
    fn home_of_constants(&self, link: &Link, tensors: &Tensors) -> Option<(String, f64)> {
        let bias = format!("{}.bias", link.to);
        if !tensors.get(&bias).0.is_empty() {
            return Some((bias, 1.0));
        }
        let behind = self.network.spec().layers().get(link.to_index + 1)?;
        let is_norm = matches!(behind.operation(), Operation::BatchNorm { .. });
        is_norm.then(|| (format!("{}.running_mean", behind.name()), -1.0))
    }

    /// What arrives at the next layer, in the test phase, from neurons that give only their biases.
    fn constants(&self, link: &Link, tensors: &Tensors) -> Vec<f32> {
        let device = Device::flex();
        let biases = tensors.get(&format!("{}.bias", link.from)).1;
        let biases = if biases.is_empty() { vec![0.0; link.units] } else { biases.to_vec() };
        let mut value =
            Tensor::<4>::from_data(TensorData::new(biases, [1, link.units, 1, 1]), &device);
        let layers = self.network.spec().layers().iter().zip(self.network.layers());
        for (spec, layer) in layers.take(link.to_index).skip(link.from_index + 1) {
            value = match spec.operation() {
                Operation::Flatten => {
                    let [_, channels, ..] = value.dims();
                    let pixels = spec.input().values() / spec.input().channels();
                    let maps = value.reshape([1, channels, 1, 1]).repeat_dim(2, pixels);
                    maps.reshape([1, channels * pixels, 1, 1])
                }
                Operation::BatchNorm { .. } | Operation::Activation(_) => layer.forward(value),
                // Windows of a constant give the constant, and dropout does nothing here.
                _ => value,
            };
        }
        value.into_data().iter::<f32>().collect()
    }
}

/// Adds what constants at some places of the input become in each output.
fn add_constant(
    arriving: &mut [f64],
    tensors: &Tensors,
    link: &Link,
    range: std::ops::Range<usize>,
    constants: &[f32],
) {
    let (dims, values) = tensors.weight(&link.to);
    for place in range {
        let constant = f64::from(constants[place]);
        let weights = places(values, dims, input_axis(dims), place..place + 1);
        let weights: Vec<f64> = weights.map(|&weight| weight.into()).collect();
        // For a convolution, so many weights belong to each output.
        let each = (weights.len() / arriving.len().max(1)).max(1);
        for (sum, weights) in arriving.iter_mut().zip(weights.chunks(each)) {
            *sum += constant * weights.iter().sum::<f64>();
        }
    }
}

impl NetworkConfig {
    /// The same network with another number of neurons in one of its layers with weights.
    fn with_units(&self, ordinal: usize, units: usize) -> Self {
        let mut config = self.clone();
        match config.layers.iter_mut().filter(|layer| layer.is_weighted()).nth(ordinal) {
            Some(LayerConfig::Dense(dense)) => dense.units = units,
            Some(LayerConfig::Conv2d(conv)) => conv.filters = units,
            _ => {}
        }
        config
    }
}

#[cfg(test)]
mod tests;
