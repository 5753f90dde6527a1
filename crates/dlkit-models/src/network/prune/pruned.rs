//! Removing what cannot matter, layer by layer.

use burn::tensor::Device;
use thiserror::Error;

use super::dead::{Dead, Study};
use super::tensors::Tensors;
use crate::network::config::NetworkConfig;
use crate::network::given::WeightsError;
use crate::network::layers::rule::{BIAS, Passage, WEIGHT};
use crate::network::module::Network;
use crate::network::origin::Origin;
use crate::network::spec::{LayerSpec, NetworkError, NetworkSpec};

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
/// most `threshold` count as zero. Scales, statistics and slopes of what lies between go with them, and
/// so do the channels that they are added to or multiplied with: all of them go, or none. A layer keeps
/// one neuron at least, and the neurons before a reshape or a softmax stay.
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
    let study = Study::new(network, &tensors, 0.0);
    let count = |(index, layer): (usize, &LayerSpec)| {
        layer.mixing()?;
        let classes: Vec<usize> = study.classes.at(Origin::Layer(index)).flatten().collect();
        let dead = classes.iter().filter(|class| study.is_dead(**class)).count();
        let units = layer.output().channels();
        (!classes.is_empty()).then(|| (layer.name().to_owned(), dead, units))
    };
    network.spec().layers().iter().enumerate().filter_map(count).collect()
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
        let layers = self.network.spec().layers();
        let mut tensors = Tensors::of(&self.network);
        let study = Study::new(&self.network, &tensors, threshold);
        let Some(Dead { classes, arriving }) = study.removable() else { return Ok(None) };
        let stays = |origin: Origin| -> Vec<usize> {
            let is_kept =
                |class: &Option<usize>| class.is_none_or(|class| !classes.contains(&class));
            let places = study.classes.at(origin).enumerate();
            places.filter(|(_, class)| is_kept(class)).map(|(place, _)| place).collect()
        };
        let kept: Vec<[Vec<usize>; 2]> = layers
            .iter()
            .enumerate()
            .map(|(index, layer)| [stays(layer.origins()[0]), stays(Origin::Layer(index))])
            .collect();
        for (home, sign, sums) in &arriving {
            tensors.add(home, *sign, sums);
        }
        let mut config = self.config.clone();
        let mut tables = config.layers.iter_mut();
        for (layer, [inputs, units]) in layers.iter().zip(&kept) {
            let table = if layer.is_first_of_table() { tables.next() } else { None };
            keep(layer, &mut tensors, inputs, units);
            if units.len() < layer.output().channels()
                && let Some(table) = table
            {
                table.table_mut().set_neurons(units.len());
            }
        }
        let spec = NetworkSpec::new(&config)?;
        let network =
            Network::new(&spec, 0, &Device::flex()).with_weights(tensors.into_weights())?;
        Ok(Some(Self { config, network }))
    }
}

/// Keeps the weights of a layer that belong to some channels of its input and of its output.
fn keep(layer: &LayerSpec, tensors: &mut Tensors, inputs: &[usize], units: &[usize]) {
    let name = |field: &str| format!("{}.{field}", layer.name());
    match layer.behavior().passage {
        Passage::Mixes(mixing) => {
            tensors.keep(&name(WEIGHT), mixing.neurons_axis, units);
            tensors.keep(&name(BIAS), 0, units);
            tensors.keep(&name(WEIGHT), mixing.inputs_axis, inputs);
        }
        Passage::Filters { .. } => {
            tensors.keep(&name(WEIGHT), 0, units);
            tensors.keep(&name(BIAS), 0, units);
        }
        Passage::Changes(changing) => {
            let own = changing.per_neuron.iter().map(|field| name(field));
            // A slope may be one for the whole layer.
            let channels = layer.input().channels();
            let each = own.filter(|field| tensors.get(field).0 == [channels]).collect::<Vec<_>>();
            for field in &each {
                tensors.keep(field, 0, units);
            }
        }
        Passage::Keeps
        | Passage::Spreads
        | Passage::Joins { .. }
        | Passage::Lists
        | Passage::Blocks => {}
    }
}
