//! The weights of a network by name.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, Param, RunningState};
use burn::tensor::{Tensor, TensorData};
use thiserror::Error;

use super::layer::Layer;
use super::module::Network;

/// Why weights do not fit a network.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WeightsError {
    /// A name the network does not have.
    #[error("the network has no weight `{name}`; it has {}", .known.join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names the network has.
        known: Vec<String>,
    },
    /// A name that was given more than once.
    #[error("the weight `{name}` is given twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A weight that was not given.
    #[error("the weight `{name}` of shape {shape:?} is missing")]
    Missing {
        /// The name of the weight.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A weight of another shape than the network's.
    #[error("the weight `{name}` has the shape {given:?}, the network's has {expected:?}")]
    Shape {
        /// The name of the weight.
        name: String,
        /// The shape that was given.
        given: Vec<usize>,
        /// The shape the network has.
        expected: Vec<usize>,
    },
}

impl Network {
    /// Every weight and running statistic with its name, layer by layer: the layer's name and the
    /// field's, such as `dense1.weight` or `dense1.batch_norm.gamma`.
    ///
    /// # Shapes
    /// - dense layer: `weight` `[inputs, units]`, `bias` `[units]`
    /// - convolution: `weight` `[filters, channels, height, width]`, `bias` `[filters]`
    /// - batch normalisation: `gamma`, `beta`, `running_mean`, `running_variance` `[channels]`
    /// - PReLU: `slope` `[1]` or `[channels]`
    #[must_use]
    pub fn weights(&self) -> Vec<(String, TensorData)> {
        let named = |(spec, layer): (&super::LayerSpec, &Layer)| {
            let name = spec.name().to_owned();
            layer.weights().into_iter().map(move |(field, data)| (format!("{name}.{field}"), data))
        };
        self.spec().layers().iter().zip(self.layers()).flat_map(named).collect()
    }

    /// The same network with other weights, each named and shaped as [`weights`](Self::weights)
    /// gives it. Device, precision and parameter ids stay what they were.
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
        self.try_map_layers(|spec, layer| {
            layer.with_weights(&mut Given { layer: spec.name(), weights: &mut given })
        })
    }
}

impl Layer {
    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        let mut fields = Vec::new();
        match self {
            Self::Dense(dense) => {
                fields.push(("weight", dense.weight.val().into_data()));
                fields.extend(dense.bias.iter().map(|bias| ("bias", bias.val().into_data())));
            }
            Self::Conv2d(conv) => {
                fields.push(("weight", conv.weight.val().into_data()));
                fields.extend(conv.bias.iter().map(|bias| ("bias", bias.val().into_data())));
            }
            Self::BatchNorm(norm) => {
                fields.push(("gamma", norm.gamma.val().into_data()));
                fields.push(("beta", norm.beta.val().into_data()));
                fields.push(("running_mean", norm.running_mean.value_sync().into_data()));
                fields.push(("running_variance", norm.running_variance.value_sync().into_data()));
            }
            Self::Activation(activation) => {
                let slope = activation.slope.iter();
                fields.extend(slope.map(|slope| ("slope", slope.val().into_data())));
            }
            Self::Dropout(_) | Self::Fixed(_) => {}
        }
        fields
    }

    fn with_weights(self, given: &mut Given<'_>) -> Result<Self, WeightsError> {
        match self {
            Self::Dense(mut dense) => {
                dense.weight = given.parameter("weight", dense.weight)?;
                dense.bias = dense.bias.map(|bias| given.parameter("bias", bias)).transpose()?;
                Ok(Self::Dense(dense))
            }
            Self::Conv2d(mut conv) => {
                conv.weight = given.parameter("weight", conv.weight)?;
                conv.bias = conv.bias.map(|bias| given.parameter("bias", bias)).transpose()?;
                Ok(Self::Conv2d(conv))
            }
            Self::BatchNorm(mut norm) => {
                norm.gamma = given.parameter("gamma", norm.gamma)?;
                norm.beta = given.parameter("beta", norm.beta)?;
                norm.running_mean = given.statistic("running_mean", &norm.running_mean)?;
                norm.running_variance =
                    given.statistic("running_variance", &norm.running_variance)?;
                Ok(Self::BatchNorm(norm))
            }
            Self::Activation(mut activation) => {
                let slope = activation.slope.map(|slope| given.parameter("slope", slope));
                activation.slope = slope.transpose()?;
                Ok(Self::Activation(activation))
            }
            same @ (Self::Dropout(_) | Self::Fixed(_)) => Ok(same),
        }
    }
}

/// The weights that were given, seen from one layer.
struct Given<'a> {
    layer: &'a str,
    weights: &'a mut BTreeMap<String, TensorData>,
}

impl Given<'_> {
    fn tensor<const D: usize>(
        &mut self,
        field: &str,
        old: &Tensor<D>,
    ) -> Result<Tensor<D>, WeightsError> {
        let name = format!("{}.{field}", self.layer);
        let expected = old.dims().to_vec();
        let Some(data) = self.weights.remove(&name) else {
            return Err(WeightsError::Missing { name, shape: expected });
        };
        let given = data.shape().to_vec();
        if given != expected {
            return Err(WeightsError::Shape { name, given, expected });
        }
        Ok(Tensor::from_data(data, (&old.device(), old.dtype())))
    }

    fn parameter<const D: usize>(
        &mut self,
        field: &str,
        old: Param<Tensor<D>>,
    ) -> Result<Param<Tensor<D>>, WeightsError> {
        let new = self.tensor(field, &old.val())?;
        Ok(old.map(|old| if old.is_require_grad() { new.require_grad() } else { new }))
    }

    fn statistic(
        &mut self,
        field: &str,
        old: &RunningState<Tensor<1>>,
    ) -> Result<RunningState<Tensor<1>>, WeightsError> {
        let new = self.tensor(field, &old.value_sync())?;
        // Clones of a network share their running statistics; `valid` makes one of its own with
        // the same id.
        let own = old.valid();
        own.update(new);
        own.value_sync();
        Ok(own)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

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
            "the network has no weight `dense1.bais`; it has dense1.weight, dense1.bias"
        );
        assert_eq!(
            error(dense(), vec![weight.clone()]),
            "the weight `dense1.bias` of shape [1] is missing"
        );
        assert_eq!(
            error(dense(), vec![wide, bias]),
            "the weight `dense1.weight` has the shape [1, 2], the network's has [2, 1]"
        );
        assert_eq!(
            error(dense(), vec![weight.clone(), weight]),
            "the weight `dense1.weight` is given twice"
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
