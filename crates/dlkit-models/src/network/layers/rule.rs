//! What a checked layer answers before any tensor exists.

use super::reading::Reading;
use crate::graph::nodes::{Nodes, OutOfRange};
use crate::value::shape::Shape;

/// A layer whose settings are in range and that reads one value. No question has a default answer: a
/// new layer answers all of them.
pub(crate) trait Rule {
    /// Type and settings in a few words, such as `conv2d 3x3, 32 filters`.
    fn description(&self) -> String;

    /// The shape one input becomes.
    ///
    /// # Errors
    /// What the layer receives and what it expects.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    /// What the layer costs for one input.
    fn costs(&self, input: Shape, output: Shape) -> Costs;

    /// What the rest of the toolkit must know of the layer.
    fn behavior(&self, input: Shape) -> Behavior;

    /// Adds the ONNX nodes of the test phase; the last one has the name of the layer.
    ///
    /// # Errors
    /// A constant exceeds single precision.
    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange>;
}

/// A layer whose settings are in range and that reads any number of values: the same questions as
/// those of a [`Rule`], which answers them for the one value it reads.
pub(crate) trait AnyRule {
    /// See [`Rule::description`].
    fn description(&self) -> String;

    /// The shape that inputs of these shapes become.
    ///
    /// # Errors
    /// What the layer receives and what it expects.
    fn output(&self, inputs: &[Shape]) -> Result<Shape, String>;

    /// See [`Rule::costs`].
    fn costs(&self, inputs: &[Shape], output: Shape) -> Costs;

    /// See [`Rule::behavior`].
    fn behavior(&self, inputs: &[Shape]) -> Behavior;

    /// See [`Rule::lower`].
    ///
    /// # Errors
    /// A constant exceeds single precision.
    fn lower(&self, site: &Site<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange>;
}

impl<T: Rule> AnyRule for T {
    fn description(&self) -> String {
        Rule::description(self)
    }

    fn output(&self, inputs: &[Shape]) -> Result<Shape, String> {
        match *inputs {
            [input] => Rule::output(self, input),
            _ => Err(format!(
                "this layer reads one layer, but `from` names {}; join them by an \"add\", \
                 \"concat\" or \"multiply\" layer before it",
                inputs.len()
            )),
        }
    }

    fn costs(&self, inputs: &[Shape], output: Shape) -> Costs {
        Rule::costs(self, inputs[0], output)
    }

    fn behavior(&self, inputs: &[Shape]) -> Behavior {
        Rule::behavior(self, inputs[0])
    }

    fn lower(&self, site: &Site<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let Site { name, inputs, shapes } = *site;
        Rule::lower(self, &Place { name, input: inputs[0], shape: shapes[0] }, nodes)
    }
}

/// Where a layer that reads one value stands in a graph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Name of the layer and of its output.
    pub(crate) name: &'a str,
    /// Name of its input.
    pub(crate) input: &'a str,
    /// The shape of that, without the batch.
    pub(crate) shape: Shape,
}

/// Where a layer stands in a graph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// Name of the layer and of its output.
    pub(crate) name: &'a str,
    /// Names of its inputs, one or more.
    pub(crate) inputs: &'a [&'a str],
    /// The shapes of those, without the batch.
    pub(crate) shapes: &'a [Shape],
}

/// What a layer costs for one input; the largest number there is stands for all that are larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Costs {
    /// Trained parameters.
    pub(crate) parameters: usize,
    /// Values that are kept but not trained, such as running statistics.
    pub(crate) statistics: usize,
    /// Multiply-adds with weights.
    pub(crate) multiply_adds: usize,
    /// Values that are looked at, multiply-adds with weights aside.
    pub(crate) values_read: usize,
}

impl Costs {
    /// A layer without weights that computes each output from one value.
    pub(super) const fn plain(output: Shape) -> Self {
        Self { parameters: 0, statistics: 0, multiply_adds: 0, values_read: output.values() }
    }
}

/// What the rest of the toolkit must know of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Behavior {
    /// What an output value reads of the input: for alignment, receptive fields and tiles.
    pub(crate) reading: Reading,
    /// What becomes of the neurons before it: for pruning.
    pub(crate) passage: Passage,
    /// What stands out in it: for diagnosis.
    pub(crate) role: Role,
    /// What comes out, in the test phase.
    pub(crate) outcome: Outcome,
}

/// What a layer makes of the neurons (features or channels) before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Weights mix them and make neurons of its own.
    Mixes(Mixing),
    /// Passes each value separately; a constant stays the same constant.
    Keeps,
    /// Passes each value separately, changed by its own weights.
    Changes(Changing),
    /// Weights of its own filter each of them.
    Filters {
        /// As in [`Mixing::pads`].
        pads: bool,
    },
    /// Every pixel of a channel becomes a neuron.
    Spreads,
    /// Neurons of the same place are added, or multiplied if `product`.
    Joins {
        /// Whether they are multiplied.
        product: bool,
    },
    /// The neurons of all inputs, one after the other.
    Lists,
    /// They depend on each other: none can be removed.
    Blocks,
}

/// The name of the weights of a layer that mixes neurons.
pub(crate) const WEIGHT: &str = "weight";
/// The name of what is added to each of its neurons.
pub(crate) const BIAS: &str = "bias";

/// The weights from the neurons before a layer to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mixing {
    /// The axis of `weight` that counts the neurons before.
    pub(crate) inputs_axis: usize,
    /// The axis of `weight` that counts its own.
    pub(crate) neurons_axis: usize,
    /// Whether padding takes the place of inputs at the border, so that fewer weights meet a constant.
    pub(crate) pads: bool,
}

/// The weights of a layer that changes neurons one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changing {
    /// All that have, or can have, one value for each neuron.
    pub(crate) per_neuron: &'static [&'static str],
    /// The scale: if it is zero, the neuron is constant.
    pub(crate) scale: Option<&'static str>,
    /// The one that is subtracted, which can take in a constant that arrives.
    pub(crate) mean: Option<&'static str>,
}

/// What diagnosis looks at in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its weights, their gradient and their steps.
    Weights {
        /// The number of values that one neuron sums.
        inputs: usize,
        /// The axis of `weight` that counts neurons.
        neurons_axis: usize,
    },
    /// That it is there: it keeps values in range.
    Normalization {
        /// Whether by the statistics of a batch, in training.
        of_batch: bool,
    },
    /// Its units, which can be dead.
    Activation {
        /// Whether its slope goes to zero on both sides.
        saturates: bool,
        /// Whether it is zero on one side.
        rectifies: bool,
    },
    /// Nothing.
    Passive,
}

/// What comes out of a layer in the test phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The values that went in, perhaps in another shape.
    Same,
    /// Shares that sum to one.
    Shares,
    /// Other values.
    Others,
}
