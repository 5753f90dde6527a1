//! What can go wrong with picture files.

use std::path::PathBuf;

use thiserror::Error;

/// Why a picture could not be read or encoded.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A directory, a pipe, a device.
    #[error("cannot read {}: it is no regular file; give a picture file", path.display())]
    NotRegular {
        /// What is there.
        path: PathBuf,
    },
    /// A file of more bytes than are read.
    #[error("cannot read {}: it is larger than {most} bytes, the most that is read", path.display())]
    LargeFile {
        /// The file.
        path: PathBuf,
        /// Most bytes.
        most: u64,
    },
    /// The file is no picture that can be read.
    #[error("{} is no intact picture (PNG, JPEG, WebP and BMP are read)", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        source: image::ImageError,
    },
    /// A JPEG file whose end is missing.
    #[error("{} is cut off: the end of its JPEG data is missing", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
    },
    /// A picture with more pixels than are allowed; the file itself may be small.
    #[error(
        "{} is a picture of {width}x{height} pixels, more than the {most} that are allowed \
         (--max-pixels N allows more)",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// The most pixels.
        most: u64,
    },
    /// A picture that would take too much memory.
    #[error(
        "{} is a picture of {width}x{height} pixels, {} MiB unpacked; at most {} MiB are read: make it \
         smaller",
        path.display(), bytes >> 20, limit >> 20
    )]
    Unpacked {
        /// The file.
        path: PathBuf,
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// Bytes it unpacks to.
        bytes: u64,
        /// Most bytes.
        limit: u64,
    },
    /// A name that no format belongs to.
    #[error("{}: the name must end in .png, .jpg, .webp or .bmp", path.display())]
    Format {
        /// The file to be written.
        path: PathBuf,
    },
    /// A format that cannot hold the picture.
    #[error("{}: {format} holds no {what}; {remedy}", path.display())]
    Unfit {
        /// The file to be written.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// What it does not hold.
        what: &'static str,
        /// What helps.
        remedy: &'static str,
    },
    /// The encoder refused.
    #[error("{} cannot be encoded", path.display())]
    Encode {
        /// The file to be written.
        path: PathBuf,
        /// The encoder's reason.
        source: image::ImageError,
    },
}
