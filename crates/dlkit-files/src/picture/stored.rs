//! Pictures as stored in their files: not turned, with their metadata, in sRGB.

use std::path::Path;

use image::DynamicImage;
use image::metadata::Orientation;

use super::decode::{PictureLimit, decoded};
use super::error::PictureError;
use super::metadata::Metadata;
use super::narrow::largest_of_narrow;
use super::profile::{convert_to_srgb, srgb_profile};

/// A picture as stored in its file.
#[derive(Clone, Debug)]
pub struct StoredPicture {
    /// The pixels, not turned, in sRGB.
    pub picture: DynamicImage,
    /// How to turn them upright.
    pub orientation: Orientation,
    /// The other metadata of the file.
    pub metadata: Metadata,
    /// The largest sample of 16 bits, if it is so small that the samples most likely have 12 bits
    /// and are not scaled.
    pub narrow: Option<u16>,
}

impl StoredPicture {
    /// Reads a picture of at most 1 GiB unpacked; the first picture of an animation.
    ///
    /// # Errors
    /// The file is not a regular file of at most 1 GiB, cannot be opened, is not a PNG, JPEG, WebP,
    /// BMP, TIFF, GIF or PNM, is damaged or cut off. By its header, the picture has more than 65,536 pixels per
    /// side, or unpacks to more than 1 GiB.
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        Self::read_within(path, PictureLimit::default())
    }

    /// Reads a picture of at most `most` pixels, a limit that the user sets with `--max-pixels`.
    ///
    /// # Errors
    /// As [`StoredPicture::open`], with this limit in place of 1 GiB.
    pub fn read(path: &Path, most: u64) -> Result<Self, PictureError> {
        let remedy = "allow more with --max-pixels N";
        Self::read_within(path, PictureLimit::Pixels { most, remedy })
    }

    /// Reads a picture within a limit.
    ///
    /// # Errors
    /// As [`StoredPicture::open`], with this limit in place of 1 GiB.
    pub fn read_within(path: &Path, limit: PictureLimit) -> Result<Self, PictureError> {
        let (mut picture, (orientation, exif, profile)) = decoded(path, limit, |decoder| {
            let orientation = decoder.orientation()?;
            let exif = decoder.exif_metadata()?;
            // A damaged profile does not make the pixels worse.
            let profile = decoder.icc_profile().ok().flatten();
            Ok((orientation, exif, profile))
        })?;
        let narrow = largest_of_narrow(&picture);
        let is_converted = match profile {
            Some(profile) => convert_to_srgb(&mut picture, &profile)
                .map_err(|source| PictureError::Panicked { path: path.to_owned(), source })?,
            None => false,
        };
        let color_profile = if is_converted { srgb_profile() } else { None };
        let metadata = Metadata { exif, color_profile };
        Ok(Self { picture, orientation, metadata, narrow })
    }

    /// A warning about samples that were not scaled to 16 bits.
    ///
    /// ```
    /// use dlkit_files::picture::StoredPicture;
    /// use image::{DynamicImage, metadata::Orientation};
    ///
    /// let stored = StoredPicture {
    ///     picture: DynamicImage::new_luma16(4, 4),
    ///     orientation: Orientation::NoTransforms,
    ///     metadata: Default::default(),
    ///     narrow: Some(4095),
    /// };
    /// assert!(stored.warning().unwrap().contains("largest sample is 4095 of 65535"));
    /// ```
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.narrow.map(|largest| {
            format!(
                "the largest sample is {largest} of 65535, so the picture is almost black; if it \
                 holds 12-bit values, multiply them by 16"
            )
        })
    }

    /// Turns the picture upright. The color profile remains; the Exif data do not, because they say
    /// how the camera was held.
    #[must_use]
    pub fn upright(mut self) -> (DynamicImage, Metadata) {
        self.picture.apply_orientation(self.orientation);
        (self.picture, Metadata { exif: None, ..self.metadata })
    }
}

/// Reads a picture, turned upright.
///
/// # Errors
/// As [`StoredPicture::open`].
pub fn read_picture(path: &Path) -> Result<DynamicImage, PictureError> {
    let (picture, _) = StoredPicture::open(path)?.upright();
    Ok(picture)
}

/// The orientation that turns an upright picture back.
#[must_use]
pub const fn reversed(orientation: Orientation) -> Orientation {
    match orientation {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        // The others undo themselves.
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, RgbImage};

    use super::super::decode::BESIDES_PIXELS;
    use super::super::format::PictureFormat;
    use super::*;

    /// Exif data that says how a picture was held: big-endian, one entry, of tag 0x0112.
    fn exif(orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat()
    }

    fn encoded(path: &Path, metadata: Metadata) -> Vec<u8> {
        let picture = DynamicImage::from(RgbImage::new(3, 2));
        PictureFormat::of(path).unwrap().encode_with(&picture, metadata).unwrap()
    }

    #[test]
    fn metadata_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let profile = srgb_profile().unwrap();
        for (name, orientation) in [("a.png", 5), ("a.jpg", 6), ("a.webp", 8), ("b.png", 7)] {
            let path = directory.path().join(name);
            let metadata =
                Metadata { exif: Some(exif(orientation)), color_profile: Some(profile.clone()) };
            std::fs::write(&path, encoded(&path, metadata.clone())).unwrap();
            let stored = StoredPicture::read(&path, 6).unwrap();
            assert_eq!(stored.metadata, metadata, "{name}");
            assert_eq!(stored.orientation.to_exif(), orientation, "{name}");
            assert_eq!((stored.picture.width(), stored.picture.height()), (3, 2));
            let message = StoredPicture::read(&path, 5).unwrap_err().to_string();
            for fact in ["3x2 pixels", "5 pixels", "--max-pixels"] {
                assert!(message.contains(fact), "{fact}: {message}");
            }
        }
    }

    #[test]
    fn profiles_that_cannot_be_used_are_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        for space in [b"GRAY", b"RGB ", b"CMYK"] {
            let mut profile = vec![7; 128];
            profile[16..20].copy_from_slice(space);
            let metadata = Metadata { exif: None, color_profile: Some(profile) };
            std::fs::write(&path, encoded(&path, metadata)).unwrap();
            assert_eq!(StoredPicture::read(&path, 6).unwrap().metadata, Metadata::default());
        }
    }

    #[test]
    fn a_profile_that_is_too_large_unpacked_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        let mut profile = vec![0; usize::try_from(BESIDES_PIXELS).unwrap() + 1];
        profile[16..20].copy_from_slice(b"RGB ");
        let bytes = encoded(&path, Metadata { exif: None, color_profile: Some(profile) });
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        std::fs::write(&path, bytes).unwrap();
        // For any limit on pixels.
        let stored = StoredPicture::read(&path, u64::MAX).unwrap();
        assert_eq!(stored.metadata, Metadata::default());
        assert_eq!((stored.picture.width(), stored.picture.height()), (3, 2));
    }

    #[test]
    fn a_picture_is_turned_upright_and_keeps_its_colors() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jpg");
        let color_profile = srgb_profile();
        let metadata = Metadata { exif: Some(exif(6)), color_profile: color_profile.clone() };
        std::fs::write(&path, encoded(&path, metadata)).unwrap();
        let (picture, metadata) = StoredPicture::open(&path).unwrap().upright();
        assert_eq!((picture.width(), picture.height()), (2, 3));
        assert_eq!(metadata, Metadata { exif: None, color_profile });
    }

    #[test]
    fn pictures_are_turned_and_back() {
        for orientation in 1..=8 {
            let orientation = Orientation::from_exif(orientation).unwrap();
            let original = DynamicImage::from(GrayImage::from_fn(3, 2, |x, y| {
                Luma([u8::try_from(3 * y + x).unwrap()])
            }));
            let mut turned = original.clone();
            turned.apply_orientation(orientation);
            turned.apply_orientation(reversed(orientation));
            assert_eq!(turned, original, "{orientation:?}");
        }
    }
}
