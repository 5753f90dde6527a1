//! The weights of layers as matrices.

use super::layer::Layer;
use super::layers::rule::{BIAS, Role, WEIGHT};
use super::module::Network;
use super::spec::LayerSpec;

/// The weights of a dense layer or a convolution as a matrix from inputs to units.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// Name of the layer.
    pub layer: String,
    /// Rows: inputs of a dense layer, places of the kernels (channels x height x width) of a convolution.
    pub inputs: usize,
    /// Columns: units of a dense layer, filters of a convolution.
    pub units: usize,
    /// The weights, row by row.
    pub weights: Vec<f32>,
    /// One value per unit; empty without units.
    pub biases: Vec<f32>,
}

impl Network {
    /// The weights of its dense layers and convolutions, from input to output.
    #[must_use]
    pub fn layer_weights(&self) -> Vec<LayerWeights> {
        self.spec().layers().iter().zip(self.layers()).filter_map(matrix).collect()
    }
}

/// The weights of a layer that has some from its inputs to neurons.
fn matrix((spec, layer): (&LayerSpec, &Layer)) -> Option<LayerWeights> {
    let Role::Weights { neurons_axis, .. } = spec.behavior().role else { return None };
    let fields = layer.compute().weights();
    let find = |field: &str| fields.iter().find(|(name, _)| *name == field).map(|(_, data)| data);
    let data = find(WEIGHT)?;
    let values: Vec<f32> = data.iter().collect();
    let units = *data.shape().to_vec().get(neurons_axis)?;
    let inputs = values.len().checked_div(units)?;
    let weights = by_unit_last(&values, units, data.shape().to_vec().get(neurons_axis + 1..)?);
    let biases = find(BIAS).map(|data| data.iter().collect()).unwrap_or_default();
    Some(LayerWeights { layer: spec.name().to_owned(), inputs, units, weights, biases })
}

/// Values whose axis of units is followed by axes of these sizes, with the units last.
fn by_unit_last(values: &[f32], units: usize, behind: &[usize]) -> Vec<f32> {
    let behind: usize = behind.iter().product();
    let block = |block: &[f32]| -> Vec<f32> {
        let of_place = |place: usize| block.iter().skip(place).step_by(behind.max(1)).copied();
        (0..behind).flat_map(of_place).collect()
    };
    values.chunks((units * behind).max(1)).flat_map(block).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::network::NetworkSpec;

    #[test]
    fn matrices_lead_from_inputs_to_units() {
        let recipe = "input = [2, 3, 3]\nlayers = [{ type = \"conv2d\", filters = 2, kernel = [1, 3] }, \
                      { type = \"flatten\" }, { type = \"dense\", units = 1 }]";
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let network = Network::new(&spec, 1, &Device::flex());
        let values = |count: u8| (0..count).map(f32::from).collect::<Vec<_>>();
        let weights = [
            ("conv1.weight", TensorData::new(values(12), [2, 2, 1, 3])),
            ("conv1.bias", TensorData::new(vec![7.0_f32, 8.0], [2])),
            ("dense1.weight", TensorData::new(values(6), [6, 1])),
            ("dense1.bias", TensorData::new(vec![9.0_f32], [1])),
        ];
        let named = weights.map(|(name, data)| (name.to_owned(), data));
        let layers = network.with_weights(named).unwrap().layer_weights();
        let [conv, dense] = layers.as_slice() else { panic!("{layers:?}") };
        assert_eq!((conv.layer.as_str(), conv.inputs, conv.units), ("conv1", 6, 2));
        // The first place of both kernels, then the second.
        assert_eq!(conv.weights[..4], [0.0, 6.0, 1.0, 7.0]);
        assert_eq!(conv.biases, [7.0, 8.0]);
        assert_eq!((dense.inputs, dense.units, &dense.weights), (6, 1, &values(6)));
    }
}
