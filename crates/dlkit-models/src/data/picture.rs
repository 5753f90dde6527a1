//! One picture file, converted to the network's input shape.

use std::path::Path;

use image::GenericImageView;
use image::imageops::FilterType;

use dlkit_files::picture::open_on_white;

use super::error::DataError;
use crate::value::Shape;

/// The shares of red, green and blue in gray: the luminance of the primaries of sRGB (Rec. 709).
pub(crate) const GRAY: [f32; 3] = [0.212_647_84, 0.715_179_2, 0.072_173_04];

/// Reads a picture as 8-bit pixels of the given shape, channel by channel.
///
/// Frozen files say to other programs how this is done (`freeze/agreement.rs`), and `freeze/script/pictures.py`
/// does the same without dlkit, so a change here is a change of what frozen files mean. In this order:
/// 1. It is turned upright where the camera noted how it was held, and converted to sRGB by its profile.
/// 2. If it has opacity, its samples become 8-bit ones and are put on white: `(color * opacity + 255 * (255 -
///    opacity) + 127) / 255`, in whole numbers.
/// 3. Other sizes are scaled, first the height, then the width, without keeping the aspect ratio. A new value is
///    the mean of those around its middle, weighed by a triangle whose radius is one pixel of the larger
///    grid, in single precision. Results are rounded to 8 bits, of 16-bit pictures to 16.
/// 4. One channel makes it gray, in single precision and rounded (`dlkit.input.gray`); three keep its colors. 16-bit
///    samples become 8-bit ones: `(sample + 128) / 257`, in whole numbers.
/// 5. `invert` swaps dark and light.
///
/// # Errors
/// A file that is missing or no picture, a shape with other than one or three channels.
pub fn read_picture(path: &Path, shape: Shape, invert: bool) -> Result<Vec<u8>, DataError> {
    let Shape::Maps { channels: channels @ (1 | 3), height, width } = shape else {
        return Err(DataError::Unfit(format!(
            "network.input: pictures need [1, height, width] (gray) or [3, height, width] \
             (color), not {shape}"
        )));
    };
    let picture = open_on_white(path)?;
    let unfit = |_| DataError::Unfit(format!("network.input: {shape} is too large for a picture"));
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

fn planes(interleaved: &[u8]) -> Vec<u8> {
    (0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3).copied()).collect()
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbaImage};

    use super::*;

    fn write(name: &str, picture: &DynamicImage) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        picture.save(&path).unwrap();
        (directory, path)
    }

    #[test]
    fn colors_come_channel_by_channel() {
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
    fn new_values_are_weighed_by_a_triangle() {
        let row = image::GrayImage::from_raw(5, 1, vec![0, 50, 100, 150, 201]).unwrap();
        let (_keep, path) = write("a.png", &row.into());
        let shape = Shape::Maps { channels: 1, height: 1, width: 2 };
        // Middles at 0.75 and 3.25, radius 2.5: weights 0.7, 0.9, 0.5 and 0.1, so 50 and 150 + 0.7 / 2.2.
        assert_eq!(read_picture(&path, shape, false).unwrap(), [50, 150]);
        // Middles at -0.25, 0.25, 0.75 and 1.25 of two pixels, radius 1: 0, 0.25, 0.75 and 1.
        let row = image::GrayImage::from_raw(2, 1, vec![0, 102]).unwrap();
        let (_keep, path) = write("a.png", &row.into());
        let shape = Shape::Maps { channels: 1, height: 1, width: 4 };
        assert_eq!(read_picture(&path, shape, false).unwrap(), [0, 26, 77, 102]);
    }

    #[test]
    fn gray_is_the_sum_that_is_said() {
        // With 0.2126, 0.7152 and 0.0722 of Rec. 709, rounded to four digits, some would be one more or less.
        let level = |index: u32, step: u32| u8::try_from(index * step % 256).unwrap();
        let color = |x: u32, y: u32| {
            image::Rgb([level(x + 512 * y, 7), level(x + 3 * y, 13), level(x * y + 5, 3)])
        };
        let picture = image::RgbImage::from_fn(512, 256, color);
        let (_keep, path) = write("a.png", &picture.clone().into());
        let shape = Shape::Maps { channels: 1, height: 256, width: 512 };
        let found = read_picture(&path, shape, false).unwrap();
        for (pixel, found) in picture.pixels().zip(found) {
            let parts = [0, 1, 2].map(|part| f32::from(pixel.0[part]) * (1.0 / 255.0) * GRAY[part]);
            let sum = ((parts[0] + parts[1] + parts[2]) * 255.0).round();
            assert!((sum - f32::from(found)).abs() < 0.5, "{pixel:?}: {found}, not {sum}");
        }
    }

    const HELD: Shape = Shape::Maps { channels: 1, height: 3, width: 2 };

    /// The Exif data of a picture held in a way, as TIFF 6.0 and Exif 2.3 lay it out: big-endian,
    /// one entry of tag 0x0112 (orientation), of type 3 (16 bits), once.
    fn exif(orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat()
    }

    #[test]
    fn pictures_are_turned_upright() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        // Three wide and two high:  1 2 3
        //                           4 5 6
        for (orientation, upright) in
            [(6, [4, 1, 5, 2, 6, 3]), (8, [3, 6, 2, 5, 1, 4]), (5, [1, 4, 2, 5, 3, 6])]
        {
            let mut encoder = PngEncoder::new(std::fs::File::create(&path).unwrap());
            encoder.set_exif_metadata(exif(orientation)).unwrap();
            encoder.write_image(&[1, 2, 3, 4, 5, 6], 3, 2, ExtendedColorType::L8).unwrap();
            assert_eq!(read_picture(&path, HELD, false).unwrap(), upright, "{orientation}");
        }
    }

    #[test]
    fn photographs_are_turned_upright() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jpg");
        let mut encoder = JpegEncoder::new_with_quality(std::fs::File::create(&path).unwrap(), 100);
        encoder.set_exif_metadata(exif(6)).unwrap();
        let (dark, light) = ([0; 16 * 8], [255; 16 * 8]);
        encoder.write_image(&[dark, light].concat(), 16, 16, ExtendedColorType::L8).unwrap();
        // The lower, light half was held left.
        let shape = Shape::Maps { channels: 1, height: 1, width: 2 };
        let [left, right] = read_picture(&path, shape, false).unwrap()[..] else { panic!() };
        assert!(left > 200 && right < 55, "{left} {right}");
    }

    #[test]
    fn sixteen_bit_pictures_are_read() {
        let values = vec![0_u16, 257, 2 * 257, 100 * 257, 254 * 257, u16::MAX];
        let picture = image::ImageBuffer::from_raw(2, 3, values).unwrap();
        let (_keep, path) = write("a.png", &DynamicImage::ImageLuma16(picture));
        assert_eq!(read_picture(&path, HELD, false).unwrap(), [0, 1, 2, 100, 254, 255]);
    }

    /// A chunk of a PNG: length, name, content, CRC-32.
    fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        let named = [name, content].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&named);
        [length.as_slice(), &named, &crc.sum().to_be_bytes()].concat()
    }

    /// A PNG of 8-bit indices into a palette; `rows` starts each row with its filter, 0.
    fn palette_png([width, height]: [u32; 2], palette: &[u8], rows: &[u8]) -> Vec<u8> {
        let header =
            [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &[8, 3, 0, 0, 0]].concat();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut zlib, rows).unwrap();
        [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &header),
            chunk(b"PLTE", palette),
            chunk(b"IDAT", &zlib.finish().unwrap()),
            chunk(b"IEND", &[]),
        ]
        .concat()
    }

    #[test]
    fn palette_pictures_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        let palette = [10, 20, 30, 40, 50, 60];
        std::fs::write(&path, palette_png([2, 1], &palette, &[0, 1, 0])).unwrap();
        let shape = Shape::Maps { channels: 3, height: 1, width: 2 };
        assert_eq!(read_picture(&path, shape, false).unwrap(), [40, 10, 50, 20, 60, 30]);
    }
}
