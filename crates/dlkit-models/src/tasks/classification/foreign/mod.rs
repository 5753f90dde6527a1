//! Classifiers of other projects, as ONNX files that the second runtime executes.
//!
//! The shape of the input tells in which order a model takes pixels; what its values were scaled by in training is
//! not in the file and must be named ([`PixelScale`]). Values that sum to one are probabilities, any others are
//! logits, of which a softmax makes probabilities.

mod classifier;
mod error;
mod scale;
mod signature;
#[cfg(test)]
mod tests;

pub use classifier::{ForeignAnswers, ForeignClassifier, GivenScores};
pub use error::{ForeignClassifierError, UNDERSTOOD};
pub use scale::PixelScale;
pub use signature::AxisOrder;
