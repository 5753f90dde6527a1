//! Figures of a classifier on labeled samples.

use std::sync::Arc;

use burn::tensor::Device;

use super::batch::ImageBatch;
use super::model::Classifier;
use super::report::ClassificationReport;
use super::scored::{Scored, softmax};
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
    let (scored, loss) = score(classifier, source, indices, device)?;
    Ok(ClassificationReport::of_scores(names, &scored, loss, classifier.threshold()))
}

/// The scores of a classifier, on a device without gradients, for the given samples of a source, and the mean
/// loss.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn score<S: BatchSource<Batch = ImageBatch>>(
    classifier: &Classifier,
    source: &Arc<S>,
    indices: Vec<usize>,
    device: &Device,
) -> Result<(Scored, f64), DataError> {
    let total = indices.len();
    let spec = classifier.network().spec();
    let classes = spec.output().values();
    let are_probabilities = classifier.gives_probabilities();
    let mut found = Scored { classes, are_probabilities, ..Scored::default() };
    let mut loss_sum = 0.0;
    let loader =
        Loader::in_order(Arc::clone(source), indices, evaluation_batch(spec), device.clone());
    for batch in loader.batches(0) {
        let batch = batch?;
        let samples = batch.classes.dims()[0];
        let scores = classifier.scores(batch.images);
        let loss = classifier.loss().of_classes(scores.clone(), batch.classes.clone());
        let weight = float(samples);
        let loss = f64::from(loss.into_scalar::<f32>());
        loss_sum += classifier.loss().per_sample(loss, weight) * weight;
        let class = |class: i64| usize::try_from(class).unwrap_or(usize::MAX);
        found.actual.extend(batch.classes.into_data().iter::<i64>().map(class));
        let given: Vec<f64> = scores.into_data().iter::<f64>().collect();
        if are_probabilities && !spec.ends_in_softmax() {
            found.scores.extend(given.chunks(classes.max(1)).flat_map(softmax));
        } else {
            found.scores.extend(given);
        }
    }
    Ok((found, loss_sum / float(total)))
}
