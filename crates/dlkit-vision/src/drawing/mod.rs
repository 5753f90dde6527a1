//! Drawing on pictures.

mod boxes;
mod glyphs;
mod legend;
mod markers;
mod matches;
mod outline;
mod overlay;
mod shapes;
mod side_by_side;

pub use boxes::{MarkColor, Marked, draw_marked};
pub use matches::{MOST_MATCHES_DRAWN, draw_matches};
pub use outline::draw_outline;
pub use overlay::{MOST_NUMBERED, Overlay, draw_correspondences};
pub use side_by_side::side_by_side;
