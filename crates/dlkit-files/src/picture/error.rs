//! What can go wrong with picture files.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::guard::Panicked;
use crate::regular::Unread;

/// Why a picture could not be read or encoded.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file cannot be read: missing, not a regular file, too large.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: Unread,
    },
    /// The file begins as none of the formats that are read.
    #[error("{}: not a picture; PNG, JPEG, WebP and BMP are read", path.display())]
    NotAPicture {
        /// The file.
        path: PathBuf,
    },
    /// The decoder refuses the file.
    #[error("{}: cannot be decoded: {source}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        source: image::ImageError,
    },
    /// The decoder panicked.
    #[error("{}: cannot be decoded, the decoder panicked: {source}", path.display())]
    Panicked {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: Panicked,
    },
    /// The end of the file is missing.
    #[error("{}: cut off; the end of its {format} data is missing", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
    },
    /// A picture with more pixels than are allowed; the file itself may be small.
    #[error(
        "{}: a picture of {width}x{height} pixels; at most {most} pixels are read: {remedy}",
        path.display()
    )]
    TooManyPixels {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most pixels.
        most: u64,
        /// What helps.
        remedy: &'static str,
    },
    /// A picture with too long a side.
    #[error(
        "{}: a picture of {width}x{height} pixels; at most {most} pixels per side are read: make it \
         smaller",
        path.display()
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most pixels per side.
        most: u32,
    },
    /// A picture that would take too much memory.
    #[error(
        "{}: a picture of {width}x{height} pixels, {} MiB unpacked; at most {} MiB are read: make it \
         smaller",
        path.display(), bytes >> 20, most >> 20
    )]
    Unpacked {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes it unpacks to.
        bytes: u64,
        /// The most bytes.
        most: u64,
    },
    /// A name that belongs to no format.
    #[error("{}: unknown format; the name must end in .png, .jpg, .webp or .bmp", path.display())]
    Format {
        /// The file to be written.
        path: PathBuf,
    },
    /// A format that cannot hold the picture.
    #[error("{}: {format} cannot hold {what}; {remedy}", path.display())]
    Unfit {
        /// The file to be written.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// What it cannot hold.
        what: &'static str,
        /// What helps.
        remedy: &'static str,
    },
    /// The encoder refuses.
    #[error("{}: cannot be encoded: {source}", path.display())]
    Encode {
        /// The file to be written.
        path: PathBuf,
        /// The encoder's reason.
        source: image::ImageError,
    },
}

impl PictureError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Read { path, .. }
            | Self::NotAPicture { path }
            | Self::Decode { path, .. }
            | Self::Panicked { path, .. }
            | Self::CutOff { path, .. }
            | Self::TooManyPixels { path, .. }
            | Self::TooLong { path, .. }
            | Self::Unpacked { path, .. }
            | Self::Format { path }
            | Self::Unfit { path, .. }
            | Self::Encode { path, .. } => path,
        }
    }
}
