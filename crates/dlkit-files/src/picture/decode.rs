//! Decodes picture files: sizes are limited, headers are checked first, and panics are caught.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::complete::is_complete;
use super::error::PictureError;
use super::format::{FORMATS, name_of};
use crate::guard::guard;
use crate::regular::open_regular;

/// Most bytes of a file. Some decoders read the whole file before they check it.
const LARGEST_FILE: u64 = 1 << 30;
/// Most pixels per side; JPEG allows one less.
const LONGEST_SIDE: u32 = 1 << 16;
/// Most bytes of an unpacked picture unless the caller limits its pixels, so that a small file
/// cannot fill the memory.
const LARGEST_UNPACKED: u64 = 1 << 30;
/// Most bytes that a decoder may allocate besides the pixels: for profile, Exif data, texts and a
/// row.
pub(super) const BESIDES_PIXELS: u64 = 64 << 20;

/// The largest picture allowed, checked by its header. Each side is limited to 65,536 pixels too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureLimit {
    /// Most bytes of the unpacked picture.
    Unpacked(u64),
    /// Most pixels.
    Pixels {
        /// The most.
        most: u64,
        /// What to do about a larger picture, such as an option that allows more.
        remedy: &'static str,
    },
}

impl Default for PictureLimit {
    /// 1 GiB unpacked.
    fn default() -> Self {
        Self::Unpacked(LARGEST_UNPACKED)
    }
}

impl PictureLimit {
    fn check(self, path: &Path, decoder: &impl ImageDecoder) -> Result<(), PictureError> {
        let path = path.to_owned();
        let (width, height) = decoder.dimensions();
        let bytes = decoder.total_bytes();
        match self {
            _ if width.max(height) > LONGEST_SIDE => {
                Err(PictureError::TooLong { path, width, height, most: LONGEST_SIDE })
            }
            Self::Unpacked(most) if bytes > most => {
                Err(PictureError::Unpacked { path, width, height, bytes, most })
            }
            Self::Pixels { most, remedy } if u64::from(width) * u64::from(height) > most => {
                Err(PictureError::TooManyPixels { path, width, height, most, remedy })
            }
            Self::Unpacked(_) | Self::Pixels { .. } => Ok(()),
        }
    }
}

/// Decodes a picture within a limit. `before` reads metadata from the decoder before the pixels
/// are decoded.
pub(super) fn decoded<T>(
    path: &Path,
    limit: PictureLimit,
    before: impl FnOnce(&mut dyn ImageDecoder) -> Result<T, ImageError>,
) -> Result<(DynamicImage, T), PictureError> {
    guarded(path, || {
        let (reader, format) = reader(path)?;
        let failed = |error| failed(path, format, error);
        let mut decoder = reader.into_decoder().map_err(failed)?;
        limit.check(path, &decoder)?;
        if !ends(path, format)? {
            return Err(PictureError::CutOff { path: path.to_owned(), format: name_of(format) });
        }
        let taken = before(&mut decoder).map_err(failed)?;
        let picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
        Ok((picture, taken))
    })
}

/// Reads the width and height of a picture file, turned upright, in pixels. The pixels are not
/// decoded.
///
/// # Errors
/// The file is not a regular file, cannot be opened, or does not begin as a picture does.
pub fn picture_size(path: &Path) -> Result<(usize, usize), PictureError> {
    use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    guarded(path, || {
        let (reader, format) = reader(path)?;
        let failed = |error| failed(path, format, error);
        let mut decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        let turned = matches!(
            decoder.orientation().map_err(failed)?,
            Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH
        );
        let (width, height) = if turned { (height, width) } else { (width, height) };
        Ok((width as usize, height as usize))
    })
}

/// Opens a picture file; its content determines the format.
fn reader(path: &Path) -> Result<(ImageReader<BufReader<File>>, ImageFormat), PictureError> {
    let file = open_regular(path, LARGEST_FILE).map_err(unread(path))?;
    let mut reader = ImageReader::new(BufReader::new(file))
        .with_guessed_format()
        .map_err(|error| unread(path)(error.into()))?;
    let format = reader.format().filter(|format| FORMATS.contains(format));
    let format = format.ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(BESIDES_PIXELS);
    reader.limits(limits);
    Ok((reader, format))
}

/// Runs a decoder, and turns its panic into an error of the file.
fn guarded<T>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, PictureError>,
) -> Result<T, PictureError> {
    guard(decode)
        .unwrap_or_else(|source| Err(PictureError::Panicked { path: path.to_owned(), source }))
}

/// Why a decoder failed: the end of the file is missing, or the decoder's own reason.
fn failed(path: &Path, format: ImageFormat, source: ImageError) -> PictureError {
    let ends = match &source {
        ImageError::IoError(error) => error.kind() != ErrorKind::UnexpectedEof,
        _ => ends(path, format).unwrap_or(true),
    };
    let path = path.to_owned();
    if ends {
        PictureError::Decode { path, source }
    } else {
        PictureError::CutOff { path, format: name_of(format) }
    }
}

/// Whether a file has the end that its format requires.
fn ends(path: &Path, format: ImageFormat) -> Result<bool, PictureError> {
    let file = open_regular(path, LARGEST_FILE).map_err(unread(path))?;
    is_complete(BufReader::new(file), format).map_err(|error| unread(path)(error.into()))
}

fn unread(path: &Path) -> impl FnOnce(crate::regular::Unread) -> PictureError {
    let path = path.to_owned();
    move |source| PictureError::Read { path, source }
}
