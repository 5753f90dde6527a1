//! Errors of warping.

use thiserror::Error;

use super::canvas_choice::CanvasChoice;

/// Why a picture cannot be warped.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum WarpError {
    /// Part of the picture goes to infinity: no canvas can hold it.
    #[error(
        "no canvas fits: the line that maps to infinity crosses the {width} x {height} picture \
         (the corner at ({x}, {y}) is beyond it); use --canvas WxH to draw the part with the points"
    )]
    Horizon {
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// Column of a corner on the other side.
        x: f64,
        /// Row of that corner.
        y: f64,
    },
    /// The canvas has more pixels than allowed.
    #[error(
        "the canvas of {width} x {height} = {pixels} pixels exceeds the limit of {limit}; choose \
         {}, or raise --max-pixels",
        match choice {
            CanvasChoice::Fit => "--canvas source or WxH",
            CanvasChoice::Source | CanvasChoice::Placed { .. } => "a smaller --canvas WxH",
            CanvasChoice::Size { .. } => "a smaller size",
        }
    )]
    TooLarge {
        /// How the canvas was chosen.
        choice: CanvasChoice,
        /// Columns.
        width: u64,
        /// Rows.
        height: u64,
        /// Their product.
        pixels: u128,
        /// Pixels allowed.
        limit: u64,
    },
    /// The memory has no room for the canvas.
    #[error(
        "not enough memory for a canvas of {width} x {height} pixels ({bytes} bytes); choose a \
         smaller --canvas"
    )]
    Memory {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of the picture.
        bytes: u128,
    },
    /// The canvas has no pixels.
    #[error("a canvas of {width} x {height} has no pixels; each side needs 1 or more")]
    Empty {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The samples of the picture have neither 8 nor 16 bits.
    #[error("unsupported samples: {0}; use 8-bit or 16-bit gray or RGB, with or without alpha")]
    Samples(String),
}
