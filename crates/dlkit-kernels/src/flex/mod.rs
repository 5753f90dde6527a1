//! Where the kernels enter Burn: functions of tensors that give what Burn's own operations give,
//! faster on Flex in single precision. Any other device or precision gets Burn's operation.

mod convolution;
mod cross_entropy;
mod dense;
mod layer;
mod method;
mod normalization;
mod optimizer;
mod pool;
mod squares;
mod transposed;
mod upsampling;
mod values;

pub use self::convolution::convolution;
pub use self::cross_entropy::{cross_entropy, cross_entropy_of_shares, weighted_cross_entropy};
pub use self::dense::dense;
pub use self::method::Movement;
pub use self::normalization::{NormalizedBatch, normalized_batch, normalized_by};
pub use self::optimizer::{adam, gradient_descent};
pub use self::pool::{average_pool, maximum_pool};
pub use self::squares::sum_of_squares;
pub use self::transposed::{Spreading, transposed_convolution};
pub use self::upsampling::bilinear;
