//! Frozen networks: one ONNX file that any runtime executes and that contains everything needed to
//! use the network. Another runtime compares it with the live network.
//!
//! [`freeze`] turns a network into a graph in the test phase and its metadata, which holds the network
//! as its recipe has it. [`FrozenNetwork`] builds the network from the metadata and insists that the
//! graph is the one this network is turned into. So what runs here is what the graph says, and a graph
//! that says anything else is never executed. [`verify()`] compares a file with the live network by
//! another runtime; [`describe`] shows what any ONNX file holds.

mod agreement;
mod canonical;
mod description;
mod error;
mod file;
mod frozen;
mod hash;
mod lower;
mod metadata;
mod referee;
mod script;
#[cfg(test)]
mod tests;
mod verify;

pub use crate::graph::Damage;
pub use description::{Described, Description, ValueDescription, describe};
pub use error::FreezeError;
pub(crate) use file::read_model;
pub use frozen::{FrozenNetwork, freeze, gives_probabilities};
pub use metadata::Metadata;
pub use script::python_script;
pub use verify::{Difference, TOLERANCE, Verification, verify};
