//! Reading pictures and turning them into the bytes of files.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
};

use super::error::PictureError;

/// Most bytes a picture may unpack to, so that a small file cannot take all memory.
const LARGEST_UNPACKED: u64 = 1 << 30;

/// Reads a picture, turned upright if the camera noted how it was held.
///
/// # Errors
/// Where the file cannot be opened, is no intact PNG, JPEG, WebP or BMP, or unpacks to more than 1 GiB.
pub fn read_picture(path: &Path) -> Result<DynamicImage, PictureError> {
    let open = |source| PictureError::Open { path: path.to_owned(), source };
    let decode = |source| PictureError::Decode { path: path.to_owned(), source };
    let reader = ImageReader::open(path).map_err(open)?.with_guessed_format().map_err(open)?;
    let mut decoder = reader.into_decoder().map_err(decode)?;
    let ((width, height), bytes) = (decoder.dimensions(), decoder.total_bytes());
    if bytes > LARGEST_UNPACKED {
        let (path, limit) = (path.to_owned(), LARGEST_UNPACKED);
        return Err(PictureError::Unpacked { path, width, height, bytes, limit });
    }
    let orientation = decoder.orientation().map_err(decode)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(decode)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A picture as its file holds it.
#[derive(Clone, Debug)]
pub struct StoredPicture {
    /// The pixels, not turned.
    pub picture: DynamicImage,
    /// How they are to be turned to stand upright.
    pub orientation: Orientation,
    /// The file's Exif data, which says so.
    pub exif: Option<Vec<u8>>,
}

impl StoredPicture {
    /// Reads a picture of at most `most` pixels.
    ///
    /// # Errors
    /// Where the file cannot be opened, is no intact PNG, JPEG, WebP or BMP, or has more pixels: that is
    /// seen before memory is taken for them.
    pub fn read(path: &Path, most: u64) -> Result<Self, PictureError> {
        let open = |source| PictureError::Open { path: path.to_owned(), source };
        let decode = |source| PictureError::Decode { path: path.to_owned(), source };
        let mut reader =
            ImageReader::open(path).map_err(open)?.with_guessed_format().map_err(open)?;
        // What the decoder takes besides the pixels is bounded by their number.
        let mut limits = Limits::default();
        limits.max_alloc = Some(most.saturating_mul(LARGEST_PIXEL).max(SMALLEST_LIMIT));
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(decode)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > most {
            return Err(PictureError::TooLarge { path: path.to_owned(), width, height, most });
        }
        let orientation = decoder.orientation().map_err(decode)?;
        let exif = decoder.exif_metadata().map_err(decode)?;
        let picture = DynamicImage::from_decoder(decoder).map_err(decode)?;
        Ok(Self { picture, orientation, exif })
    }
}

/// Bytes of a pixel of four 16-bit samples.
const LARGEST_PIXEL: u64 = 8;
/// What a decoder may take in any case.
const SMALLEST_LIMIT: u64 = 64 << 20;

/// How a picture that was turned upright is turned back.
#[must_use]
pub const fn reversed(orientation: Orientation) -> Orientation {
    match orientation {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        // The others undo themselves.
        other => other,
    }
}

/// A picture file to be written, of a format told by its name.
#[derive(Clone, Debug)]
pub struct PictureFormat {
    path: PathBuf,
    format: ImageFormat,
}

/// Above this, JPEG artefacts are hard to see.
const JPEG_QUALITY: u8 = 95;

impl PictureFormat {
    /// The format that a path ends in.
    ///
    /// # Errors
    /// Where that is not .png, .jpg, .jpeg, .webp or .bmp.
    pub fn of(path: &Path) -> Result<Self, PictureError> {
        let format = ImageFormat::from_path(path).ok().filter(|format| {
            use ImageFormat::{Bmp, Jpeg, Png, WebP};
            matches!(format, Png | Jpeg | WebP | Bmp)
        });
        let format = format.ok_or_else(|| PictureError::Format { path: path.to_owned() })?;
        Ok(Self { path: path.to_owned(), format })
    }

    /// Whether files of this format can hold Exif data.
    #[must_use]
    pub fn holds_exif(&self) -> bool {
        self.format != ImageFormat::Bmp
    }

    /// Checks that a picture with or without opacity, of 8 or 16 bits, can be held.
    ///
    /// # Errors
    /// Where it cannot: only PNG holds 16 bits, and JPEG no opacity.
    pub fn check(&self, has_alpha: bool, is_wide: bool) -> Result<(), PictureError> {
        let unfit = |format, what, remedy| {
            Err(PictureError::Unfit { path: self.path.clone(), format, what, remedy })
        };
        let format = match self.format {
            ImageFormat::Jpeg => "JPEG",
            ImageFormat::WebP => "WebP",
            ImageFormat::Bmp => "BMP",
            _ => return Ok(()),
        };
        if is_wide {
            return unfit(format, "16-bit samples", "write a .png");
        }
        if has_alpha && self.format == ImageFormat::Jpeg {
            return unfit(format, "opacity", "write a .png or .webp");
        }
        Ok(())
    }

    /// Checks that the longer side of a picture, in pixels, can be held.
    fn check_sides(&self, longer: u32) -> Result<(), PictureError> {
        let (format, most, what) = match self.format {
            ImageFormat::Jpeg => ("JPEG", 65_535, "pictures of more than 65535 pixels a side"),
            ImageFormat::WebP => ("WebP", 16_384, "pictures of more than 16384 pixels a side"),
            _ => return Ok(()),
        };
        if longer <= most {
            return Ok(());
        }
        let remedy = "write a .png, or choose a smaller size";
        Err(PictureError::Unfit { path: self.path.clone(), format, what, remedy })
    }

    /// The bytes of the file; JPEG at quality 95, the others without loss.
    ///
    /// # Errors
    /// As [`PictureFormat::check`], and where the encoder refuses the picture's size.
    pub fn encode(&self, picture: &DynamicImage) -> Result<Vec<u8>, PictureError> {
        self.encode_with(picture, None)
    }

    /// The bytes of the file, with Exif data where the format holds it.
    ///
    /// # Errors
    /// As [`PictureFormat::encode`].
    pub fn encode_with(
        &self,
        picture: &DynamicImage,
        exif: Option<&[u8]>,
    ) -> Result<Vec<u8>, PictureError> {
        let colour = picture.color();
        let is_wide = colour.bytes_per_pixel() / colour.channel_count() > 1;
        self.check(colour.has_alpha(), is_wide)?;
        self.check_sides(picture.width().max(picture.height()))?;
        let mut bytes = Cursor::new(Vec::new());
        let bytes_mut = &mut bytes;
        let result = match (self.format, picture) {
            (ImageFormat::Jpeg, _) => {
                let encoder = JpegEncoder::new_with_quality(bytes_mut, JPEG_QUALITY);
                encoded(encoder, picture, exif)
            }
            // These encoders know no grey.
            (ImageFormat::WebP, DynamicImage::ImageLumaA8(_)) => {
                encoded(WebPEncoder::new_lossless(bytes_mut), &picture.to_rgba8().into(), exif)
            }
            (ImageFormat::WebP, DynamicImage::ImageLuma8(_)) => {
                encoded(WebPEncoder::new_lossless(bytes_mut), &picture.to_rgb8().into(), exif)
            }
            (ImageFormat::WebP, _) => encoded(WebPEncoder::new_lossless(bytes_mut), picture, exif),
            (ImageFormat::Bmp, DynamicImage::ImageLumaA8(_)) => {
                DynamicImage::from(picture.to_rgba8()).write_to(bytes_mut, self.format)
            }
            (ImageFormat::Png, _) => encoded(PngEncoder::new(bytes_mut), picture, exif),
            _ => picture.write_to(bytes_mut, self.format),
        };
        result.map_err(|source| PictureError::Encode { path: self.path.clone(), source })?;
        Ok(bytes.into_inner())
    }
}

/// Encodes a picture with its Exif data.
fn encoded(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    exif: Option<&[u8]>,
) -> image::ImageResult<()> {
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif.to_vec()).map_err(ImageError::Unsupported)?;
    }
    picture.write_with_encoder(encoder)
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, ImageBuffer, Luma};

    use super::*;

    /// Exif data that says how a picture was held: big-endian, one entry, of tag 0x0112.
    fn exif(orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat()
    }

    #[test]
    fn exif_data_is_kept_and_pictures_are_turned_and_back() {
        let directory = tempfile::tempdir().unwrap();
        for (name, orientation) in [("a.png", 5), ("a.jpg", 6), ("a.webp", 8), ("b.png", 7)] {
            let path = directory.path().join(name);
            let picture = DynamicImage::from(image::RgbImage::new(3, 2));
            let format = PictureFormat::of(&path).unwrap();
            let bytes = format.encode_with(&picture, Some(&exif(orientation))).unwrap();
            std::fs::write(&path, bytes).unwrap();
            let stored = StoredPicture::read(&path, 6).unwrap();
            assert_eq!(stored.orientation.to_exif(), orientation, "{name}");
            assert_eq!((stored.picture.width(), stored.picture.height()), (3, 2));
            let message = StoredPicture::read(&path, 5).unwrap_err().to_string();
            assert!(message.contains("is a picture of 3x2 pixels, more than the 5"), "{message}");
        }
        for orientation in 1..=8 {
            let orientation = Orientation::from_exif(orientation).unwrap();
            let original = DynamicImage::from(image::GrayImage::from_fn(3, 2, |x, y| {
                Luma([u8::try_from(3 * y + x).unwrap()])
            }));
            let mut turned = original.clone();
            turned.apply_orientation(orientation);
            turned.apply_orientation(reversed(orientation));
            assert_eq!(turned, original, "{orientation:?}");
        }
    }

    /// A bitmap of 54 bytes that says it has 30,000 pixels on each side.
    #[test]
    fn a_small_file_that_unpacks_to_a_huge_picture_is_refused() {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let sizes: Vec<u8> = words(&[54, 0, 54, 40, 30_000, 30_000]);
        let depth: Vec<u8> = words(&[1 | (24 << 16), 0, 0, 0, 0, 0, 0]);
        let path = std::env::temp_dir().join(format!("dlkit-huge-{}.bmp", std::process::id()));
        std::fs::write(&path, [b"BM".to_vec(), sizes, depth].concat()).unwrap();
        let message = read_picture(&path).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(message.contains("30000x30000 pixels, 2574 MiB unpacked"), "{message}");
    }

    #[test]
    fn formats_hold_what_they_can() {
        let grey_alpha = DynamicImage::from(GrayAlphaImage::new(3, 2));
        let wide = DynamicImage::from(ImageBuffer::<Luma<u16>, _>::new(3, 2));
        let long = DynamicImage::from(image::GrayImage::new(65_536, 1));
        for (name, picture, expected) in [
            ("a.png", &grey_alpha, None),
            ("a.png", &wide, None),
            ("a.webp", &grey_alpha, None),
            ("a.bmp", &grey_alpha, None),
            ("a.jpg", &grey_alpha, Some("JPEG holds no opacity")),
            ("a.jpg", &wide, Some("JPEG holds no 16-bit samples; write a .png")),
            ("a.webp", &wide, Some("WebP holds no 16-bit samples")),
            ("a.png", &long, None),
            ("a.jpg", &long, Some("JPEG holds no pictures of more than 65535 pixels a side")),
            ("a.webp", &long, Some("WebP holds no pictures of more than 16384 pixels a side")),
        ] {
            let encoded = PictureFormat::of(Path::new(name)).unwrap().encode(picture);
            match expected {
                None => assert!(encoded.is_ok(), "{name}: {encoded:?}"),
                Some(expected) => {
                    let message = encoded.unwrap_err().to_string();
                    assert!(message.contains(expected), "{name}: {message}");
                }
            }
        }
        let message = PictureFormat::of(Path::new("a.gif")).unwrap_err().to_string();
        assert!(message.contains("must end in .png, .jpg, .webp or .bmp"), "{message}");
    }
}
