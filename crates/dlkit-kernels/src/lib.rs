//! Processor kernels that make Burn's Flex backend fast.
//!
//! [`winograd`] is plain arithmetic on slices and knows nothing of Burn; [`flex`] is where it enters
//! Burn. This is the workspace's only crate with unsafe code.

mod buffers;
pub mod flex;
mod rectifier;
mod shared;
mod simd;
pub mod winograd;
