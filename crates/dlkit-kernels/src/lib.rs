//! Processor kernels that make Burn's Flex backend fast.
//!
//! [`winograd`] and [`optimizer`] are plain arithmetic on slices and know nothing of Burn; [`flex`] is where it enters
//! Burn. This is the workspace's only crate with unsafe code.

mod buffers;
pub mod flex;
pub mod optimizer;
mod rectifier;
mod shared;
mod simd;
pub mod winograd;
