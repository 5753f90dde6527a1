//! How pictures become network input.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::data::ImagesConfig;
use crate::value::Shape;

/// How 8-bit pixels become network input: `(pixel / 255 - mean) / deviation`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalization {
    /// Subtracted from pixels in 0..1.
    pub mean: f64,
    /// Divides what is left.
    pub deviation: f64,
}

impl From<&ImagesConfig> for Normalization {
    fn from(config: &ImagesConfig) -> Self {
        Self { mean: config.mean, deviation: config.deviation }
    }
}

/// How picture files become network input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureInput {
    /// How pixels become numbers.
    #[serde(flatten)]
    pub normalization: Normalization,
    /// Whether dark and light are swapped first.
    pub invert: bool,
}

impl From<&ImagesConfig> for PictureInput {
    fn from(config: &ImagesConfig) -> Self {
        Self { normalization: config.into(), invert: config.invert }
    }
}

/// The input value of each of the 256 pixel values.
#[derive(Clone, Debug)]
pub(crate) struct PixelTable([f32; 256]);

impl From<Normalization> for PixelTable {
    fn from(Normalization { mean, deviation }: Normalization) -> Self {
        let mut table = [0.0; 256];
        for (value, pixel) in table.iter_mut().zip(0_u8..=255) {
            let normalized = (f64::from(pixel) / 255.0 - mean) / deviation;
            #[expect(clippy::cast_possible_truncation, reason = "networks take f32")]
            let single = normalized as f32;
            *value = single;
        }
        Self(table)
    }
}

impl PixelTable {
    /// Pixels of `count` pictures as a tensor.
    pub(crate) fn tensor<'a>(
        &self,
        pictures: impl Iterator<Item = &'a [u8]>,
        count: usize,
        shape: Shape,
        device: &Device,
    ) -> Tensor<4> {
        let mut values = Vec::with_capacity(count * shape.values());
        for pixels in pictures {
            values.extend(self.values(pixels));
        }
        Tensor::from_data(TensorData::new(values, shape.batch(count)), device)
    }

    /// The input values of pixels.
    pub(crate) fn values(&self, pixels: &[u8]) -> impl Iterator<Item = f32> {
        pixels.iter().map(|&pixel| self.0[usize::from(pixel)])
    }
}
