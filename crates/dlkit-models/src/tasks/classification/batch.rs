//! Pictures and labels, gathered into batches.

use std::borrow::Cow;
use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::prelude::*;

use crate::data::{Augmentation, DataError, ImageSet, Origin};
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
    /// The pixel value that is nearest to an input of zero.
    zero: u8,
    /// Changes, drawn from a seed.
    augmentation: Option<(Augmentation, u64)>,
}

impl ImageSource {
    /// Pictures that are normalized when they are gathered.
    #[must_use]
    pub fn new(images: Arc<ImageSet>, normalization: Normalization) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "means beyond black and white become these"
        )]
        let zero = (normalization.mean * 255.0).round() as u8;
        Self { images, table: normalization.into(), zero, augmentation: None }
    }

    /// The pixels of a picture as they are in an epoch, channel by channel.
    ///
    /// # Errors
    /// An index beyond the last picture.
    pub fn picture(&self, index: usize, epoch: usize) -> Result<Cow<'_, [u8]>, DataError> {
        let pixels = self.images.image(index)?;
        Ok(match self.augmentation {
            None => Cow::Borrowed(pixels),
            Some((augmentation, seed)) => {
                let place = (seed, epoch, index);
                Cow::Owned(augmentation.changed(pixels, self.images.shape(), self.zero, place))
            }
        })
    }

    /// The pictures.
    #[must_use]
    pub fn images(&self) -> &ImageSet {
        &self.images
    }
}

/// Labeled samples that a classifier learns from.
pub trait ClassSource: BatchSource<Batch = ImageBatch> + Sized {
    /// The same samples, changed at random; none where nothing can be changed. What is drawn for a sample
    /// depends on the seed, the epoch and the sample only.
    #[must_use]
    fn augmented(&self, augmentation: Augmentation, seed: u64) -> Option<Self>;

    /// Where a sample comes from.
    fn origin(&self, index: usize) -> Origin;
}

impl ClassSource for ImageSource {
    fn augmented(&self, augmentation: Augmentation, seed: u64) -> Option<Self> {
        Some(Self { augmentation: Some((augmentation, seed)), ..self.clone() })
    }

    fn origin(&self, index: usize) -> Origin {
        self.images.origins().of(index)
    }
}

impl BatchSource for ImageSource {
    type Batch = ImageBatch;

    fn samples(&self) -> usize {
        self.images.len()
    }

    fn batch(
        &self,
        indices: &[usize],
        epoch: usize,
        device: &Device,
    ) -> Result<ImageBatch, DataError> {
        let shape = self.images.shape();
        let images = if self.augmentation.is_some() {
            let changed = |&index: &usize| self.picture(index, epoch);
            let pictures = indices.par_iter().map(changed).collect::<Result<Vec<_>, _>>()?;
            let pictures = pictures.iter().map(AsRef::as_ref);
            self.table.tensor(pictures, indices.len(), shape, device)
        } else {
            let pictures = indices.iter().map(|&index| self.images.image(index));
            let pictures = pictures.collect::<Result<Vec<_>, _>>()?;
            self.table.tensor(pictures.into_iter(), indices.len(), shape, device)
        };
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
    use crate::data::Origins;
    use crate::value::Shape;

    #[test]
    fn pixels_are_normalized_and_gathered_in_the_order_asked_for() {
        let shape = Shape::Maps { channels: 1, height: 1, width: 2 };
        let images = ImageSet {
            pixels: vec![0, 51, 102, 255],
            labels: vec![7, 3],
            shape,
            origins: Origins::default(),
        };
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
