//! Which classes of neurons cannot matter.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::Classes;
use super::constants::{Channel, Constants};
use super::tensors::Tensors;
use crate::network::layers::rule::{BIAS, Mixing, Passage, WEIGHT};
use crate::network::module::Network;
use crate::network::origin::Origin;
use crate::network::spec::{LayerSpec, NetworkSpec};

/// The neurons of a network and what becomes of each.
pub(super) struct Study<'a> {
    spec: &'a NetworkSpec,
    tensors: &'a Tensors,
    threshold: f64,
    pub(super) classes: Classes,
    /// Where layers with weights read each class.
    readers: BTreeMap<usize, Vec<Reader>>,
}

/// A place where a layer with weights reads a class.
struct Reader {
    layer: usize,
    mixing: Mixing,
    /// The channel of its input.
    place: usize,
    channel: Channel,
}

/// Classes to remove, all at once.
pub(super) struct Dead {
    pub(super) classes: BTreeSet<usize>,
    /// What takes their constants: the name of a weight, the sign, and what is added.
    pub(super) arriving: Vec<(String, f64, Vec<f64>)>,
}

impl<'a> Study<'a> {
    /// Weights of at most `threshold` count as zero.
    pub(super) fn new(network: &'a Network, tensors: &'a Tensors, threshold: f64) -> Self {
        let spec = network.spec();
        let classes = Classes::new(spec);
        let constants = Constants::new(network, tensors, threshold);
        let mut readers: BTreeMap<usize, Vec<Reader>> = BTreeMap::new();
        for (layer, read) in spec.layers().iter().enumerate() {
            let Some(mixing) = read.mixing() else { continue };
            let origin = read.origins()[0];
            let channels = constants.at(origin, read.input().channels());
            for (place, (class, channel)) in classes.at(origin).zip(channels).enumerate() {
                let Some(class) = class else { continue };
                readers.entry(class).or_default().push(Reader { layer, mixing, place, channel });
            }
        }
        Self { spec, tensors, threshold, classes, readers }
    }

    /// Whether nothing of a class but constants arrives anywhere.
    pub(super) fn is_dead(&self, class: usize) -> bool {
        self.readers_of(class).iter().all(|reader| self.is_ignored(reader) || reader.is_constant())
    }

    /// The classes of the first layer that has some that can be removed.
    pub(super) fn removable(&self) -> Option<Dead> {
        let with_neurons = |(_, layer): &(usize, &LayerSpec)| layer.mixing().is_some();
        let mut layers = self.spec.layers().iter().enumerate().filter(with_neurons);
        layers.find_map(|(index, _)| self.removable_of(index))
    }

    fn removable_of(&self, layer: usize) -> Option<Dead> {
        let mut left = self.neurons_left();
        let mut classes = BTreeSet::new();
        let mut arriving = BTreeMap::new();
        for class in self.classes.at(Origin::Layer(layer)).flatten() {
            if classes.contains(&class) || !self.can_go(class) {
                continue;
            }
            let without: Vec<usize> =
                left.iter().map(|counts| counts.get(&class).copied().unwrap_or(0)).collect();
            let stays_alive = |(counts, gone): (&BTreeMap<usize, usize>, &usize)| {
                *gone == 0 || counts.values().sum::<usize>() > *gone
            };
            if !left.iter().zip(&without).all(stays_alive) {
                continue;
            }
            for counts in &mut left {
                counts.remove(&class);
            }
            self.readers_of(class).iter().for_each(|reader| self.fold(reader, &mut arriving));
            classes.insert(class);
        }
        let home = |(layer, sums): (usize, Vec<f64>)| {
            let (name, sign) = self.home_of_constants(layer)?;
            Some((name, sign, sums))
        };
        let arriving = arriving.into_iter().filter_map(home).collect();
        (!classes.is_empty()).then_some(Dead { classes, arriving })
    }

    /// For each layer with neurons, how many each class has there; those that stay anyhow are of none.
    fn neurons_left(&self) -> Vec<BTreeMap<usize, usize>> {
        const FIXED: usize = usize::MAX;
        let layers = self.spec.layers().iter().enumerate();
        let with_neurons = layers.filter(|(_, layer)| layer.mixing().is_some());
        let count = |(index, _): (usize, &LayerSpec)| {
            let mut counts = BTreeMap::new();
            for class in self.classes.at(Origin::Layer(index)) {
                *counts.entry(class.unwrap_or(FIXED)).or_insert(0) += 1;
            }
            counts
        };
        with_neurons.map(count).collect()
    }

    fn readers_of(&self, class: usize) -> &[Reader] {
        self.readers.get(&class).map_or(&[], Vec::as_slice)
    }

    /// Whether the weights of a place are all zero.
    fn is_ignored(&self, reader: &Reader) -> bool {
        let places = reader.place..reader.place + 1;
        self.tensors.are_small(
            &self.field(reader.layer, WEIGHT),
            reader.mixing.inputs_axis,
            places,
            self.threshold,
        )
    }

    /// Whether a class can be removed: its constants, if any, find a home.
    fn can_go(&self, class: usize) -> bool {
        // At the border fewer weights meet a constant.
        let finds_home =
            |reader: &Reader| !reader.mixing.pads && self.home_of_constants(reader.layer).is_some();
        self.readers_of(class).iter().all(|reader| {
            self.is_ignored(reader)
                || reader.is_constant() && (reader.channel.value == 0.0 || finds_home(reader))
        })
    }

    /// Adds what a constant becomes in each output of the layer that reads it.
    fn fold(&self, reader: &Reader, arriving: &mut BTreeMap<usize, Vec<f64>>) {
        if self.is_ignored(reader) || reader.channel.value == 0.0 {
            return;
        }
        let outputs = self.spec.layers()[reader.layer].output().channels();
        let sums = arriving.entry(reader.layer).or_insert_with(|| vec![0.0; outputs]);
        let places = reader.place..reader.place + 1;
        let weights: Vec<f64> = self
            .tensors
            .places(&self.field(reader.layer, WEIGHT), reader.mixing.inputs_axis, places)
            .map(f64::from)
            .collect();
        // For a convolution, so many weights belong to each output.
        let each = (weights.len() / outputs.max(1)).max(1);
        let constant = f64::from(reader.channel.value);
        for (sum, weights) in sums.iter_mut().zip(weights.chunks(each)) {
            *sum += constant * weights.iter().sum::<f64>();
        }
    }

    /// What takes constants that arrive at a layer, and with which sign: its biases or, where it has
    /// none, the means that a batch normalization behind it subtracts.
    fn home_of_constants(&self, layer: usize) -> Option<(String, f64)> {
        let bias = self.field(layer, BIAS);
        if !self.tensors.get(&bias).0.is_empty() {
            return Some((bias, 1.0));
        }
        let this = Origin::Layer(layer);
        let mut readers = self.spec.layers().iter().filter(|next| next.origins().contains(&this));
        let (Some(behind), None) = (readers.next(), readers.next()) else { return None };
        let mean = match behind.behavior().passage {
            Passage::Changes(changing) => changing.mean?,
            Passage::Mixes(_)
            | Passage::Filters { .. }
            | Passage::Keeps
            | Passage::Spreads
            | Passage::Joins { .. }
            | Passage::Lists
            | Passage::Blocks => return None,
        };
        Some((format!("{}.{mean}", behind.name()), -1.0))
    }

    fn field(&self, layer: usize, field: &str) -> String {
        format!("{}.{field}", self.spec.layers()[layer].name())
    }
}

impl Reader {
    const fn is_constant(&self) -> bool {
        self.channel.is_constant
    }
}
