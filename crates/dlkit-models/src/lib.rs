//! Networks, data, training and evaluation: everything in `dlkit` that touches Burn.
//!
//! A network is data: a [`network::NetworkSpec`] is read from TOML, checked before any tensor
//! exists, and everything else works on that one type.

pub mod comparison;
pub mod crossval;
pub mod data;
pub mod device;
pub mod facts;
pub mod freeze;
mod graph;
pub mod network;
mod randomness;
pub mod recipe;
#[cfg(test)]
mod reference_tests;
pub mod run;
pub mod tasks;
pub mod training;
pub mod value;
pub mod weights_file;

pub use burn::tensor::{Device, Tensor};

pub use dlkit_kernels::memory::keep_freed_memory;
