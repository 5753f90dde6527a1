//! One picture file, brought to the shape a network takes.

use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView, ImageReader, Rgba, RgbaImage};

use super::error::DataError;
use crate::network::Shape;

/// File name endings that are taken for pictures.
const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "webp", "bmp"];

/// Whether a file name looks like a picture.
#[must_use]
pub fn is_picture(path: &Path) -> bool {
    path.is_file()
        && path
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a picture as 8-bit pixels of the given shape, channel by channel.
///
/// One channel makes it grey, three keep its colours; transparent parts become white; the size is
/// changed if need be (without keeping the aspect); `invert` swaps dark and light.
///
/// # Errors
/// A file that is missing or no picture, a shape with other than one or three channels.
pub fn read_picture(path: &Path, shape: Shape, invert: bool) -> Result<Vec<u8>, DataError> {
    let Shape::Maps { channels: channels @ (1 | 3), height, width } = shape else {
        return Err(DataError::Unfit(format!(
            "network.input is {shape}; pictures need [1, height, width] (grey) or \
             [3, height, width] (colour)"
        )));
    };
    let picture = open(path)?;
    let unfit = |_| DataError::Unfit(format!("network.input {shape} is too large for a picture"));
    let (width, height) =
        (u32::try_from(width).map_err(unfit)?, u32::try_from(height).map_err(unfit)?);
    let picture = if picture.dimensions() == (width, height) {
        picture
    } else {
        picture.resize_exact(width, height, FilterType::Triangle)
    };
    let mut pixels = if channels == 1 {
        picture.into_luma8().into_raw()
    } else {
        planes(&picture.into_rgb8().into_raw())
    };
    if invert {
        for pixel in &mut pixels {
            *pixel = 255 - *pixel;
        }
    }
    Ok(pixels)
}

/// Decodes a picture file; transparent parts become white.
pub(crate) fn open(path: &Path) -> Result<DynamicImage, DataError> {
    let reader = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(DataError::read(path))?;
    let picture =
        reader.decode().map_err(|source| DataError::Picture { path: path.to_owned(), source })?;
    if picture.color().has_alpha() {
        return Ok(DynamicImage::ImageRgba8(on_white(picture.into_rgba8())));
    }
    Ok(picture)
}

fn on_white(mut picture: RgbaImage) -> RgbaImage {
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        for colour in [red, green, blue] {
            let opaque = u16::from(*alpha);
            let mixed = (u16::from(*colour) * opaque + 255 * (255 - opaque) + 127) / 255;
            *colour = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
        *alpha = 255;
    }
    picture
}

fn planes(interleaved: &[u8]) -> Vec<u8> {
    (0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(name: &str, picture: &DynamicImage) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        picture.save(&path).unwrap();
        (directory, path)
    }

    #[test]
    fn colours_come_channel_by_channel() {
        let picture = RgbaImage::from_raw(2, 1, vec![10, 20, 30, 255, 40, 50, 60, 255]).unwrap();
        let (_keep, path) = write("a.png", &DynamicImage::ImageRgba8(picture));
        let shape = Shape::Maps { channels: 3, height: 1, width: 2 };
        assert_eq!(read_picture(&path, shape, false).unwrap(), [10, 40, 20, 50, 30, 60]);
    }

    #[test]
    fn transparent_is_white_and_black_when_inverted() {
        let picture = RgbaImage::from_raw(1, 2, vec![0, 0, 0, 0, 0, 0, 0, 255]).unwrap();
        let (_keep, path) = write("a.png", &DynamicImage::ImageRgba8(picture));
        let shape = Shape::Maps { channels: 1, height: 2, width: 1 };
        assert_eq!(read_picture(&path, shape, false).unwrap(), [255, 0]);
        assert_eq!(read_picture(&path, shape, true).unwrap(), [0, 255]);
    }

    #[test]
    fn another_size_is_brought_to_shape_by_height_and_width() {
        let picture = DynamicImage::new_luma8(6, 4);
        let (_keep, path) = write("a.png", &picture);
        let shape = Shape::Maps { channels: 1, height: 2, width: 3 };
        assert_eq!(read_picture(&path, shape, false).unwrap(), [0; 6]);
    }

    #[test]
    fn rejects_a_file_that_is_no_picture() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        std::fs::write(&path, "not a picture").unwrap();
        let shape = Shape::Maps { channels: 1, height: 2, width: 3 };
        let message = read_picture(&path, shape, false).unwrap_err().to_string();
        assert!(message.contains("a.png cannot be read as a picture"), "{message}");
    }
}
