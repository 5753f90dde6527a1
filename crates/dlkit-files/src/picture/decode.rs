//! Decodes picture files: sizes are limited, headers are checked first, and panics are caught.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use image::codecs::tiff::TiffDecoder;
use image::error::{UnsupportedError, UnsupportedErrorKind};
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult,
    Limits,
};

use super::complete::is_complete;
use super::error::PictureError;
use super::format::{READ, name_of};
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
            _ if width.min(height) == 0 => Err(PictureError::Empty { path, width, height }),
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
        let mut decoder = decoder(reader, format).map_err(failed)?;
        limit.check(path, &decoder)?;
        check_samples(&decoder, format).map_err(failed)?;
        if !ends(path, format)? {
            return Err(PictureError::CutOff { path: path.to_owned(), format: name_of(format) });
        }
        let taken = before(&mut decoder).map_err(failed)?;
        if needs_room(format) {
            decoder.set_limits(limits(decoder.total_bytes())).map_err(failed)?;
        }
        let picture = DynamicImage::from_decoder(decoder).map_err(failed)?;
        let picture = if format == ImageFormat::Gif { opaque(picture) } else { picture };
        Ok((picture, taken))
    })
}

/// A picture without opacity, if it has none: the decoder of GIF adds it to every picture.
fn opaque(picture: DynamicImage) -> DynamicImage {
    match &picture {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX) => {
            picture.into_rgb8().into()
        }
        _ => picture,
    }
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
        let mut decoder = decoder(reader, format).map_err(failed)?;
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
    let format = reader.format().filter(|format| READ.contains(format));
    let format = format.ok_or_else(|| PictureError::NotAPicture { path: path.to_owned() })?;
    reader.limits(limits(0));
    Ok((reader, format))
}

/// The decoder of a file, which has read its header.
fn decoder(
    reader: ImageReader<BufReader<File>>,
    format: ImageFormat,
) -> ImageResult<Box<dyn ImageDecoder>> {
    if format == ImageFormat::Tiff {
        // With limits, it would read no profile that is larger than the picture. Without, it reads
        // tags of at most 256 MiB.
        return Ok(Box::new(TiffDecoder::new(reader.into_inner())?));
    }
    Ok(Box::new(reader.into_decoder()?))
}

/// Limits of a decoder that counts pixels of so many bytes among what it allocates.
fn limits(pixels: u64) -> Limits {
    let mut limits = Limits::default();
    // Twice: the decoder of TIFF unpacks into a buffer of its own, which is larger for CMYK.
    limits.max_alloc = Some(pixels.saturating_mul(2).saturating_add(BESIDES_PIXELS));
    limits
}

/// Whether the decoder of a format counts the pixels among what it allocates.
fn needs_room(format: ImageFormat) -> bool {
    matches!(format, ImageFormat::Tiff | ImageFormat::Gif)
}

/// Refuses samples of floating point, which have no largest value.
fn check_samples(decoder: &impl ImageDecoder, format: ImageFormat) -> ImageResult<()> {
    let color = decoder.color_type();
    if !matches!(color, ColorType::Rgb32F | ColorType::Rgba32F) {
        return Ok(());
    }
    let kind = UnsupportedErrorKind::Color(color.into());
    Err(ImageError::Unsupported(UnsupportedError::from_format_and_kind(format.into(), kind)))
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
    let (path, format) = (path.to_owned(), name_of(format));
    match source {
        _ if !ends => PictureError::CutOff { path, format },
        ImageError::Unsupported(_) => PictureError::Unsupported { path, format, source },
        _ => PictureError::Decode { path, source },
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
