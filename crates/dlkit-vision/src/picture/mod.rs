//! Pictures: files, and drawing on them.

mod error;
mod file;
mod grey;
mod overlay;
mod side_by_side;
mod stored;

pub use error::PictureError;
pub use file::{PictureFormat, read_picture};
pub use grey::{GreyPicture, picture_size};
pub use overlay::{Overlay, draw_correspondences};
pub use side_by_side::side_by_side;
pub use stored::{Metadata, StoredPicture, reversed};
