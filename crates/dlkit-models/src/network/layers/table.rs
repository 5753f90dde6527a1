//! What the table of a layer in a recipe answers.

use crate::network::activation::function::Activation;
use crate::network::initializer::Initializer;
use crate::network::sources::Sources;

/// The table of a layer, as a recipe has it. No question has a default answer: a new layer answers
/// all of them.
pub(crate) trait Table {
    /// The name in the recipe, if any.
    fn name(&self) -> Option<&str>;

    /// The layers it reads, if the recipe names them.
    fn from(&self) -> Option<&Sources>;

    /// What derived names start with: `conv` of `conv1`.
    fn root(&self) -> &'static str;

    /// What a layer with neurons says of them; none of any other, which can be neither a hidden nor
    /// an output layer.
    fn neurons(&self) -> Option<Neurons>;

    /// Sets the number of neurons, if it has some.
    fn set_neurons(&mut self, count: usize);
}

/// The neurons of a layer: units, filters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Neurons {
    /// The key that sets their number.
    pub(crate) key: &'static str,
    /// Their number.
    pub(crate) count: usize,
    /// Whether batch normalization follows; by default as the network has it.
    pub(crate) batch_norm: Option<bool>,
    /// The activation that follows; by default as the network has it.
    pub(crate) activation: Option<Activation>,
    /// How weights start; by default as the network has it.
    pub(crate) initializer: Option<Initializer>,
}
