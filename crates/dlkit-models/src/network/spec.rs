//! A checked network: every layer named, every shape known before any tensor exists.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use super::activation::function::Activation;
use super::config::{LayerConfig, NetworkConfig};
use super::initializer::Initializer;
use super::layers::batch_norm::BatchNorm;
use super::layers::rule::{Behavior, Costs, Mixing, Outcome, Passage, Role, Rule};
use super::operation::Operation;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Most trained parameters: 8 GiB as single precision, before gradients and optimizer state.
const LARGEST_NETWORK: usize = 1 << 31;

/// A network whose layers fit together.
///
/// One dense or convolution layer of a recipe may become up to three layers here, named `dense1`,
/// `dense1.batch_norm` and `dense1.activation`.
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
    initializer: Initializer,
    input: Shape,
    output: Shape,
}

/// A network whose layers do not fit together.
#[derive(Clone, Debug, Error)]
#[error("{problem}")]
pub struct NetworkError {
    /// The key below `network` and the reason; a layer is named in the reason.
    pub problem: Problem,
    /// The layers before the failing one, with their shapes.
    pub before: Vec<LayerSpec>,
}

impl NetworkSpec {
    /// Names the layers, applies the network's defaults and computes every shape.
    ///
    /// # Errors
    /// A value is out of range, a name is used twice, or a layer does not fit its input.
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
        self.last_computing_layer().is_some_and(|layer| layer.behavior().outcome == Outcome::Shares)
    }

    /// The last layer that does more than regroup values or, in training, drop some.
    pub(crate) fn last_computing_layer(&self) -> Option<&LayerSpec> {
        self.layers.iter().rfind(|layer| layer.behavior().outcome != Outcome::Same)
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
    pub const fn operation(&self) -> &Operation {
        &self.operation
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

    /// Initial distribution of its weights, or the default.
    #[must_use]
    pub const fn initializer(&self) -> Initializer {
        self.initializer
    }

    /// Type and settings in a few words, such as `conv2d 3x3, 32 filters`.
    #[must_use]
    pub fn description(&self) -> String {
        self.rule().description()
    }

    /// Number of trained parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.costs().parameters
    }

    /// Whether it normalizes by the statistics of a batch in training.
    #[must_use]
    pub fn is_normalization(&self) -> bool {
        self.behavior().role == Role::Normalization
    }

    /// Whether it is an activation function.
    #[must_use]
    pub fn is_activation(&self) -> bool {
        match self.behavior().role {
            Role::Activation { .. } => true,
            Role::Weights { .. } | Role::Normalization | Role::Passive => false,
        }
    }

    /// Whether it is a ReLU, which the layer before can apply as it writes its outputs.
    pub(crate) fn is_rectifier(&self) -> bool {
        match self.behavior().role {
            Role::Activation { rectifies, .. } => rectifies,
            Role::Weights { .. } | Role::Normalization | Role::Passive => false,
        }
    }

    /// The number of values that each of its neurons sums; none for a layer without weights from
    /// inputs to neurons.
    pub(crate) fn summed_inputs(&self) -> Option<usize> {
        match self.behavior().role {
            Role::Weights { inputs } => Some(inputs),
            Role::Activation { .. } | Role::Normalization | Role::Passive => None,
        }
    }

    /// The weights from inputs to neurons, of a layer that has such.
    pub(crate) fn mixing(&self) -> Option<Mixing> {
        match self.behavior().passage {
            Passage::Mixes(mixing) => Some(mixing),
            Passage::Keeps | Passage::Changes(_) | Passage::Spreads | Passage::Blocks => None,
        }
    }

    /// The layer to ask.
    pub(crate) const fn rule(&self) -> &dyn Rule {
        self.operation.rule()
    }

    /// What it costs for one input.
    pub(crate) fn costs(&self) -> Costs {
        self.rule().costs(self.input, self.output)
    }

    /// What the rest of the toolkit must know of it.
    pub(crate) fn behavior(&self) -> Behavior {
        self.rule().behavior(self.input)
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
    let output_layer = config.last_neurons().map(|(index, _)| index);
    let mut names = Names::default();
    let mut shape = input;
    let mut parameters = 0_usize;
    for (index, layer) in config.layers.iter().enumerate() {
        let table = format!("layers[{index}]");
        let name = names.take(layer).map_err(|problem| problem.within(&table))?;
        let hidden = output_layer.is_some_and(|last| index < last);
        let parts = parts(layer, config, hidden).map_err(|problem| problem.within(&table))?;
        for Part { suffix, operation, initializer } in parts {
            let name = format!("{name}{suffix}");
            let at =
                |reason: String| Problem::new(table.clone(), format!("(layer `{name}`): {reason}"));
            let output = operation.rule().output(shape).map_err(at)?;
            let layer =
                LayerSpec { name: name.clone(), operation, initializer, input: shape, output };
            let own = layer.parameters();
            parameters = parameters.saturating_add(own);
            if parameters > LARGEST_NETWORK {
                return Err(at(format!(
                    "{} on {shape} has {own} parameters, but the whole network may have at most \
                     {LARGEST_NETWORK} (2^31)",
                    layer.description()
                )));
            }
            layers.push(layer);
            shape = output;
        }
    }
    Ok(input)
}

/// What a table stands for: its own layer and those that follow within it.
struct Part {
    /// What its name has after that of the table.
    suffix: &'static str,
    operation: Operation,
    initializer: Initializer,
}

/// The layers of one table of a recipe: its own layer, then batch normalization and activation if
/// the table or, for a hidden layer, the network requests them.
fn parts(layer: &LayerConfig, network: &NetworkConfig, hidden: bool) -> Result<Vec<Part>, Problem> {
    let own = |suffix, operation| Part { suffix, operation, initializer: Initializer::default() };
    let first = own("", Operation::new(layer)?);
    let Some(neurons) = layer.table().neurons() else { return Ok(vec![first]) };
    let initializer = neurons.initializer.unwrap_or(network.initializer);
    initializer.check().map_err(|problem| problem.within("initializer"))?;
    let mut parts = vec![Part { initializer, ..first }];
    if neurons.batch_norm.unwrap_or(hidden && network.batch_norm) {
        parts.push(own(".batch_norm", Operation::BatchNorm(BatchNorm::default())));
    }
    let inherited = if hidden { network.activation } else { Activation::None {} };
    let function = neurons.activation.unwrap_or(inherited);
    function.check().map_err(|problem| problem.within("activation"))?;
    if function != (Activation::None {}) {
        parts.push(own(".activation", Operation::Activation(function)));
    }
    Ok(parts)
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
        let table = layer.table();
        let root = table.root();
        let count = self.counts.entry(root).or_insert(0);
        *count += 1;
        let name = match table.name() {
            None => format!("{root}{count}"),
            Some(name) => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if name.is_empty() || !name.chars().all(allowed) {
                    return Err(Problem::new(
                        "name",
                        format!("may contain only letters, digits, `_` and `-`, not \"{name}\""),
                    ));
                }
                if RESERVED.contains(&name) {
                    return Err(Problem::new(
                        "name",
                        format!("is \"{name}\", a reserved name; choose another"),
                    ));
                }
                name.to_owned()
            }
        };
        if !self.taken.insert(name.clone()) {
            return Err(Problem::new(
                "name",
                format!("is \"{name}\", the name of an earlier layer; choose another"),
            ));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests;
