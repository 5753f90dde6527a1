//! JPEG files, encoded by several threads.
//!
//! A picture is cut into strips, each of which is encoded for itself. As the coding of a strip depends on
//! no other, its data are what a single encoder writes between two restart markers; so the strips make up
//! one file (ISO/IEC 10918-1, B.2.1 and E.1.4).

use std::fmt;

use image::error::{EncodingError, ImageFormatHint};
use image::{DynamicImage, ImageError, ImageFormat, ImageResult};
use jpeg_encoder::{ColorType, Encoder};
use rayon::prelude::*;

use super::metadata::Metadata;

/// Above this quality, JPEG artifacts are hard to see. Colors have the full resolution.
const QUALITY: u8 = 95;
/// Pixels of a block along each side.
const BLOCK: usize = 8;
/// Pixels of a strip that are worth a thread.
const STRIP: usize = 1 << 18;
/// Most blocks between two restart markers.
const MOST_BLOCKS: usize = u16::MAX as usize;

/// Encodes a picture of 8 bits per sample without opacity, at most 65,535 pixels per side.
///
/// # Errors
/// Metadata or sides are too large for the format.
pub(super) fn encode(picture: &DynamicImage, metadata: &Metadata) -> ImageResult<Vec<u8>> {
    let gray = picture.color().channel_count() == 1;
    let converted;
    let (samples, color) = match picture {
        DynamicImage::ImageLuma8(buffer) => (buffer.as_raw(), ColorType::Luma),
        DynamicImage::ImageRgb8(buffer) => (buffer.as_raw(), ColorType::Rgb),
        other if gray => {
            converted = other.to_luma8().into_raw();
            (&converted, ColorType::Luma)
        }
        other => {
            converted = other.to_rgb8().into_raw();
            (&converted, ColorType::Rgb)
        }
    };
    let [width, height] = [picture.width(), picture.height()]
        .map(|side| u16::try_from(side).map_err(|_| failed("a side has more than 65535 pixels")));
    let (width, height) = (width?, height?);
    encode_strips(samples, [width, height], color, metadata)
}

fn encode_strips(
    samples: &[u8],
    [width, height]: [u16; 2],
    color: ColorType,
    metadata: &Metadata,
) -> ImageResult<Vec<u8>> {
    let across = usize::from(width).div_ceil(BLOCK);
    let wanted = STRIP / (usize::from(width) * BLOCK).max(1);
    let block_rows = wanted.clamp(1, MOST_BLOCKS / across.max(1));
    let row = usize::from(width) * if matches!(color, ColorType::Luma) { 1 } else { 3 };
    let strips: Vec<&[u8]> = samples.chunks((block_rows * BLOCK * row).max(1)).collect();
    let mut encoded: Vec<Vec<u8>> = strips
        .par_iter()
        .enumerate()
        .map(|(index, strip)| {
            let mut bytes = Vec::new();
            let mut encoder = Encoder::new(&mut bytes, QUALITY);
            if index == 0 {
                if let Some(exif) = &metadata.exif {
                    encoder.add_exif_metadata(exif).map_err(failed)?;
                }
                if let Some(profile) = &metadata.color_profile {
                    encoder.add_icc_profile(profile).map_err(failed)?;
                }
            }
            let rows = u16::try_from(strip.len() / row).map_err(failed)?;
            encoder.encode(strip, width, rows, color).map_err(failed)?;
            Ok(bytes)
        })
        .collect::<ImageResult<_>>()?;
    match encoded.as_slice() {
        [] => Err(failed("the picture has no pixels")),
        [_] => Ok(encoded.swap_remove(0)),
        [first, others @ ..] => joined(first, others, height, block_rows * across)
            .ok_or_else(|| failed("unknown strip")),
    }
}

/// One file of strips that have `blocks` blocks each; none where a strip is no file as expected.
fn joined(first: &[u8], others: &[Vec<u8>], height: u16, blocks: usize) -> Option<Vec<u8>> {
    let parts = Parts::of(first)?;
    let mut file = first.get(..parts.scan)?.to_vec();
    file.get_mut(parts.height..parts.height + 2)?.copy_from_slice(&height.to_be_bytes());
    let interval = u16::try_from(blocks).ok()?.to_be_bytes();
    file.extend([0xFF, 0xDD, 0, 4, interval[0], interval[1]]);
    file.extend(first.get(parts.scan..parts.data)?);
    file.extend(parts.coded(first)?);
    for (other, marker) in others.iter().zip((0xD0..=0xD7).cycle()) {
        file.extend([0xFF, marker]);
        file.extend(Parts::of(other)?.coded(other)?);
    }
    file.extend(END);
    Some(file)
}

/// The marker at the end of a file.
const END: [u8; 2] = [0xFF, 0xD9];

/// Where the parts of a file lie.
struct Parts {
    /// The height in the header of the frame.
    height: usize,
    /// The header of the scan.
    scan: usize,
    /// The coded data, up to the marker at the end.
    data: usize,
}

impl Parts {
    fn of(file: &[u8]) -> Option<Self> {
        let mut height = None;
        let mut place = 2;
        loop {
            let [0xFF, marker, high, low] = *file.get(place..place + 4)? else { return None };
            let length = usize::from(u16::from_be_bytes([high, low]));
            match marker {
                // Marker, length and precision come before the height.
                0xC0 => height = Some(place + 5),
                0xDA => {
                    return Some(Self { height: height?, scan: place, data: place + 2 + length });
                }
                _ => {}
            }
            place += 2 + length;
        }
    }

    fn coded<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        file.get(self.data..)?.strip_suffix(&END)
    }
}

fn failed(reason: impl fmt::Display) -> ImageError {
    let format = ImageFormatHint::Exact(ImageFormat::Jpeg);
    ImageError::Encoding(EncodingError::new(format, format!("{reason}")))
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    fn decoded(bytes: &[u8]) -> DynamicImage {
        image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap()
    }

    fn wave(x: u32, y: u32) -> u8 {
        let value = 128.0 + 90.0 * (f64::from(x) * 0.11).sin() * (f64::from(y) * 0.07).cos();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "38 to 218")]
        let value = value as u8;
        value
    }

    #[test]
    fn strips_are_the_picture() {
        // Strips of a few rows of blocks, the last one not whole; more of them than restart markers.
        for (width, height) in [(2_001, 1_403), (9, 5), (4_096, 700), (1, 1), (65_535, 130)] {
            let picture = RgbImage::from_fn(width, height, |x, y| {
                Rgb([wave(x, y), wave(y, x), wave(x + 40, y + 9)])
            });
            let bytes = encode(&picture.clone().into(), &Metadata::default()).unwrap();
            let found = decoded(&bytes).into_rgb8();
            assert_eq!(found.dimensions(), (width, height));
            let largest = found.iter().zip(picture.iter()).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(largest.is_some_and(|largest| largest <= 12), "{width}x{height}: {largest:?}");
        }
    }

    #[test]
    fn gray_pictures_stay_gray() {
        let picture = GrayImage::from_fn(900, 1_200, |x, y| Luma([wave(x, y)]));
        let bytes = encode(&picture.clone().into(), &Metadata::default()).unwrap();
        let found = decoded(&bytes);
        assert!(!found.color().has_color());
        let pairs = found.as_luma8().unwrap().iter().zip(picture.iter());
        assert!(pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap() <= 8);
    }
}
