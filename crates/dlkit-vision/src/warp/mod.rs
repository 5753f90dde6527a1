//! Pictures warped by homographies.

mod background;
mod canvas;
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
pub use canvas::{Canvas, CanvasChoice, DEFAULT_MAX_PIXELS};
pub use error::WarpError;
pub use forward::{ForwardMapped, forward_map};
pub use kernel::Interpolation;
pub use warped::{WarpConfig, Warped, warp};
