//! Finds a sheet in a photo: a page, a receipt, a card, a board or a print.
//!
//! A sheet is a quadrilateral whose four sides are edges that end at its corners. The lines of the
//! photo are found in a small copy of it, in all colors and at two scales; four of them with edges
//! all along make a candidate. Its sides are moved onto the edges, and what speaks for it is
//! measured; a logistic regression, fitted to rendered sheets and to photos without one, turns this
//! into a confidence.

mod assembly;
mod confidence;
mod error;
mod evidence;
mod field;
mod hough;
mod lab;
mod line;
#[cfg(test)]
mod photo_tests;
mod refinement;
mod search;

pub use confidence::LEAST_CONFIDENCE;
pub use error::PageError;
pub use evidence::Evidence;
pub use search::{Candidate, FoundPage, candidates, find_page};
