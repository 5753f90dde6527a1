//! Where the kernels enter Burn: functions of tensors that give what Burn's own operations give,
//! faster on Flex in single precision. Any other device or precision gets Burn's operation.

mod convolution;
mod optimizer;
mod values;

pub use self::convolution::convolution3x3;
pub use self::optimizer::{adam, gradient_descent};
