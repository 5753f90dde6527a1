//! Removing what cannot matter, layer by layer.

use burn::tensor::Device;
use thiserror::Error;

use super::link::{Link, links};
use super::tensors::Tensors;
use crate::network::config::NetworkConfig;
use crate::network::given::WeightsError;
use crate::network::layers::rule::Passage;
use crate::network::module::Network;
use crate::network::spec::{NetworkError, NetworkSpec};

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
/// batch normalization, are zero, so that their output is a constant. It goes into the biases of the
/// next layer or, where that has none, into the means of the batch normalization behind it. Weights of at
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
    let count = |link: Link| {
        let is_dead = |&unit: &usize| {
            link.has_no_inputs(&tensors, unit, 0.0) || link.has_no_outputs(&tensors, unit, 0.0)
        };
        let dead = (0..link.units).filter(is_dead).count();
        (link.from.name, dead, link.units)
    };
    links(network.spec()).into_iter().map(count).collect()
}

impl Pruned {
    /// Dead neurons that were kept: each layer keeps one, and a constant cannot be folded past
    /// padding or into a layer without bias or batch normalization.
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
        let home = self.home_of_constants(link, &tensors);
        let Kept { units, arriving } = self.kept(link, &tensors, home.is_some(), threshold);
        if units.len() == link.units {
            return Ok(None);
        }
        if let Some((name, sign)) = home {
            tensors.add(&name, sign, &arriving);
        }
        self.keep(link, &mut tensors, &units);
        let config = self.config.with_neurons(link.ordinal, units.len());
        let spec = NetworkSpec::new(&config)?;
        let network =
            Network::new(&spec, 0, &Device::flex()).with_weights(tensors.into_weights())?;
        Ok(Some(Self { config, network }))
    }

    /// What takes constants that arrive at the next layer, and with which sign: its biases or, where it
    /// has none, the means that a batch normalization behind it subtracts.
    fn home_of_constants(&self, link: &Link, tensors: &Tensors) -> Option<(String, f64)> {
        let bias = link.to.bias();
        if !tensors.get(&bias).0.is_empty() {
            return Some((bias, 1.0));
        }
        let behind = self.network.spec().layers().get(link.to.index + 1)?;
        let mean = match behind.behavior().passage {
            Passage::Changes(changing) => changing.mean?,
            Passage::Mixes(_) | Passage::Keeps | Passage::Spreads | Passage::Blocks => return None,
        };
        Some((format!("{}.{mean}", behind.name()), -1.0))
    }

    /// The neurons that stay, and what those that go add to the outputs of the next layer.
    fn kept(&self, link: &Link, tensors: &Tensors, has_home: bool, threshold: f64) -> Kept {
        let constants = link.constants(&self.network, tensors);
        let outputs = self.network.spec().layers()[link.to.index].output().channels();
        let mut kept = Kept { units: Vec::new(), arriving: vec![0.0; outputs] };
        for unit in 0..link.units {
            let last = unit + 1 == link.units && kept.units.is_empty();
            if last {
                kept.units.push(unit);
            } else if link.has_no_outputs(tensors, unit, threshold) {
                // Nothing of it arrives.
            } else if link.has_no_inputs(tensors, unit, threshold) {
                let range = link.values(unit);
                let silent = constants[range.clone()].iter().all(|&value| value == 0.0);
                if !silent && (link.to.mixing.pads || !has_home) {
                    // At the border fewer weights meet the constant.
                    kept.units.push(unit);
                } else if !silent {
                    link.add_constants(&mut kept.arriving, tensors, range, &constants);
                }
            } else {
                kept.units.push(unit);
            }
        }
        kept
    }

    /// Keeps the weights of some neurons: into them, out of them, and between.
    fn keep(&self, link: &Link, tensors: &mut Tensors, units: &[usize]) {
        let values: Vec<usize> = units.iter().flat_map(|&unit| link.values(unit)).collect();
        tensors.keep(&link.from.weight(), link.from.mixing.neurons_axis, units);
        tensors.keep(&link.from.bias(), 0, units);
        tensors.keep(&link.to.weight(), link.to.mixing.inputs_axis, &values);
        for layer in &self.network.spec().layers()[link.from.index + 1..link.to.index] {
            let fields = match layer.behavior().passage {
                Passage::Changes(changing) => changing.per_neuron,
                Passage::Mixes(_) | Passage::Keeps | Passage::Spreads | Passage::Blocks => &[],
            };
            // Behind a flatten there is a channel for every pixel.
            let channels = layer.input().channels();
            let kept = if channels == link.units { units } else { &values };
            for field in fields {
                let name = format!("{}.{field}", layer.name());
                // A slope may be one for the whole layer.
                if tensors.get(&name).0 == [channels] {
                    tensors.keep(&name, 0, kept);
                }
            }
        }
    }
}

/// The neurons of a layer that stay.
struct Kept {
    units: Vec<usize>,
    /// What the others add to each output of the next layer.
    arriving: Vec<f64>,
}

impl NetworkConfig {
    /// The same network with another number of neurons in one of the layers that have some.
    fn with_neurons(&self, ordinal: usize, count: usize) -> Self {
        let mut config = self.clone();
        let mut counts =
            config.layers.iter_mut().filter_map(|layer| layer.table_mut().neurons_mut());
        if let Some(neurons) = counts.nth(ordinal) {
            *neurons = count;
        }
        config
    }
}
