//! A checked network: every layer named, every shape known before any tensor exists.

use std::collections::BTreeSet;

use thiserror::Error;

use super::activation::function::Activation;
use super::config::{LayerConfig, NetworkConfig};
use super::initializer::Initializer;
use super::layers::batch_norm::BatchNorm;
use super::layers::rule::{AnyRule, Behavior, Costs, Mixing, Outcome, Passage, Role};
use super::operation::Operation;
use super::origin::Origin;
use super::wires::{INPUT, Wires};
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
    /// Where its inputs come from, one or more.
    origins: Vec<Origin>,
    /// The shapes of these.
    inputs: Vec<Shape>,
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

    /// The name of a value: that of its layer, or `input`.
    #[must_use]
    pub fn name_of(&self, origin: Origin) -> &str {
        match origin {
            Origin::Input => INPUT,
            Origin::Layer(index) => self.layers[index].name(),
        }
    }

    /// Whether the next layer is a ReLU of this one.
    pub(crate) fn precedes_rectifier(&self, index: usize) -> bool {
        let next = self.layers.get(index + 1);
        next.is_some_and(|next| next.is_rectifier() && next.origins == [Origin::Layer(index)])
    }

    /// The first layer that normalizes each feature over a batch, and nothing else: batches of one leave nothing.
    pub(crate) fn normalizes_features(&self) -> Option<&LayerSpec> {
        let features = |layer: &&LayerSpec| matches!(layer.input(), Shape::Features(_));
        self.layers.iter().find(|layer| layer.is_batch_normalization() && features(layer))
    }

    /// Whether the values that come out are shares made by a softmax; flatten and reshape only
    /// regroup them, and dropout leaves them alone outside training.
    #[must_use]
    pub fn ends_in_softmax(&self) -> bool {
        self.last_computing_layer().is_some_and(|layer| layer.behavior().outcome == Outcome::Shares)
    }

    /// The last layer on the way to the output that does more than regroup values or, in training, drop
    /// some.
    pub(crate) fn last_computing_layer(&self) -> Option<&LayerSpec> {
        let mut layer = self.layers.last()?;
        while layer.behavior().outcome == Outcome::Same {
            let Origin::Layer(index) = layer.origins[0] else { return None };
            layer = &self.layers[index];
        }
        Some(layer)
    }

    /// Most values of one input that memory holds at a time: those that later layers still read, and those
    /// being computed.
    pub(crate) fn values_kept(&self) -> usize {
        // From the end, the first layer seen to read a value is the one that releases it.
        let mut read = BTreeSet::from([Origin::before(self.layers.len())]);
        let mut released = vec![0_usize; self.layers.len()];
        for (layer, released) in self.layers.iter().zip(&mut released).rev() {
            for (origin, shape) in layer.origins.iter().zip(&layer.inputs) {
                if read.insert(*origin) {
                    *released = released.saturating_add(shape.values());
                }
            }
        }
        let (mut kept, mut most) = (self.input.values(), 0);
        for (layer, released) in self.layers.iter().zip(released) {
            kept = kept.saturating_add(layer.output.values());
            most = most.max(kept);
            kept = kept.saturating_sub(released);
        }
        most
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

    /// The shape of one input, of the first if it reads several.
    #[must_use]
    pub fn input(&self) -> Shape {
        self.inputs[0]
    }

    /// The shapes of its inputs, one or more.
    #[must_use]
    pub fn inputs(&self) -> &[Shape] {
        &self.inputs
    }

    /// Where its inputs come from, one or more.
    #[must_use]
    pub fn origins(&self) -> &[Origin] {
        &self.origins
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

    /// Whether it is the first layer that a table of a recipe stands for; the names of the others have
    /// a suffix.
    pub(crate) fn is_first_of_table(&self) -> bool {
        self.table_name() == self.name
    }

    /// The name of the table of a recipe that it belongs to: that before the suffix.
    pub(crate) fn table_name(&self) -> &str {
        self.name.split_once('.').map_or(&*self.name, |(table, _)| table)
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
    pub fn is_batch_normalization(&self) -> bool {
        self.behavior().role == Role::Normalization { of_batch: true }
    }

    /// Whether it is an activation function.
    #[must_use]
    pub fn is_activation(&self) -> bool {
        match self.behavior().role {
            Role::Activation { .. } => true,
            Role::Weights { .. } | Role::Normalization { .. } | Role::Passive => false,
        }
    }

    /// Whether it is a ReLU, which the layer before can apply as it writes its outputs.
    pub(crate) fn is_rectifier(&self) -> bool {
        match self.behavior().role {
            Role::Activation { rectifies, .. } => rectifies,
            Role::Weights { .. } | Role::Normalization { .. } | Role::Passive => false,
        }
    }

    /// The number of values that each of its neurons sums; none for a layer without weights from
    /// inputs to neurons.
    pub(crate) fn summed_inputs(&self) -> Option<usize> {
        match self.behavior().role {
            Role::Weights { inputs, .. } => Some(inputs),
            Role::Activation { .. } | Role::Normalization { .. } | Role::Passive => None,
        }
    }

    /// The weights from inputs to neurons, of a layer that has such.
    pub(crate) fn mixing(&self) -> Option<Mixing> {
        match self.behavior().passage {
            Passage::Mixes(mixing) => Some(mixing),
            Passage::Keeps
            | Passage::Changes(_)
            | Passage::Filters { .. }
            | Passage::Spreads
            | Passage::Joins { .. }
            | Passage::Lists
            | Passage::Blocks => None,
        }
    }

    /// The layer to ask.
    pub(crate) const fn rule(&self) -> &dyn AnyRule {
        self.operation.rule()
    }

    /// What it costs for one input.
    pub(crate) fn costs(&self) -> Costs {
        self.rule().costs(&self.inputs, self.output)
    }

    /// What the rest of the toolkit must know of it.
    pub(crate) fn behavior(&self) -> Behavior {
        self.rule().behavior(&self.inputs)
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
    let mut wires = Wires::new(&config.layers);
    let mut parameters = 0_usize;
    for (index, layer) in config.layers.iter().enumerate() {
        let table = format!("layers[{index}]");
        let (name, mut origins) = wires.next(layer).map_err(|problem| problem.within(&table))?;
        let hidden = output_layer.is_some_and(|last| index < last);
        let parts = parts(layer, config, hidden).map_err(|problem| problem.within(&table))?;
        let mut end = Origin::Input;
        for Part { suffix, operation, initializer } in parts {
            let part = format!("{name}{suffix}");
            let at =
                |reason: String| Problem::new(table.clone(), format!("(layer `{part}`): {reason}"));
            let shape = |origin: &Origin| match *origin {
                Origin::Input => input,
                Origin::Layer(index) => layers[index].output,
            };
            let inputs: Vec<Shape> = origins.iter().map(shape).collect();
            let output = operation.rule().output(&inputs).map_err(at)?;
            let layer =
                LayerSpec { name: part.clone(), operation, initializer, origins, inputs, output };
            let own = layer.parameters();
            parameters = parameters.saturating_add(own);
            if parameters > LARGEST_NETWORK {
                return Err(at(format!(
                    "{} on {} has {own} parameters, but the whole network may have at most \
                     {LARGEST_NETWORK} (2^31)",
                    layer.description(),
                    layer.input(),
                )));
            }
            end = Origin::Layer(layers.len());
            origins = vec![end];
            layers.push(layer);
        }
        wires.push(name, end);
    }
    wires.check_all_read(layers.iter().flat_map(LayerSpec::origins))?;
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

#[cfg(test)]
mod tests;
