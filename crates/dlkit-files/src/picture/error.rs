//! What can go wrong with picture files.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::readable::READABLE;
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
    /// The content has none of the supported formats.
    #[error("{}: not a picture; use {READABLE}", path.display())]
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
    /// The format is read, but not pictures of this kind, such as those of 12 or 32 bits per sample.
    #[error(
        "{}: {format} of a kind that is not supported: {source}; save it as gray or RGB with 8 or \
         16 bits per sample",
        path.display()
    )]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// The decoder's reason.
        source: image::ImageError,
    },
    /// The decoder panicked.
    #[error("{}: cannot be decoded; the picture is damaged: {source}", path.display())]
    Panicked {
        /// The file.
        path: PathBuf,
        /// The message of the panic.
        source: Panicked,
    },
    /// The end of the file is missing.
    #[error("{}: cut off: the end of its {format} data is missing; copy it again", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
    },
    /// The picture has more pixels than allowed; the file itself may be small.
    #[error(
        "{}: {width}x{height} pixels exceed the limit of {most} pixels; {remedy}",
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
        /// What to do about it.
        remedy: &'static str,
    },
    /// A side of the picture is too long.
    #[error(
        "{}: {width}x{height} pixels exceed the limit of {most} pixels per side; make the picture \
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
    /// A picture without pixels.
    #[error("{}: {width}x{height} pixels: the picture has no pixels", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The unpacked picture would take too much memory.
    #[error(
        "{}: {width}x{height} pixels unpack to {} MiB, more than the limit of {} MiB; make \
         the picture smaller",
        path.display(), bytes >> 20, most >> 20
    )]
    Unpacked {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Bytes of the unpacked picture.
        bytes: u64,
        /// The most bytes.
        most: u64,
    },
    /// The extension of the name is not that of a supported format.
    #[error("{}: unknown format; the name must end in .png, .jpg, .webp, .bmp or .tiff", path.display())]
    Format {
        /// The file to be written.
        path: PathBuf,
    },
    /// The format cannot hold the picture.
    #[error("{}: {format} cannot hold {what}; {remedy}", path.display())]
    Unfit {
        /// The file to be written.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// What it cannot hold.
        what: &'static str,
        /// What to do about it.
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
            | Self::Unsupported { path, .. }
            | Self::Panicked { path, .. }
            | Self::CutOff { path, .. }
            | Self::TooManyPixels { path, .. }
            | Self::TooLong { path, .. }
            | Self::Empty { path, .. }
            | Self::Unpacked { path, .. }
            | Self::Format { path }
            | Self::Unfit { path, .. }
            | Self::Encode { path, .. } => path,
        }
    }
}
