//! The classes of samples to learn from, and what their numbers allow.

use std::sync::Arc;

use crate::data::Split;
use crate::recipe::Experiment;
use crate::tasks::TaskError;
use crate::training::{Loss, ThresholdRule};

/// The classes of samples to learn from.
pub(super) struct Labels {
    /// Names of the classes.
    pub(super) names: Vec<String>,
    /// The class of each sample.
    pub(super) of_each: Vec<usize>,
}

impl Labels {
    /// Samples of each class among those of some indices.
    fn counts(&self, indices: &[usize]) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        for class in indices.iter().filter_map(|&index| self.of_each.get(index)) {
            if let Some(count) = counts.get_mut(*class) {
                *count += 1;
            }
        }
        counts
    }

    /// How much each class counts in training, if they count differently.
    pub(super) fn weights(
        &self,
        experiment: &Experiment,
        split: &Split,
    ) -> Result<Option<Arc<[f32]>>, TaskError> {
        let Some(weights) = &experiment.config().training.class_weights else { return Ok(None) };
        let counts = self.counts(&split.train);
        let weights = weights.of(&self.names, &counts).map_err(TaskError::Contradiction)?;
        #[expect(clippy::cast_possible_truncation, reason = "losses are single precision")]
        let single = weights.into_iter().map(|weight| weight as f32).collect();
        Ok(Some(single))
    }

    /// Refuses a threshold where there is nothing to decide, or nothing to choose it on.
    pub(super) fn check_threshold(
        &self,
        experiment: &Experiment,
        split: &Split,
    ) -> Result<(), TaskError> {
        let training = &experiment.config().training;
        let Some(rule) = training.threshold else { return Ok(()) };
        let refused =
            |reason: String| Err(TaskError::Contradiction(format!("training.threshold: {reason}")));
        if self.names.len() != 2 {
            return refused(format!(
                "decides between two classes, but the data has {}; remove it",
                self.names.len()
            ));
        }
        let probabilities = experiment.network().ends_in_softmax();
        if !probabilities && !matches!(training.loss, Loss::CrossEntropy { .. }) {
            return refused(
                "needs probabilities; set training.loss = \"cross-entropy\", or end the network with a \
                 softmax layer"
                    .to_owned(),
            );
        }
        let counts = self.counts(&split.validation);
        match (rule, self.names.iter().zip(counts).find(|(_, count)| *count == 0)) {
            (ThresholdRule::BalancedAccuracy | ThresholdRule::F1, Some((class, _))) => {
                refused(format!(
                    "the validation part has no sample of `{class}` to choose it on; raise \
                     data.validation, or give a number such as 0.3"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Names the classes that have too few samples for each part to have one.
    pub(super) fn absent(&self, split: &Split) -> Vec<String> {
        let (train, validation) = (self.counts(&split.train), self.counts(&split.validation));
        let lacking = |part: &[usize], name: &str| {
            let names: Vec<String> = self
                .names
                .iter()
                .zip(part.iter().zip(train.iter().zip(&validation)))
                .filter(|(_, (own, _))| **own == 0)
                .map(|(class, (_, (train, validation)))| {
                    format!("{class} ({})", train + validation)
                })
                .collect();
            (!names.is_empty()).then(|| {
                format!(
                    "no samples in the {name} part of the classes (samples to learn from): {}",
                    names.join(", ")
                )
            })
        };
        let validates = !split.validation.is_empty();
        let of_validation = validates.then(|| lacking(&validation, "validation"));
        lacking(&train, "training").into_iter().chain(of_validation.flatten()).collect()
    }
}
