//! What can go wrong when a picture is warped.

use thiserror::Error;

use super::canvas_choice::CanvasChoice;

/// Why a picture could not be warped.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum WarpError {
    /// Part of the picture goes to infinity: no canvas can hold it.
    #[error(
        "the line that goes to infinity crosses the picture ({width} x {height}; the corner at \
         ({x}, {y}) is beyond it), so no canvas fits; --canvas WxH draws the part on the side of \
         the points"
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
    /// A canvas of more pixels than allowed.
    #[error(
        "the canvas would have {width} x {height} = {pixels} pixels; {limit} are allowed: choose \
         {}, or raise --max-pixels",
        match choice {
            CanvasChoice::Fit => "--canvas source or WxH",
            CanvasChoice::Source => "a smaller --canvas WxH",
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
    /// A canvas that memory has no room for.
    #[error(
        "there is not enough memory for a canvas of {width} x {height} pixels, {bytes} bytes: choose \
         a smaller --canvas"
    )]
    Memory {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of the picture.
        bytes: u128,
    },
    /// A canvas without pixels.
    #[error("a canvas of {width} x {height} has no pixels; each side needs 1 or more")]
    Empty {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Samples that are neither 8 nor 16 bits.
    #[error(
        "the picture's samples are {0}; 8 and 16 bit gray and RGB, with or without alpha, are warped"
    )]
    Samples(String),
}
