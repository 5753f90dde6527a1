//! Gray pictures, the input of feature detection.

use image::DynamicImage;
use thiserror::Error;

use super::plane::Plane;

/// A gray picture: brightness from 0 (black) to 1 (white), as stored (sRGB, not linear light).
#[derive(Clone, Debug, PartialEq)]
pub struct GrayPicture(Plane);

/// Why numbers are not a gray picture.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum GrayPictureError {
    /// The number of values is not that of the pixels.
    #[error("{width} x {height} pixels need as many values, not {given}")]
    Size {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Values given.
        given: usize,
    },
    /// A value is outside 0 to 1.
    #[error("value {value} of pixel {pixel}: must be from 0 to 1")]
    Value {
        /// The pixel, counted from 0, row by row.
        pixel: usize,
        /// Its value.
        value: f32,
    },
}

impl GrayPicture {
    /// The picture with these values, row by row from the top left.
    ///
    /// # Errors
    /// There are not `width * height` values, or one is outside 0 to 1.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Result<Self, GrayPictureError> {
        if width.checked_mul(height) != Some(values.len()) {
            return Err(GrayPictureError::Size { width, height, given: values.len() });
        }
        if let Some(pixel) = values.iter().position(|value| !(0.0..=1.0).contains(value)) {
            return Err(GrayPictureError::Value { pixel, value: values[pixel] });
        }
        Ok(Self(Plane { width, height, values }))
    }

    /// The brightness of a picture (Rec. 709 luma); transparency is ignored.
    #[must_use]
    pub fn of(picture: &DynamicImage) -> Self {
        let luma = picture.to_luma32f();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        let values = luma.into_raw().into_iter().map(|value| value.clamp(0.0, 1.0)).collect();
        Self(Plane { width, height, values })
    }

    /// Columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.0.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.0.height
    }

    pub(super) const fn plane(&self) -> &Plane {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn rejects_wrong_sizes_and_values() {
        let message = GrayPicture::new(2, 3, vec![0.0; 5]).unwrap_err().to_string();
        assert!(message.contains("2 x 3") && message.contains("not 5"), "{message}");
        for value in [-0.1, 1.1, f32::NAN] {
            let message = GrayPicture::new(2, 1, vec![0.5, value]).unwrap_err().to_string();
            assert!(message.contains("pixel 1") && message.contains("from 0 to 1"), "{message}");
        }
    }

    #[test]
    fn white_is_one() {
        let white = GrayPicture::of(&GrayImage::from_pixel(2, 1, Luma([255])).into());
        assert_eq!(white, GrayPicture::new(2, 1, vec![1.0, 1.0]).unwrap());
    }
}
