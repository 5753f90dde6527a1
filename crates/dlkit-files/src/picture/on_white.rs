//! Pictures on a white background.

use std::path::Path;

use image::{DynamicImage, Rgba, RgbaImage};

use super::error::PictureError;
use super::stored::read_picture;

/// Reads a picture, turned upright, with white behind its transparent parts. A picture with opacity
/// becomes 8-bit RGBA that is opaque everywhere; any other keeps its type.
///
/// # Errors
/// As [`StoredPicture::open`](super::StoredPicture::open).
pub fn open_on_white(path: &Path) -> Result<DynamicImage, PictureError> {
    let picture = read_picture(path)?;
    if picture.color().has_alpha() {
        return Ok(on_white(picture.into_rgba8()).into());
    }
    Ok(picture)
}

fn on_white(mut picture: RgbaImage) -> RgbaImage {
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        let opaque = u16::from(*alpha);
        for color in [red, green, blue] {
            let mixed = (u16::from(*color) * opaque + 255 * (255 - opaque) + 127) / 255;
            *color = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
        *alpha = 255;
    }
    picture
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, GrayImage};

    use super::*;

    #[test]
    fn transparent_parts_are_mixed_with_white() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        let clear = [0, 0, 0, 0, 10, 20, 30, 255, 0, 100, 255, 128];
        RgbaImage::from_raw(3, 1, clear.to_vec()).unwrap().save(&path).unwrap();
        // 255 - 128 = 127 of white, and 100 * 128 / 255 = 50.2 of green.
        let expected = [255, 255, 255, 255, 10, 20, 30, 255, 127, 177, 255, 255];
        let read = open_on_white(&path).unwrap();
        assert_eq!(read, RgbaImage::from_raw(3, 1, expected.to_vec()).unwrap().into());
        GrayAlphaImage::from_raw(1, 1, vec![7, 0]).unwrap().save(&path).unwrap();
        assert_eq!(open_on_white(&path).unwrap().into_luma8().into_raw(), [255]);
    }

    #[test]
    fn opaque_pictures_stay_as_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.bmp");
        let gray = GrayImage::from_raw(2, 1, vec![3, 200]).unwrap();
        gray.save(&path).unwrap();
        assert_eq!(open_on_white(&path).unwrap().into_luma8(), gray);
    }
}
