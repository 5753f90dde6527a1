//! Figures of a classifier on labeled samples.

use std::sync::Arc;

use burn::tensor::Device;

use super::batch::ClassSource;
use super::model::Classifier;
use super::report::ClassificationReport;
use super::scored::{Scored, softmax};
use crate::data::{DataError, Origins};
use crate::tasks::evaluation_batch;
use crate::training::Loader;

/// Runs a classifier, on a device without gradients, over the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn evaluate<S: ClassSource>(
    classifier: &Classifier,
    source: &Arc<S>,
    indices: Vec<usize>,
    names: &[String],
    device: &Device,
) -> Result<ClassificationReport, DataError> {
    let scored = score(classifier, source, indices, device)?;
    Ok(ClassificationReport::of_scores(names, scored, classifier.threshold()))
}

/// The scores of a classifier, on a device without gradients, for the given samples of a source.
///
/// # Errors
/// Samples that cannot be gathered.
pub fn score<S: ClassSource>(
    classifier: &Classifier,
    source: &Arc<S>,
    indices: Vec<usize>,
    device: &Device,
) -> Result<Scored, DataError> {
    let spec = classifier.network().spec();
    let classes = spec.output().values();
    let are_probabilities = classifier.gives_probabilities();
    let origins: Origins = indices.iter().map(|&index| source.origin(index)).collect();
    let mut found = Scored { classes, are_probabilities, origins, ..Scored::default() };
    let loader =
        Loader::in_order(Arc::clone(source), indices, evaluation_batch(spec), device.clone());
    let mut target = vec![0.0; classes];
    for batch in loader.batches(0) {
        let batch = batch?;
        let scores = classifier.scores(batch.images);
        let class = |class: i64| usize::try_from(class).unwrap_or(usize::MAX);
        let actual: Vec<usize> = batch.classes.into_data().iter::<i64>().map(class).collect();
        let given: Vec<f64> = scores.into_data().iter::<f64>().collect();
        for (row, &class) in given.chunks(classes.max(1)).zip(&actual) {
            target.fill(0.0);
            if let Some(share) = target.get_mut(class) {
                *share = 1.0;
            }
            found.losses.push(classifier.loss().of_sample(row, &target));
        }
        found.actual.extend(actual);
        if are_probabilities && !spec.ends_in_softmax() {
            found.scores.extend(given.chunks(classes.max(1)).flat_map(softmax));
        } else {
            found.scores.extend(given);
        }
    }
    Ok(found)
}
