//! ONNX graphs: the messages of a file, the nodes a graph is put together from, nodes as text, and the
//! guard before a file is decoded. Knows no network.

mod damage;
pub(crate) mod guard;
pub(crate) mod node_text;
pub(crate) mod nodes;
pub(crate) mod onnx;
pub(crate) mod text;

pub use damage::Damage;
pub(crate) use nodes::OutOfRange;
