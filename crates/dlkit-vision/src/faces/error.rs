//! What can go wrong when faces are located.

use thiserror::Error;

/// Why faces cannot be located.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DetectorError {
    /// The description of a cascade is not as OpenCV writes it.
    #[error("not a cascade of local binary patterns: {0}")]
    Cascade(String),
    /// Smaller faces than the cascade can see.
    #[error("faces of {given} pixels: the smallest that can be found have {least}")]
    TooSmall {
        /// Side asked for, in pixels.
        given: usize,
        /// Least side.
        least: usize,
    },
    /// The eyes are at one place.
    #[error("the eyes are at the same place, {x}, {y}; give two places")]
    SameEyes {
        /// Place from the left, in pixels.
        x: f64,
        /// Place from the top, in pixels.
        y: f64,
    },
    /// A place of an eye is not a number, or far from the picture.
    #[error("an eye at {x}, {y}: outside the picture of {width}x{height} pixels")]
    EyeOutside {
        /// Place from the left, in pixels.
        x: f64,
        /// Place from the top, in pixels.
        y: f64,
        /// Width of the picture.
        width: usize,
        /// Height of the picture.
        height: usize,
    },
}
