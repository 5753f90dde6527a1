//! Reading pictures and turning them into the bytes of files.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageError, ImageFormat};

use super::error::PictureError;
use super::stored::{Metadata, StoredPicture};

/// Reads a picture, turned upright if the camera noted how it was held.
///
/// # Errors
/// As [`StoredPicture::open`].
pub fn read_picture(path: &Path) -> Result<DynamicImage, PictureError> {
    let (picture, _) = StoredPicture::open(path)?.upright();
    Ok(picture)
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

    /// Whether files of this format can hold metadata.
    #[must_use]
    pub fn holds_metadata(&self) -> bool {
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
        self.encode_with(picture, Metadata::default())
    }

    /// The bytes of the file, with metadata where the format holds them.
    ///
    /// # Errors
    /// As [`PictureFormat::encode`].
    pub fn encode_with(
        &self,
        picture: &DynamicImage,
        metadata: Metadata,
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
                encoded(encoder, picture, metadata)
            }
            // These encoders know no grey.
            (ImageFormat::WebP, DynamicImage::ImageLumaA8(_)) => {
                encoded(WebPEncoder::new_lossless(bytes_mut), &picture.to_rgba8().into(), metadata)
            }
            (ImageFormat::WebP, DynamicImage::ImageLuma8(_)) => {
                encoded(WebPEncoder::new_lossless(bytes_mut), &picture.to_rgb8().into(), metadata)
            }
            (ImageFormat::WebP, _) => {
                encoded(WebPEncoder::new_lossless(bytes_mut), picture, metadata)
            }
            (ImageFormat::Bmp, DynamicImage::ImageLumaA8(_)) => {
                DynamicImage::from(picture.to_rgba8()).write_to(bytes_mut, self.format)
            }
            (ImageFormat::Png, _) => encoded(PngEncoder::new(bytes_mut), picture, metadata),
            _ => picture.write_to(bytes_mut, self.format),
        };
        result.map_err(|source| PictureError::Encode { path: self.path.clone(), source })?;
        Ok(bytes.into_inner())
    }
}

/// Encodes a picture with its metadata.
fn encoded(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    Metadata { exif, colour_profile }: Metadata,
) -> image::ImageResult<()> {
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).map_err(ImageError::Unsupported)?;
    }
    if let Some(profile) = colour_profile {
        encoder.set_icc_profile(profile).map_err(ImageError::Unsupported)?;
    }
    picture.write_with_encoder(encoder)
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, ImageBuffer, Luma};

    use super::*;

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
