//! Warping of pictures by homographies.

mod background;
mod blend;
mod canvas;
mod canvas_choice;
mod coordinates;
mod error;
mod forward;
mod kernel;
mod raster;
mod resample;
mod sample;
mod vectors;
mod warped;

pub use background::{Background, BackgroundError};
pub use blend::blend;
pub use canvas::{Canvas, DEFAULT_MAX_PIXELS};
pub use canvas_choice::CanvasChoice;
pub use error::WarpError;
pub use forward::{ForwardMapped, forward_map};
pub use kernel::Interpolation;
pub use warped::{WarpConfig, Warped, warp};
