//! Cross-entropy between targets and the softmax of scores, and its gradient in the same pass.
//!
//! The loss of a place is `-sum over classes of target * log(softmax(scores))`; losses are averaged. With
//! label smoothing `s` (Szegedy et al., 2016), a target `t` of `K` classes counts as `(1 - s) t + s / K`.
//! Results are the same for any number of threads, bit for bit; gradients also on any processor.

mod classes;
mod shares;
#[cfg(test)]
mod tests;

use self::classes::OfClasses;
use self::shares::OfShares;
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
    let losses = match targets {
        Targets::Classes(classes) => {
            assert!(shape.places == 1 && classes.len() == shape.batch, "one class for each sample");
            let known = classes.iter().all(|&class| class < shape.classes);
            assert!(known, "a class is none of the {} that have scores", shape.classes);
            with_best(OfClasses { shape, scores, classes, smoothed, gradient })
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
    let mean = (losses.into_iter().sum::<f64>() * shape.per_place()) as f32;
    mean
}

/// Label smoothing: a target counts as `kept * target + spread`.
#[derive(Clone, Copy)]
struct Smoothed {
    kept: f32,
    spread: f32,
}
