//! Activation functions.

pub(crate) mod curve;
mod forward;
pub(crate) mod function;
mod nodes;
pub(crate) mod rrelu;
mod selu;
