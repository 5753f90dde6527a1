//! Cross-entropy between targets and the softmax of scores, and its gradient in the same pass.
//!
//! The loss of a place is `-sum over classes of target * log(softmax(scores))`; losses are averaged. With
//! label smoothing `s` (Szegedy et al., 2016), a target `t` of `K` classes counts as `(1 - s) t + s / K`.
//! Results are the same for any number of threads, bit for bit; gradients also on any processor.

mod classes;
mod shares;
#[cfg(test)]
mod tests;
mod weighted;

use self::classes::OfClasses;
use self::shares::OfShares;
use self::weighted::OfWeightedClasses;
use crate::fresh::{Fresh, Target};
use crate::length::length;
use crate::simd::with_best;

/// Numbers that are worth a task.
const TASK: usize = 1 << 13;

/// The sizes of scores, `[batch, classes, places]` in row-major order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Samples.
    pub batch: usize,
    /// Scores of a place.
    pub classes: usize,
    /// Places of a sample, such as the pixels of its maps.
    pub places: usize,
}

impl Shape {
    fn numbers(&self) -> usize {
        length([self.batch, self.classes, self.places])
    }

    /// What the loss of a place is multiplied by for the mean.
    #[expect(clippy::cast_precision_loss, reason = "a rounded count is good enough for a mean")]
    fn per_place(&self) -> f64 {
        1.0 / length([self.batch, self.places]) as f64
    }
}

/// What scores are held to.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// The class of each sample, `[batch]`: only for scores of one place.
    Classes(&'a [usize]),
    /// The same, of classes that count differently: the loss is the weighted mean, the sum of weighted losses
    /// over the sum of the samples' weights; 0 if no sample has a weight. With smoothing, the share of each
    /// class counts with the weight of that class.
    WeightedClasses {
        /// `[batch]`.
        classes: &'a [usize],
        /// The weight of each class, `[classes]`, none below 0.
        weights: &'a [f32],
    },
    /// The share of each class.
    Shares {
        /// `[batch, classes, places]`.
        shares: &'a [f32],
        /// What the loss of each place is multiplied by, `[batch, places]`; 1 if there are none.
        weights: Option<&'a [f32]>,
    },
}

/// The mean loss of scores.
///
/// # Panics
/// If slices do not have the lengths of their shapes, a class is none of the scores, or there are no
/// numbers.
#[must_use]
pub fn mean(shape: Shape, scores: &[f32], targets: Targets<'_>, smoothing: f32) -> f32 {
    compute(shape, scores, targets, smoothing, None)
}

/// The mean loss of scores, and its gradient, of their shape.
///
/// # Panics
/// As [`mean`].
#[must_use]
pub fn mean_and_gradient(
    shape: Shape,
    scores: &[f32],
    targets: Targets<'_>,
    smoothing: f32,
) -> (f32, Vec<f32>) {
    let mut gradient = Fresh::new(shape.numbers());
    let target = gradient.target();
    let mean = compute(shape, scores, targets, smoothing, Some(target));
    // SAFETY: tasks go over all samples and places, and write the gradient of all classes.
    (mean, unsafe { gradient.finish() })
}

fn compute(
    shape: Shape,
    scores: &[f32],
    targets: Targets<'_>,
    smoothing: f32,
    gradient: Option<Target>,
) -> f32 {
    let numbers = shape.numbers();
    assert!(numbers > 0 && scores.len() == numbers, "the scores' length");
    #[expect(clippy::cast_precision_loss, reason = "so many classes have no share to speak of")]
    let smoothed = Smoothed { kept: 1.0 - smoothing, spread: smoothing / shape.classes as f32 };
    let mut factor = shape.per_place();
    let losses = match targets {
        Targets::Classes(classes) => {
            check_classes(shape, classes);
            with_best(OfClasses { shape, scores, classes, smoothed, gradient })
        }
        Targets::WeightedClasses { classes, weights } => {
            check_classes(shape, classes);
            assert_eq!(weights.len(), shape.classes, "one weight for each class");
            factor = OfWeightedClasses::per_sample(classes, weights);
            let per_sample = factor;
            let whole = OfWeightedClasses {
                shape,
                scores,
                classes,
                weights,
                per_sample,
                smoothed,
                gradient,
            };
            with_best(whole)
        }
        Targets::Shares { shares, weights } => {
            assert_eq!(shares.len(), numbers, "the shares' length");
            let places = shape.batch * shape.places;
            let weighted = weights.is_none_or(|weights| weights.len() == places);
            assert!(weighted, "one weight for each place");
            with_best(OfShares { shape, scores, shares, weights, smoothed, gradient })
        }
    };
    // One after the other, so that threads change nothing.
    #[expect(clippy::cast_possible_truncation, reason = "losses are single precision")]
    let mean = (losses.into_iter().sum::<f64>() * factor) as f32;
    mean
}

fn check_classes(shape: Shape, classes: &[usize]) {
    assert!(shape.places == 1 && classes.len() == shape.batch, "one class for each sample");
    let known = classes.iter().all(|&class| class < shape.classes);
    assert!(known, "a class is none of the {} that have scores", shape.classes);
}

/// Label smoothing: a target counts as `kept * target + spread`.
#[derive(Clone, Copy)]
struct Smoothed {
    kept: f32,
    spread: f32,
}
