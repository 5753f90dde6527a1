//! Pictures: the one way to find, read and encode their files.
//!
//! PNG, JPEG, WebP and BMP are read, told by their content. Whoever reads a picture here gets the
//! same guarantees: only regular files of bounded size; a picture whose header claims too much is
//! refused before memory is taken for its pixels; a file whose end is missing is an error; so is a
//! panic of the decoder.

mod complete;
mod decode;
mod error;
mod format;
mod gray;
mod left_out;
mod listing;
mod metadata;
mod on_white;
mod stored;

pub use decode::{PictureLimit, picture_size};
pub use error::PictureError;
pub use format::PictureFormat;
pub use gray::GreyPicture;
pub use left_out::{LeftOut, LeftOutReason, summary_of_left_out};
pub use listing::{Entries, Listing, ListingError, entries, is_picture, picture_files};
pub use metadata::Metadata;
pub use on_white::open_on_white;
pub use stored::{StoredPicture, read_picture, reversed};
