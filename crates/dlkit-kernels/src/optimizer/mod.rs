//! Steps of optimisers, each one pass over memory: weights and state are changed in place, by all
//! threads.

mod adam;
mod sgd;
#[cfg(test)]
mod tests;

pub use self::adam::{AdamStep, Penalty};
pub use self::sgd::SgdStep;

/// Numbers that are worth a task. Miri is to see several tasks.
const TASK: usize = if cfg!(miri) { 32 } else { 1 << 14 };

/// The nearest number of single precision.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for")]
fn single(value: f64) -> f32 {
    value as f32
}
