//! The layout of a checkpoint's weights.

use burn::module::Module;

use crate::network::Network;

/// A network as the records of all models hold it, under the name `network`: what else a model has is
/// not trained.
#[derive(Module, Debug)]
pub(crate) struct Held {
    pub(crate) network: Network,
}
