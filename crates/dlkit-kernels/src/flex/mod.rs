//! Where the kernels enter Burn: functions of tensors that give what Burn's own operations give,
//! faster on Flex in single precision. Any other device or precision gets Burn's operation.

mod convolution;
mod dense;
mod method;
mod normalization;
mod optimizer;
mod pool;
mod squares;
mod values;

pub use self::convolution::convolution;
pub use self::dense::dense;
pub use self::method::Movement;
pub use self::normalization::{NormalizedBatch, normalized_batch, normalized_by};
pub use self::optimizer::{adam, gradient_descent};
pub use self::pool::maximum_pool;
pub use self::squares::sum_of_squares;
