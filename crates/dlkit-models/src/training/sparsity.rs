//! How many weights are exactly zero, and how many neurons that leaves dead.

use crate::network::Network;
use crate::network::prune::dead_neurons;
use crate::value::number::float;

/// Shares from 0 to 1: `zero_weights` of all weights of dense and convolution layers, and of each
/// layer as `zero_weights.dense1`; `dead_neurons.dense1` of the neurons of a hidden layer (channels of
/// a convolution) none of whose inputs, or none of whose outputs, has a weight.
pub(crate) fn sparsity(network: &Network) -> Vec<(String, f64)> {
    let (mut zeros, mut all) = (0_usize, 0_usize);
    let mut figures = Vec::new();
    for (name, data) in network.weights() {
        let Some(layer) = name.strip_suffix(".weight") else { continue };
        let (own, count) = data
            .iter::<f32>()
            .fold((0, 0), |(zeros, count), value| (zeros + usize::from(value == 0.0), count + 1));
        figures.push((format!("zero_weights.{layer}"), float(own) / float(count)));
        zeros += own;
        all += count;
    }
    if all > 0 {
        figures.push(("zero_weights".to_owned(), float(zeros) / float(all)));
    }
    let dead = dead_neurons(network).into_iter();
    figures.extend(dead.map(|(layer, dead, neurons)| {
        (format!("dead_neurons.{layer}"), float(dead) / float(neurons))
    }));
    figures
}
