//! A checked network: every layer named, every shape known before any tensor exists.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{LayerConfig, NetworkConfig};
use super::error::NetworkError;
use super::operation::Operation;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Most trained parameters: 8 GiB as single precision, before gradients and optimizer state.
const LARGEST_NETWORK: usize = 1 << 31;

/// A network whose layers fit together.
///
/// A dense or convolution layer with batch normalisation or an activation is written as one layer
/// in a recipe and stands here as two or three, named `dense1`, `dense1.batch_norm` and
/// `dense1.activation`.
///
/// ```
/// use dlkit_models::network::{NetworkConfig, NetworkSpec, Shape};
///
/// let config: NetworkConfig = toml::from_str(r#"
///     input = [1, 28, 28]
///     activation = "relu"
///     layers = [{ type = "flatten" }, { type = "dense", units = 128 }, { type = "dense", units = 10 }]
/// "#)?;
/// let spec = NetworkSpec::new(&config)?;
/// let names: Vec<_> = spec.layers().iter().map(|layer| layer.name()).collect();
/// assert_eq!(names, ["flatten1", "dense1", "dense1.activation", "dense2"]);
/// assert_eq!(spec.output(), Shape::Features(10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkSpec {
    input: Shape,
    layers: Vec<LayerSpec>,
}

/// One layer of a checked network.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    name: String,
    operation: Operation,
    input: Shape,
    output: Shape,
}

impl NetworkSpec {
    /// Names the layers, applies the network's defaults and computes every shape.
    ///
    /// # Errors
    /// A value out of range, a name used twice, layers that do not fit together: the layer, what
    /// came and what it takes.
    pub fn new(config: &NetworkConfig) -> Result<Self, NetworkError> {
        let mut layers = Vec::new();
        match append_layers(config, &mut layers) {
            Ok(input) => Ok(Self { input, layers }),
            Err(problem) => Err(NetworkError { problem, before: layers }),
        }
    }

    /// The shape of one input.
    #[must_use]
    pub const fn input(&self) -> Shape {
        self.input
    }

    /// The shape of one output.
    #[must_use]
    pub fn output(&self) -> Shape {
        self.layers.last().map_or(self.input, |layer| layer.output)
    }

    /// The layers, from input to output.
    #[must_use]
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Whether the values that come out are shares made by a softmax; flatten and reshape only
    /// regroup them, and dropout leaves them alone outside training.
    #[must_use]
    pub fn ends_in_softmax(&self) -> bool {
        self.last_computing_layer().is_some_and(|layer| layer.operation == Operation::Softmax)
    }

    /// The last layer that does more than regroup values or, in training, drop some.
    pub(crate) fn last_computing_layer(&self) -> Option<&LayerSpec> {
        self.layers.iter().rfind(|layer| {
            !matches!(
                layer.operation,
                Operation::Flatten | Operation::Reshape { .. } | Operation::Dropout { .. }
            )
        })
    }

    /// Number of trained parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(LayerSpec::parameters).sum()
    }
}

impl LayerSpec {
    /// The name, unique in the network.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it computes.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// The shape of one input.
    #[must_use]
    pub const fn input(&self) -> Shape {
        self.input
    }

    /// The shape of one output.
    #[must_use]
    pub const fn output(&self) -> Shape {
        self.output
    }

    /// Number of trained parameters.
    #[must_use]
    pub const fn parameters(&self) -> usize {
        self.operation.parameters(self.input)
    }
}

fn append_layers(config: &NetworkConfig, layers: &mut Vec<LayerSpec>) -> Result<Shape, Problem> {
    let input = Shape::from_sizes(&config.input)
        .map_err(|error| Problem::new("input", format!("is {:?}; {error}", config.input)))?;
    config.activation.check().map_err(|problem| problem.within("activation"))?;
    config.initializer.check().map_err(|problem| problem.within("initializer"))?;
    if config.layers.is_empty() {
        return Err(Problem::new("layers", "is empty; a network needs at least one layer"));
    }
    let output_layer = config.layers.iter().rposition(LayerConfig::is_weighted);
    let mut names = Names::default();
    let mut shape = input;
    let mut parameters = 0_usize;
    for (index, layer) in config.layers.iter().enumerate() {
        let table = format!("layers[{index}]");
        let name = names.take(layer).map_err(|problem| problem.within(&table))?;
        let hidden = output_layer.is_some_and(|last| index < last);
        let operations = Operation::from_layer(layer, config, hidden)
            .map_err(|problem| problem.within(&table))?;
        for (part, operation) in operations.into_iter().enumerate() {
            let name = match operation {
                _ if part == 0 => name.clone(),
                Operation::BatchNorm { .. } => format!("{name}.batch_norm"),
                _ => format!("{name}.activation"),
            };
            let output = operation.output(shape).map_err(|reason| {
                Problem::new(table.clone(), format!("(layer `{name}`): {reason}"))
            })?;
            let own = operation.parameters(shape);
            parameters = parameters.saturating_add(own);
            if parameters > LARGEST_NETWORK {
                return Err(Problem::new(
                    table,
                    format!(
                        "(layer `{name}`): {} on {shape} has {own} parameters; at most \
                         {LARGEST_NETWORK} (2^31) in the whole network are allowed",
                        operation.description()
                    ),
                ));
            }
            layers.push(LayerSpec { name, operation, input: shape, output });
            shape = output;
        }
    }
    Ok(input)
}

/// Names of values that are no layer's: of the network's ends, and of the classes' shares.
const RESERVED: [&str; 3] = ["input", "output", "probabilities"];

/// Hands out layer names: the given one, or the type and a number counted per type.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Names {
    fn take(&mut self, layer: &LayerConfig) -> Result<String, Problem> {
        let root = layer.root();
        let count = self.counts.entry(root).or_insert(0);
        *count += 1;
        let name = match layer.name() {
            None => format!("{root}{count}"),
            Some(name) => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if name.is_empty() || !name.chars().all(allowed) {
                    return Err(Problem::new(
                        "name",
                        format!("is \"{name}\"; letters, digits, `_` and `-` are allowed"),
                    ));
                }
                if RESERVED.contains(&name) {
                    return Err(Problem::new(
                        "name",
                        format!(
                            "is \"{name}\", which stands for something else; give another name"
                        ),
                    ));
                }
                name.to_owned()
            }
        };
        if !self.taken.insert(name.clone()) {
            return Err(Problem::new(
                "name",
                format!("is \"{name}\", which an earlier layer already has"),
            ));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests;
