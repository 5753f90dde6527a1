//! Cross-validation: how well values of a recipe do on samples that were not learned from.

mod choice;
mod fold;

pub use choice::{Candidate, Choice, Simpler, choose};
pub use fold::{CrossvalError, Crossvalidation, FoldScore};
