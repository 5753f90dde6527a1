//! What a network consists of, layer by layer, without building it.

use serde::Serialize;

use super::origin::Origin;
use super::receptive_field::receptive_fields;
use super::spec::{LayerSpec, NetworkSpec};
use crate::value::shape::Shape;

/// Bytes of one parameter as it is stored.
const PARAMETER_BYTES: usize = 4;

/// A network in figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkSummary {
    /// Shape of one input.
    pub input: Shape,
    /// Shape of one output.
    pub output: Shape,
    /// The layers of the recipe, in order.
    pub layers: Vec<LayerSummary>,
    /// Trained parameters.
    pub trainable_parameters: usize,
    /// Values that are kept but not trained: running statistics of batch normalization.
    pub fixed_parameters: usize,
    /// Bytes of all of them.
    pub bytes: usize,
    /// Multiply-adds of dense and convolution layers for one input.
    pub multiply_adds: usize,
}

/// One layer of a recipe in figures, batch normalization and activation included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerSummary {
    /// Name of the layer.
    pub name: String,
    /// Type and settings, such as `conv2d 3x3, 32 filters`.
    pub kind: String,
    /// What follows within the layer: `batch norm`, an activation's name.
    pub followed_by: Vec<String>,
    /// Names of what it reads: layers, or `input`.
    pub from: Vec<String>,
    /// Shape of one input, of the first if it reads several.
    pub input: Shape,
    /// Shape of one output.
    pub output: Shape,
    /// Whether the recipe freezes weights of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub frozen: bool,
    /// Trained parameters.
    pub trainable_parameters: usize,
    /// Values that are kept but not trained.
    pub fixed_parameters: usize,
    /// Multiply-adds for one input.
    pub multiply_adds: usize,
    /// Receptive field: input pixels `[height, width]` that one output value can depend on, padding
    /// included. `None` for outputs that are not maps; they depend on the whole input.
    pub receptive_field: Option<[usize; 2]>,
}

impl NetworkSummary {
    /// Whether every layer reads just the one before.
    #[must_use]
    pub fn is_chain(&self) -> bool {
        let names = self.layers.iter().map(|layer| layer.name.as_str());
        let before = std::iter::once("input").chain(names);
        self.layers.iter().zip(before).all(|(layer, before)| layer.from == [before])
    }

    /// The figures of a network.
    #[must_use]
    pub fn new(spec: &NetworkSpec) -> Self {
        Self::of_layers(spec.input(), spec.layers())
    }

    /// The same with the weights of some layers frozen: they are not trained.
    #[must_use]
    pub fn freezing(mut self, spec: &NetworkSpec, is_frozen: impl Fn(&LayerSpec) -> bool) -> Self {
        for layer in spec.layers().iter().filter(|layer| is_frozen(layer)) {
            let parameters = layer.costs().parameters;
            let mut summaries = self.layers.iter_mut();
            if let Some(summary) = summaries.find(|summary| summary.name == layer.table_name()) {
                summary.frozen = true;
                summary.trainable_parameters -= parameters;
                summary.fixed_parameters += parameters;
                self.trainable_parameters -= parameters;
                self.fixed_parameters += parameters;
            }
        }
        self
    }

    /// The figures of the first layers of a network, which may be all there are.
    #[must_use]
    pub fn of_layers(input: Shape, specs: &[LayerSpec]) -> Self {
        let mut layers: Vec<LayerSummary> = Vec::new();
        for (spec, field) in specs.iter().zip(receptive_fields(input, specs)) {
            match layers.last_mut() {
                Some(layer) if spec.table_name() == layer.name => layer.add(spec),
                _ => layers.push(LayerSummary::new(spec, specs)),
            }
            if let Some(layer) = layers.last_mut() {
                layer.receptive_field = field;
            }
        }
        let sum = |figure: fn(&LayerSummary) -> usize| {
            layers.iter().map(figure).fold(0, usize::saturating_add)
        };
        let trainable_parameters = sum(|layer| layer.trainable_parameters);
        let fixed_parameters = sum(|layer| layer.fixed_parameters);
        Self {
            input,
            output: specs.last().map_or(input, LayerSpec::output),
            trainable_parameters,
            fixed_parameters,
            bytes: (trainable_parameters + fixed_parameters) * PARAMETER_BYTES,
            multiply_adds: sum(|layer| layer.multiply_adds),
            layers,
        }
    }
}

impl LayerSummary {
    fn new(spec: &LayerSpec, specs: &[LayerSpec]) -> Self {
        let from = |origin: &Origin| match *origin {
            Origin::Input => "input".to_owned(),
            Origin::Layer(index) => specs[index].table_name().to_owned(),
        };
        let mut summary = Self {
            name: spec.name().to_owned(),
            kind: spec.description(),
            followed_by: Vec::new(),
            from: spec.origins().iter().map(from).collect(),
            input: spec.input(),
            output: spec.output(),
            frozen: false,
            trainable_parameters: 0,
            fixed_parameters: 0,
            multiply_adds: 0,
            receptive_field: None,
        };
        summary.count(spec);
        summary
    }

    fn add(&mut self, spec: &LayerSpec) {
        self.followed_by.push(spec.description());
        self.output = spec.output();
        self.count(spec);
    }

    fn count(&mut self, spec: &LayerSpec) {
        let costs = spec.costs();
        self.trainable_parameters += costs.parameters;
        self.fixed_parameters += costs.statistics;
        // Shared weights are few, the sums they take part in need not be: at the largest sizes
        // allowed a deep network passes 2^64.
        self.multiply_adds = self.multiply_adds.saturating_add(costs.multiply_adds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(config: &str) -> NetworkSummary {
        NetworkSummary::new(&NetworkSpec::new(&toml::from_str(config).unwrap()).unwrap())
    }

    /// The network of the Keras example `mnist_cnn`, whose figures Keras prints.
    #[test]
    fn the_reference_network_has_the_published_figures() {
        let summary = summary(
            r#"
            input = [1, 28, 28]
            activation = "relu"
            layers = [
                { type = "conv2d", filters = 32, kernel = 3 },
                { type = "conv2d", filters = 64, kernel = 3 },
                { type = "max-pool2d", size = 2 },
                { type = "flatten" },
                { type = "dense", units = 128 },
                { type = "dense", units = 10 },
            ]"#,
        );
        let parameters: Vec<usize> =
            summary.layers.iter().map(|layer| layer.trainable_parameters).collect();
        assert_eq!(parameters, [320, 18_496, 0, 0, 1_179_776, 1_290]);
        assert_eq!(summary.trainable_parameters, 1_199_882);
        let outputs: Vec<String> =
            summary.layers.iter().map(|layer| layer.output.to_string()).collect();
        assert_eq!(
            outputs,
            ["[32, 26, 26]", "[64, 24, 24]", "[64, 12, 12]", "[9216]", "[128]", "[10]"]
        );
        let fields: Vec<_> = summary.layers.iter().map(|layer| layer.receptive_field).collect();
        assert_eq!(fields, [Some([3, 3]), Some([5, 5]), Some([6, 6]), None, None, None]);
        // 26 * 26 * 32 * 9, 24 * 24 * 64 * 32 * 9, 9216 * 128, 128 * 10.
        let products: Vec<usize> = summary.layers.iter().map(|layer| layer.multiply_adds).collect();
        assert_eq!(products, [194_688, 10_616_832, 0, 0, 1_179_648, 1_280]);
    }

    #[test]
    fn batch_norm_and_activation_belong_to_their_layer() {
        let summary = summary(
            r#"
            input = [3]
            activation = "prelu"
            batch_norm = true
            layers = [{ type = "dense", units = 4 }, { type = "dense", units = 2 }]"#,
        );
        let [hidden, output] = &summary.layers[..] else { panic!("two layers") };
        assert_eq!(hidden.followed_by, ["batch norm", "prelu"]);
        assert_eq!((hidden.trainable_parameters, hidden.fixed_parameters), (16 + 8 + 1, 8));
        assert!(output.followed_by.is_empty());
        assert_eq!(summary.bytes, 4 * (25 + 8 + 10));
    }
}
