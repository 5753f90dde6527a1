//! Classifiers of other projects, as ONNX files that the second runtime executes.
//!
//! The shape of the input tells in which order a model takes pixels; what its values were scaled by in training is
//! not in the file and must be named ([`PixelScale`]). The last node tells whether a model gives probabilities;
//! where it does not, values that sum to one for every picture are. A softmax makes them of any others, logits.

mod classifier;
mod error;
mod scale;
mod signature;
#[cfg(test)]
mod tests;

pub use classifier::{ForeignAnswers, ForeignClassifier};
pub use error::{ForeignClassifierError, UNDERSTOOD};
pub use scale::PixelScale;
pub use signature::{AxisOrder, GivenScores};
