//! The weights of a network by name.

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::TensorData;

use super::given::{Given, WeightsError};
use super::layer::Layer;
use super::module::Network;
use super::spec::LayerSpec;

impl Network {
    /// Every weight and running statistic with its name, layer by layer: the layer's name and the
    /// field's, such as `dense1.weight` or `dense1.batch_norm.gamma`.
    ///
    /// # Shapes
    /// - dense layer: `weight` `[inputs, units]`, `bias` `[units]`
    /// - convolution: `weight` `[filters, channels, height, width]`, `bias` `[filters]`
    /// - batch normalization: `gamma`, `beta`, `running_mean`, `running_variance` `[channels]`
    /// - PReLU: `slope` `[1]` or `[channels]`
    #[must_use]
    pub fn weights(&self) -> Vec<(String, TensorData)> {
        let named = |(spec, layer): (&LayerSpec, &Layer)| {
            let name = spec.name().to_owned();
            layer
                .compute()
                .weights()
                .into_iter()
                .map(move |(field, data)| (format!("{name}.{field}"), data))
        };
        self.spec().layers().iter().zip(self.layers()).flat_map(named).collect()
    }

    /// The same network with other weights, named and shaped as in [`weights`](Self::weights).
    /// Device, precision and parameter ids stay the same.
    ///
    /// ```
    /// use burn::tensor::TensorData;
    /// use dlkit_models::Device;
    /// use dlkit_models::network::{Network, NetworkSpec};
    ///
    /// let config = toml::from_str(r#"
    ///     input = [2]
    ///     layers = [{ type = "dense", units = 1 }]
    /// "#)?;
    /// let network = Network::new(&NetworkSpec::new(&config)?, 42, &Device::flex());
    /// let weights = [
    ///     ("dense1.weight".to_owned(), TensorData::from([[0.5f32], [-1.0]])),
    ///     ("dense1.bias".to_owned(), TensorData::from([0.25f32])),
    /// ];
    /// let network = network.with_weights(weights.clone())?;
    /// assert_eq!(network.weights(), weights);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A name the network does not have, one given twice, one that is missing, another shape.
    pub fn with_weights(
        self,
        weights: impl IntoIterator<Item = (String, TensorData)>,
    ) -> Result<Self, WeightsError> {
        let mut given = BTreeMap::new();
        for (name, data) in weights {
            if given.insert(name.clone(), data).is_some() {
                return Err(WeightsError::Twice { name });
            }
        }
        let known: Vec<String> = self.weights().into_iter().map(|(name, _)| name).collect();
        let names: BTreeSet<&String> = known.iter().collect();
        if let Some(name) = given.keys().find(|name| !names.contains(name)) {
            return Err(WeightsError::Unknown { name: name.clone(), known });
        }
        self.try_change_layers(|spec, layer| {
            let mut given = Given { layer: spec.name(), weights: &mut given };
            layer.compute_mut().set_weights(&mut given)
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{Module, Param};
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::network::NetworkSpec;

    fn network(recipe: &str) -> Network {
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        Network::new(&spec, 42, &Device::flex())
    }

    fn every_kind() -> Network {
        network(
            r#"
            input = [2, 4, 3]
            batch_norm = true
            activation = { kind = "prelu", per = "channel" }
            layers = [
                { type = "conv2d", filters = 3, kernel = 2, name = "first" },
                { type = "max-pool2d", size = 2 },
                { type = "flatten" },
                { type = "dense", units = 5, bias = false },
                { type = "dropout", rate = 0.5 },
                { type = "dense", units = 2 },
            ]
            "#,
        )
    }

    fn error(network: Network, weights: Vec<(String, TensorData)>) -> String {
        network.with_weights(weights).unwrap_err().to_string()
    }

    #[test]
    fn weights_are_named_by_layer_and_field() {
        let weights = every_kind().weights();
        let shapes: Vec<_> =
            weights.iter().map(|(name, data)| (name.as_str(), data.shape().to_vec())).collect();
        let expected = [
            ("first.weight", vec![3, 2, 2, 2]),
            ("first.bias", vec![3]),
            ("first.batch_norm.gamma", vec![3]),
            ("first.batch_norm.beta", vec![3]),
            ("first.batch_norm.running_mean", vec![3]),
            ("first.batch_norm.running_variance", vec![3]),
            ("first.activation.slope", vec![3]),
            ("dense1.weight", vec![3, 5]),
            ("dense1.batch_norm.gamma", vec![5]),
            ("dense1.batch_norm.beta", vec![5]),
            ("dense1.batch_norm.running_mean", vec![5]),
            ("dense1.batch_norm.running_variance", vec![5]),
            ("dense1.activation.slope", vec![5]),
            ("dense2.weight", vec![5, 2]),
            ("dense2.bias", vec![2]),
        ];
        assert_eq!(shapes, expected);
    }

    #[test]
    fn weights_that_were_read_can_be_written() {
        let source = Network::new(every_kind().spec(), 43, &Device::flex());
        let target = every_kind();
        assert_ne!(target.weights(), source.weights());
        let loaded = target.clone().with_weights(source.weights()).unwrap();
        assert_eq!(loaded.weights(), source.weights());
        assert_eq!(ids(&loaded), ids(&target));
    }

    #[test]
    fn writing_to_a_clone_leaves_the_original() {
        let original = network("input = [1]\nlayers = [{ type = \"batch-norm\" }]");
        let mut weights = original.weights();
        for (_, data) in &mut weights {
            *data = TensorData::from([7.0f32]);
        }
        let before = original.weights();
        let changed = original.clone().with_weights(weights.clone()).unwrap();
        assert_eq!(changed.weights(), weights);
        assert_eq!(original.weights(), before);
    }

    #[test]
    fn rejects_weights_that_do_not_fit() {
        let dense = || network("input = [2]\nlayers = [{ type = \"dense\", units = 1 }]");
        let weight = ("dense1.weight".to_owned(), TensorData::from([[1.0f32], [2.0]]));
        let bias = ("dense1.bias".to_owned(), TensorData::from([0.0f32]));
        let other = ("dense1.bais".to_owned(), bias.1.clone());
        let wide = ("dense1.weight".to_owned(), TensorData::from([[1.0f32, 2.0]]));
        assert_eq!(
            error(dense(), vec![weight.clone(), other]),
            "weight `dense1.bais`: not in the network, which has dense1.weight, dense1.bias"
        );
        assert_eq!(
            error(dense(), vec![weight.clone()]),
            "weight `dense1.bias`: missing; its shape is [1]"
        );
        assert_eq!(
            error(dense(), vec![wide, bias]),
            "weight `dense1.weight`: its shape is [1, 2], but the network needs [2, 1]"
        );
        assert_eq!(
            error(dense(), vec![weight.clone(), weight]),
            "weight `dense1.weight`: given twice"
        );
    }

    fn ids(network: &Network) -> Vec<burn::module::ParamId> {
        struct Ids(Vec<burn::module::ParamId>);
        impl burn::module::ModuleVisitor for Ids {
            fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
                self.0.push(parameter.id);
            }
        }
        let mut ids = Ids(Vec::new());
        network.visit(&mut ids);
        ids.0
    }
}
