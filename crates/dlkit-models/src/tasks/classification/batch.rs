//! Pictures and labels, gathered into batches.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::data::{DataError, ImageSet};
use crate::facts::{Normalization, PixelTable};
use crate::training::BatchSource;

/// A batch of labeled pictures.
///
/// # Shapes
/// - images: `[batch, channels, height, width]`, normalized
/// - classes: `[batch]`
#[derive(Clone, Debug)]
pub struct ImageBatch {
    /// The pictures.
    pub images: Tensor<4>,
    /// The class of each.
    pub classes: Tensor<1, Int>,
}

/// Pictures in memory, ready to be gathered.
#[derive(Clone, Debug)]
pub struct ImageSource {
    images: Arc<ImageSet>,
    table: PixelTable,
}

impl ImageSource {
    /// Pictures that are normalized when they are gathered.
    #[must_use]
    pub fn new(images: Arc<ImageSet>, normalization: Normalization) -> Self {
        Self { images, table: normalization.into() }
    }

    /// The pictures.
    #[must_use]
    pub fn images(&self) -> &ImageSet {
        &self.images
    }
}

impl BatchSource for ImageSource {
    type Batch = ImageBatch;

    fn samples(&self) -> usize {
        self.images.len()
    }

    fn batch(&self, indices: &[usize], _: usize, device: &Device) -> Result<ImageBatch, DataError> {
        let pictures =
            indices.iter().map(|&index| self.images.image(index)).collect::<Result<Vec<_>, _>>()?;
        let shape = self.images.shape();
        let images = self.table.tensor(pictures.into_iter(), indices.len(), shape, device);
        let labels = self.images.labels();
        let classes: Vec<i64> = indices
            .iter()
            .filter_map(|&index| labels.get(index).map(|&label| i64::from(label)))
            .collect();
        let classes = Tensor::from_data(TensorData::new(classes, [indices.len()]), device);
        Ok(ImageBatch { images, classes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Shape;

    #[test]
    fn pixels_are_normalized_and_gathered_in_the_order_asked_for() {
        let shape = Shape::Maps { channels: 1, height: 1, width: 2 };
        let images = ImageSet { pixels: vec![0, 51, 102, 255], labels: vec![7, 3], shape };
        let normalization = Normalization { mean: 0.2, deviation: 0.5 };
        let source = ImageSource::new(Arc::new(images), normalization);
        let batch = source.batch(&[1, 0], 0, &Device::flex()).unwrap();
        // (102 / 255 - 0.2) / 0.5, and so on.
        let expected = TensorData::new(vec![0.4_f32, 1.6, -0.4, 0.0], [2, 1, 1, 2]);
        let tolerance = burn::tensor::Tolerance::<f32>::absolute(1e-6);
        batch.images.into_data().assert_approx_eq(&expected, tolerance);
        assert_eq!(batch.classes.into_data().iter::<i64>().collect::<Vec<_>>(), [3, 7]);
    }
}
