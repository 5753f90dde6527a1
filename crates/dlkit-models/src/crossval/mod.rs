//! Cross-validation: how well values of a recipe do on samples that were not learned from.

mod choice;
mod fold;
mod label_errors;

pub use choice::{Candidate, Choice, Simpler, choose};
pub use fold::{CrossvalError, Crossvalidation, FoldScore};
pub use label_errors::likelier_labels;
