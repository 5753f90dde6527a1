//! The layout of a checkpoint's weights.

use burn::module::Module;

use crate::network::Network;

/// A network under the name `network`, as in the records of all models; other fields of a model are
/// not trained.
#[derive(Module, Debug)]
pub(crate) struct Held {
    pub(crate) network: Network,
}
