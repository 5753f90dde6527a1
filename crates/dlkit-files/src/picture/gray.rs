//! Pictures as gray values.

use std::path::Path;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageBuffer, Luma};

use super::decode::PictureLimit;
use super::error::PictureError;
use super::stored::StoredPicture;

/// A gray picture, row by row. Pictures from files range from 0 (black) to 1 (white).
#[derive(Clone, Debug, PartialEq)]
pub struct GrayPicture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Values, row by row.
    pub values: Vec<f32>,
}

/// Most pixels of a picture read as gray, so that one picture takes less than 1 GiB.
const MOST_GRAY_PIXELS: u64 = 1 << 26;

impl GrayPicture {
    /// Reads the luma of a picture file, turned upright, as [`GrayPicture::of`] computes it.
    ///
    /// # Errors
    /// As [`StoredPicture::open`]; more than 2^26 (67 million) pixels.
    pub fn read(path: &Path) -> Result<Self, PictureError> {
        let limit =
            PictureLimit::Pixels { most: MOST_GRAY_PIXELS, remedy: "make the picture smaller" };
        let (picture, _) = StoredPicture::read_within(path, limit)?.upright();
        Ok(Self::of(&picture))
    }

    /// Computes the luma of a picture (Rec. 709), with transparent parts on white. 16-bit samples
    /// keep their precision.
    #[must_use]
    pub fn of(picture: &DynamicImage) -> Self {
        const WHITE: f32 = u16::MAX as f32;
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let values = if picture.color().has_alpha() {
            let on_white = |pixel: &image::LumaA<u16>| {
                let [gray, opaque] = pixel.0.map(|part| f32::from(part) / WHITE);
                gray * opaque + 1.0 - opaque
            };
            picture.to_luma_alpha16().pixels().map(on_white).collect()
        } else {
            picture.to_luma16().into_raw().into_iter().map(|gray| f32::from(gray) / WHITE).collect()
        };
        Self { width, height, values }
    }

    /// Resizes the picture, whatever the aspect ratio; shrinking averages. None for a size of 0 or
    /// beyond 32 bits.
    #[must_use]
    pub fn resized(&self, width: usize, height: usize) -> Option<Self> {
        if (self.width, self.height) == (width, height) {
            return Some(self.clone());
        }
        let low = self.values.iter().copied().fold(f32::INFINITY, f32::min);
        let high = self.values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let range = if high > low { high - low } else { 1.0 };
        // The library clamps values to 0 to 1.
        let scaled = self.values.iter().map(|value| (value - low) / range).collect();
        let side = |length: usize| u32::try_from(length).ok().filter(|length| *length > 0);
        let buffer: ImageBuffer<Luma<f32>, Vec<f32>> =
            ImageBuffer::from_raw(side(self.width)?, side(self.height)?, scaled)?;
        let resized = imageops::resize(&buffer, side(width)?, side(height)?, FilterType::Triangle);
        let values = resized.into_raw().into_iter().map(|value| value * range + low).collect();
        Some(Self { width, height, values })
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, RgbaImage};

    use super::*;

    #[test]
    fn black_is_0_white_is_1_and_transparent_is_white() {
        let gray = GrayImage::from_raw(3, 1, vec![0, 51, 255]).unwrap();
        let values = GrayPicture::of(&gray.into()).values;
        for (value, expected) in values.iter().zip([0.0, 0.2, 1.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
        let clear = RgbaImage::from_raw(2, 1, vec![0, 0, 0, 0, 0, 0, 0, 255]).unwrap();
        assert_eq!(GrayPicture::of(&clear.into()).values, [1.0, 0.0]);
    }

    #[test]
    fn shrinking_averages_and_keeps_the_range() {
        let picture = GrayPicture { width: 4, height: 2, values: [[-3.0; 4], [9.0; 4]].concat() };
        let small = picture.resized(2, 2).unwrap();
        assert_eq!((small.width, small.height), (2, 2));
        assert!((small.values[0] + 3.0).abs() < 1e-5 && (small.values[3] - 9.0).abs() < 1e-5);
        assert_eq!(picture.resized(0, 2), None);
    }
}
