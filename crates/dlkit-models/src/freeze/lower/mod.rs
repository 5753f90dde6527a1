//! From a checked network to an ONNX graph.

mod activation;
mod layer;
mod network;
mod nodes;

pub(crate) use network::{Lowered, lower};
pub(crate) use nodes::{Content, Initializer, signed};
