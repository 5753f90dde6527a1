//! What is wrong with a network, and where.

use thiserror::Error;

use super::spec::LayerSpec;
use crate::value::problem::Problem;

/// A network whose layers do not fit together.
#[derive(Clone, Debug, Error)]
#[error("{problem}")]
pub struct NetworkError {
    /// The key below `network` and the reason; a layer is named in the reason.
    pub problem: Problem,
    /// The layers before the failing one, with their shapes.
    pub before: Vec<LayerSpec>,
}
