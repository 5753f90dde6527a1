//! Picture formats and the encoding of pictures.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::codecs::png::PngEncoder;
use image::codecs::tiff::TiffEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageError, ImageFormat};

use super::error::PictureError;
use super::jpeg;
use super::metadata::Metadata;

/// The formats that are read.
pub(super) const READ: [ImageFormat; 7] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::WebP,
    ImageFormat::Bmp,
    ImageFormat::Tiff,
    ImageFormat::Gif,
    ImageFormat::Pnm,
];

/// The formats that are written.
const WRITTEN: [ImageFormat; 5] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff];

/// The usual name of a format.
pub(super) const fn name_of(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Gif => "GIF",
        ImageFormat::Pnm => "PNM",
        _ => "picture",
    }
}

/// The format of a picture file to write, determined by the extension of its name.
#[derive(Clone, Debug)]
pub struct PictureFormat {
    path: PathBuf,
    format: ImageFormat,
}

impl PictureFormat {
    /// The format that the extension of a path names.
    ///
    /// # Errors
    /// The path does not end in .png, .jpg, .jpeg, .webp, .bmp, .tif or .tiff.
    pub fn of(path: &Path) -> Result<Self, PictureError> {
        let format = ImageFormat::from_path(path).ok().filter(|format| WRITTEN.contains(format));
        let format = format.ok_or_else(|| PictureError::Format { path: path.to_owned() })?;
        Ok(Self { path: path.to_owned(), format })
    }

    /// The part of the metadata that files of this format can hold: of BMP none, of TIFF the color
    /// profile.
    #[must_use]
    pub fn held(&self, metadata: Metadata) -> Metadata {
        match self.format {
            ImageFormat::Bmp => Metadata::default(),
            ImageFormat::Tiff => Metadata { exif: None, ..metadata },
            _ => metadata,
        }
    }

    /// Checks that the format can hold a picture with or without opacity, of 8 or 16 bits per
    /// sample.
    ///
    /// # Errors
    /// The format cannot: only PNG and TIFF hold 16 bits, and JPEG holds no opacity.
    pub fn check(&self, has_alpha: bool, is_wide: bool) -> Result<(), PictureError> {
        let unfit = |format, what, remedy| {
            Err(PictureError::Unfit { path: self.path.clone(), format, what, remedy })
        };
        let format = name_of(self.format);
        if is_wide && !matches!(self.format, ImageFormat::Png | ImageFormat::Tiff) {
            return unfit(format, "16-bit samples", "write a .png or .tiff");
        }
        if has_alpha && self.format == ImageFormat::Jpeg {
            return unfit(format, "opacity", "write a .png or .webp");
        }
        Ok(())
    }

    /// Checks that the format can hold a picture whose longer side has `longer` pixels.
    fn check_sides(&self, longer: u32) -> Result<(), PictureError> {
        let (most, what) = match self.format {
            ImageFormat::Jpeg => (65_535, "more than 65535 pixels per side"),
            ImageFormat::WebP => (16_384, "more than 16384 pixels per side"),
            _ => return Ok(()),
        };
        if longer <= most {
            return Ok(());
        }
        let (path, format) = (self.path.clone(), name_of(self.format));
        let remedy = "write a .png, or choose a smaller size";
        Err(PictureError::Unfit { path, format, what, remedy })
    }

    /// Encodes a picture: JPEG at quality 95, the other formats without loss.
    ///
    /// # Errors
    /// As [`PictureFormat::check`]; the format cannot hold the size; the encoder refuses.
    pub fn encode(&self, picture: &DynamicImage) -> Result<Vec<u8>, PictureError> {
        self.encode_with(picture, Metadata::default())
    }

    /// Encodes a picture with its metadata; a format that cannot hold them is an error.
    ///
    /// # Errors
    /// As [`PictureFormat::encode`].
    pub fn encode_with(
        &self,
        picture: &DynamicImage,
        metadata: Metadata,
    ) -> Result<Vec<u8>, PictureError> {
        let color = picture.color();
        let is_wide = color.bytes_per_pixel() / color.channel_count() > 1;
        self.check(color.has_alpha(), is_wide)?;
        self.check_sides(picture.width().max(picture.height()))?;
        let unencoded = |source| PictureError::Encode { path: self.path.clone(), source };
        if self.format == ImageFormat::Jpeg {
            return jpeg::encode(picture, &metadata).map_err(unencoded);
        }
        let mut bytes = Cursor::new(Vec::new());
        let bytes_mut = &mut bytes;
        let result = match (self.format, picture) {
            // These encoders refuse gray pictures.
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
            (ImageFormat::Tiff, DynamicImage::ImageLumaA8(_)) => {
                encoded(TiffEncoder::new(bytes_mut), &picture.to_rgba8().into(), metadata)
            }
            (ImageFormat::Tiff, DynamicImage::ImageLumaA16(_)) => {
                encoded(TiffEncoder::new(bytes_mut), &picture.to_rgba16().into(), metadata)
            }
            (ImageFormat::Tiff, _) => encoded(TiffEncoder::new(bytes_mut), picture, metadata),
            (ImageFormat::Png, _) => encoded(PngEncoder::new(bytes_mut), picture, metadata),
            _ => picture.write_to(bytes_mut, self.format),
        };
        result.map_err(unencoded)?;
        Ok(bytes.into_inner())
    }
}

/// Encodes a picture with its metadata.
fn encoded(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    Metadata { exif, color_profile }: Metadata,
) -> image::ImageResult<()> {
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).map_err(ImageError::Unsupported)?;
    }
    if let Some(profile) = color_profile {
        encoder.set_icc_profile(profile).map_err(ImageError::Unsupported)?;
    }
    picture.write_with_encoder(encoder)
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, ImageBuffer, Luma, LumaA};

    use super::*;

    #[test]
    fn formats_hold_what_they_can() {
        let gray_alpha = DynamicImage::from(GrayAlphaImage::new(3, 2));
        let wide = DynamicImage::from(ImageBuffer::<Luma<u16>, _>::new(3, 2));
        let wide_alpha = DynamicImage::from(ImageBuffer::<LumaA<u16>, _>::new(3, 2));
        let long = DynamicImage::from(image::GrayImage::new(65_536, 1));
        for (name, picture, expected) in [
            ("a.png", &gray_alpha, None),
            ("a.png", &wide, None),
            ("a.webp", &gray_alpha, None),
            ("a.bmp", &gray_alpha, None),
            ("a.tiff", &gray_alpha, None),
            ("a.tif", &wide, None),
            ("a.tiff", &wide_alpha, None),
            ("a.tiff", &long, None),
            ("a.jpg", &gray_alpha, Some("JPEG cannot hold opacity")),
            ("a.jpg", &wide, Some("JPEG cannot hold 16-bit samples; write a .png or .tiff")),
            ("a.webp", &wide, Some("WebP cannot hold 16-bit samples")),
            ("a.png", &long, None),
            ("a.jpg", &long, Some("JPEG cannot hold more than 65535 pixels per side")),
            ("a.webp", &long, Some("WebP cannot hold more than 16384 pixels per side")),
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
        assert!(message.contains("must end in .png, .jpg, .webp, .bmp or .tiff"), "{message}");
    }
}
