//! ONNX graphs: the messages of a file, the nodes a graph is put together from, nodes as text, what
//! a graph takes before it runs, and the guard before a file is decoded. Knows no network.

pub(crate) mod cost;
mod damage;
pub(crate) mod guard;
pub(crate) mod node_text;
pub(crate) mod nodes;
pub(crate) mod onnx;
pub(crate) mod text;

pub use damage::Damage;
pub(crate) use nodes::OutOfRange;
