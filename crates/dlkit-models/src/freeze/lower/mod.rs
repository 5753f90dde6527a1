//! From a checked network to an ONNX graph.

mod activation;
mod layer;
mod network;

pub(crate) use network::{Lowered, lower};
