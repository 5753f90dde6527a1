//! Targets that are one class for each sample, of classes that count differently.

use rayon::prelude::*;

use super::{Shape, Smoothed, TASK};
use crate::exponential;
use crate::fresh::Target;
use crate::simd::{Kernel, Program, Simd};

/// Losses, and their gradient if it is wanted. A target `t` of a class counts as `t` times the weight of the
/// class, with smoothing, too.
#[derive(Clone, Copy)]
pub(super) struct OfWeightedClasses<'a> {
    pub(super) shape: Shape,
    pub(super) scores: &'a [f32],
    pub(super) classes: &'a [usize],
    /// Of each class.
    pub(super) weights: &'a [f32],
    /// What the loss of a sample is multiplied by, besides the weight of its class.
    pub(super) per_sample: f64,
    pub(super) smoothed: Smoothed,
    pub(super) gradient: Option<Target>,
}

impl OfWeightedClasses<'_> {
    /// What the loss of a sample is multiplied by: one over the sum of the samples' weights. Samples of no
    /// weight have neither loss nor gradient.
    pub(super) fn per_sample(classes: &[usize], weights: &[f32]) -> f64 {
        let sum: f64 = classes.iter().map(|&class| f64::from(weights[class])).sum();
        if sum > 0.0 { 1.0 / sum } else { 0.0 }
    }
}

impl Program for OfWeightedClasses<'_> {
    /// Of each sample, before they are multiplied by `per_sample`.
    type Output = Vec<f64>;

    fn run<S: Simd>(self, s: S) -> Vec<f64> {
        let each = |sample: usize| s.run(Sample { whole: self, sample });
        let enough = (TASK / self.shape.classes).max(1);
        (0..self.shape.batch).into_par_iter().with_min_len(enough).map(each).collect()
    }
}

struct Sample<'a> {
    whole: OfWeightedClasses<'a>,
    sample: usize,
}

impl Kernel for Sample<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> f64 {
        let OfWeightedClasses { shape, scores, classes, weights, smoothed, .. } = self.whole;
        let start = self.sample * shape.classes;
        let scores = &scores[start..start + shape.classes];
        let class = classes[self.sample];
        // Undefined scores are passed over: their exponential is undefined.
        let larger = |largest: f32, &score: &f32| if score > largest { score } else { largest };
        let largest = scores.iter().fold(f32::NEG_INFINITY, larger);
        let kept = |index: usize| if index == class { smoothed.kept } else { 0.0 };
        let share = |index: usize| (smoothed.spread + kept(index)) * weights[index];
        let (mut sum, mut total, mut products) = (0.0_f32, 0.0_f32, 0.0_f64);
        for (index, &score) in scores.iter().enumerate() {
            let below = score - largest;
            let share = share(index);
            sum += exponential::of_negative(below);
            total += share;
            // Zero times the distance of a score of minus infinity would be undefined.
            products += if share == 0.0 { 0.0 } else { f64::from(share) * f64::from(below) };
        }
        if let Some(target) = self.whole.gradient {
            #[expect(clippy::cast_possible_truncation, reason = "gradients are single precision")]
            let each = self.whole.per_sample as f32;
            // SAFETY: each sample is one task's own.
            let room = unsafe { target.room(start, shape.classes) };
            for (index, (place, &score)) in room.iter_mut().zip(scores).enumerate() {
                let probability = exponential::of_negative(score - largest) / sum;
                place.write((probability * total - share(index)) * each);
            }
        }
        let logarithm = f64::from(sum).ln();
        f64::from(total) * logarithm - products
    }
}
