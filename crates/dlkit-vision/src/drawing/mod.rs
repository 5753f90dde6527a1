//! Drawing on pictures.

mod overlay;
mod side_by_side;

pub use overlay::{Overlay, draw_correspondences};
pub use side_by_side::side_by_side;
