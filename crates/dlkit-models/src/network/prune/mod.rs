//! Smaller networks that compute the same: neurons that cannot matter are removed.

mod classes;
mod constants;
mod dead;
mod pruned;
mod tensors;
#[cfg(test)]
mod tests;

pub(crate) use pruned::dead_neurons;
pub use pruned::{PruneError, Pruned, prune};
