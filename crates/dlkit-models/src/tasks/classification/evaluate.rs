//! Figures of a classifier on labelled pictures.

use std::sync::Arc;

use burn::data::dataloader::DataLoader;
use burn::tensor::Device;

use super::batch::ImageSource;
use super::model::Classifier;
use super::report::ClassificationReport;
use crate::data::DataError;
use crate::network::{LayerSpec, NetworkSpec, Shape};
use crate::training::Loader;

/// Most samples per batch where nothing is learnt.
const LARGEST_BATCH: usize = 256;
/// Most values of one layer for a batch: 128 MiB.
const LARGEST_LAYER: usize = 1 << 25;

/// Samples per batch where nothing is learnt, so that memory stays bounded; nothing else depends on
/// it.
pub(crate) fn evaluation_batch(spec: &NetworkSpec) -> usize {
    let shapes = spec.layers().iter().map(LayerSpec::output).chain([spec.input()]);
    let values = shapes.map(Shape::values).max().unwrap_or(1).max(1);
    (LARGEST_LAYER / values).clamp(1, LARGEST_BATCH)
}

/// Runs a classifier, on a device without gradients, over the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn evaluate(
    classifier: &Classifier,
    source: &ImageSource,
    indices: Vec<usize>,
    names: &[String],
    device: &Device,
) -> Result<ClassificationReport, DataError> {
    let total = indices.len();
    let mut pairs = Vec::with_capacity(total);
    let mut loss_sum = 0.0;
    let batch = evaluation_batch(classifier.network().spec());
    let loader = Loader::in_order(Arc::new(source.clone()), indices, batch, device.clone());
    for batch in loader.iter() {
        let batch = batch.map_err(|error| DataError::Unfit(error.to_string()))?;
        let samples = batch.classes.dims()[0];
        let scores = classifier.scores(batch.images);
        let loss = classifier.loss().of_classes(scores.clone(), batch.classes.clone());
        #[expect(clippy::cast_precision_loss, reason = "batches are far below 2^52")]
        let weight = samples as f64;
        loss_sum += f64::from(loss.into_scalar::<f32>()) * weight;
        let predicted = scores.argmax(1).into_data();
        let actual = batch.classes.into_data();
        let class = |class: i64| usize::try_from(class).unwrap_or(usize::MAX);
        pairs.extend(actual.iter::<i64>().map(class).zip(predicted.iter::<i64>().map(class)));
    }
    #[expect(clippy::cast_precision_loss, reason = "sample counts are far below 2^52")]
    let loss = loss_sum / total as f64;
    Ok(ClassificationReport::new(names, pairs, loss))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_as_large_as_memory_allows() {
        let batch = |input: &str, layers: &str| {
            let text = format!("input = {input}\nlayers = [{layers}]");
            evaluation_batch(&NetworkSpec::new(&toml::from_str(&text).unwrap()).unwrap())
        };
        assert_eq!(batch("[1, 28, 28]", "{ type = \"flatten\" }"), 256);
        // 2^20 values after the first layer, fewer before and after it.
        let wide =
            "{ type = \"conv2d\", filters = 64, kernel = 1 }, { type = \"max-pool2d\", size = 2 }";
        assert_eq!(batch("[1, 128, 128]", wide), 32);
        assert_eq!(batch("[3, 2048, 8192]", "{ type = \"max-pool2d\", size = 64 }"), 1);
    }
}
