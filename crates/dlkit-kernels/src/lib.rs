//! Processor kernels that make Burn's Flex backend fast.
//!
//! [`winograd`], [`direct`], [`dense`], [`normalization`], [`pool`], [`upsampling`], [`cross_entropy`],
//! [`optimizer`] and [`squares`] are plain arithmetic on slices and know nothing of Burn; `flex` is where they
//! enter Burn. This is the workspace's only crate with unsafe code; `scripts/miri.sh` runs it under Miri,
//! without `flex`.

mod bias_gradient;
mod buffers;
pub mod cross_entropy;
pub mod dense;
pub mod direct;
mod exponential;
#[cfg(not(miri))]
pub mod flex;
mod fresh;
mod length;
pub mod memory;
pub mod normalization;
pub mod optimizer;
mod panel;
pub mod pool;
mod rectifier;
#[cfg(test)]
mod reference;
mod simd;
pub mod squares;
pub mod upsampling;
pub mod winograd;
