//! Pictures: the one way to find, read and encode their files.
//!
//! The content of a file determines its format: PNG, JPEG, WebP, BMP, TIFF, GIF or PNM (PGM, PPM,
//! PBM). Every reader here gives the same guarantees:
//! - Only regular files of bounded size are read.
//! - A picture whose header says that it is too large is refused before its pixels are unpacked.
//! - A file whose end is missing is an error, and so is a panic of the decoder.
//! - Pixels are sRGB: a color profile is converted.

mod complete;
mod decode;
mod error;
mod format;
mod gif_ends;
mod gray;
mod jpeg;
mod left_out;
mod listing;
mod metadata;
mod narrow;
mod on_white;
mod pnm_ends;
mod profile;
mod readable;
mod sample;
mod stored;
mod tiff_ends;

pub use decode::{PictureLimit, picture_size};
pub use error::PictureError;
pub use format::PictureFormat;
pub use gray::GrayPicture;
pub use left_out::{LeftOut, LeftOutReason, summary_of_left_out};
pub use listing::{Entries, Listing, ListingError, entries, is_picture, picture_files};
pub use metadata::Metadata;
pub use on_white::open_on_white;
pub use readable::READABLE;
pub use stored::{StoredPicture, read_picture, reversed};
