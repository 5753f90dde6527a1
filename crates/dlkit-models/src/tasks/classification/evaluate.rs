//! Figures of a classifier on labeled samples.

use std::sync::Arc;

use burn::tensor::Device;

use super::batch::ImageBatch;
use super::model::Classifier;
use super::report::ClassificationReport;
use crate::data::DataError;
use crate::tasks::evaluation_batch;
use crate::training::{BatchSource, Loader};
use crate::value::number::float;

/// Runs a classifier, on a device without gradients, over the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn evaluate<S: BatchSource<Batch = ImageBatch>>(
    classifier: &Classifier,
    source: &Arc<S>,
    indices: Vec<usize>,
    names: &[String],
    device: &Device,
) -> Result<ClassificationReport, DataError> {
    let total = indices.len();
    let mut pairs = Vec::with_capacity(total);
    let mut loss_sum = 0.0;
    let batch = evaluation_batch(classifier.network().spec());
    let loader = Loader::in_order(Arc::clone(source), indices, batch, device.clone());
    for batch in loader.batches(0) {
        let batch = batch?;
        let samples = batch.classes.dims()[0];
        let scores = classifier.scores(batch.images);
        let loss = classifier.loss().of_classes(scores.clone(), batch.classes.clone());
        let weight = float(samples);
        let loss = f64::from(loss.into_scalar::<f32>());
        loss_sum += classifier.loss().per_sample(loss, weight) * weight;
        let predicted = scores.argmax(1).into_data();
        let actual = batch.classes.into_data();
        let class = |class: i64| usize::try_from(class).unwrap_or(usize::MAX);
        pairs.extend(actual.iter::<i64>().map(class).zip(predicted.iter::<i64>().map(class)));
    }
    let loss = loss_sum / float(total);
    Ok(ClassificationReport::new(names, pairs, loss))
}
