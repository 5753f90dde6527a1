//! Colorizers of other projects, as ONNX files that the second runtime executes.
//!
//! What goes in and comes out tells them apart. Only colors are taken from a model: the lightness of a
//! result is the picture's own, and colors are enlarged smoothly.
//!
//! # References
//! Zhang, Isola and Efros (2016), Colorful Image Colorization; Zhang et al. (2017), Real-Time User-Guided
//! Image Colorization; Kang et al. (2023), DDColor; Antic (2018), DeOldify.

mod error;
mod hints;
mod kind;
mod model;
mod signature;
#[cfg(test)]
mod tests;

pub use error::ForeignError;
pub use hints::{Hint, HintError, Hints};
pub use kind::ForeignKind;
pub use model::ForeignColorizer;
