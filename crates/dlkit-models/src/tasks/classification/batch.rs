//! Pictures and labels, gathered into batches.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::data::{DataError, ImageSet, ImagesConfig};
use crate::network::Shape;
use crate::training::BatchSource;

/// A batch of labelled pictures.
///
/// # Shapes
/// - images: `[batch, channels, height, width]`, normalised
/// - classes: `[batch]`
#[derive(Clone, Debug)]
pub struct ImageBatch {
    /// The pictures.
    pub images: Tensor<4>,
    /// The class of each.
    pub classes: Tensor<1, Int>,
}

/// How 8-bit pixels become network input: `(pixel / 255 - mean) / deviation`.
#[derive(Clone, Copy, Debug, PartialEq)]
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

impl Normalization {
    /// The input value of each of the 256 pixel values.
    fn table(self) -> [f32; 256] {
        let mut table = [0.0; 256];
        for (value, pixel) in table.iter_mut().zip(0_u8..=255) {
            let normalised = (f64::from(pixel) / 255.0 - self.mean) / self.deviation;
            #[expect(clippy::cast_possible_truncation, reason = "networks take f32")]
            let single = normalised as f32;
            *value = single;
        }
        table
    }

    /// Pixels of `count` pictures as a tensor.
    pub(crate) fn tensor<'a>(
        self,
        pictures: impl Iterator<Item = &'a [u8]>,
        count: usize,
        shape: Shape,
        device: &Device,
    ) -> Tensor<4> {
        let table = self.table();
        let mut values = Vec::with_capacity(count * shape.values());
        for pixels in pictures {
            values.extend(pixels.iter().map(|&pixel| table[usize::from(pixel)]));
        }
        Tensor::from_data(TensorData::new(values, shape.batch(count)), device)
    }
}

/// Pictures in memory, ready to be gathered.
#[derive(Clone, Debug)]
pub struct ImageSource {
    images: Arc<ImageSet>,
    normalization: Normalization,
}

impl ImageSource {
    /// Pictures that are normalised when they are gathered.
    #[must_use]
    pub const fn new(images: Arc<ImageSet>, normalization: Normalization) -> Self {
        Self { images, normalization }
    }

    /// The pictures.
    #[must_use]
    pub fn images(&self) -> &ImageSet {
        &self.images
    }
}

impl BatchSource for ImageSource {
    type Batch = ImageBatch;

    fn batch(&self, indices: &[usize], device: &Device) -> Result<ImageBatch, DataError> {
        let pictures =
            indices.iter().map(|&index| self.images.image(index)).collect::<Result<Vec<_>, _>>()?;
        let shape = self.images.shape();
        let images = self.normalization.tensor(pictures.into_iter(), indices.len(), shape, device);
        let labels = self.images.labels();
        let classes: Vec<i64> = indices
            .iter()
            .filter_map(|&index| labels.get(index).map(|&label| i64::from(label)))
            .collect();
        let classes = Tensor::from_data(TensorData::new(classes, [indices.len()]), device);
        Ok(ImageBatch { images, classes })
    }
}
