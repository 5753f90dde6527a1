//! Targets that are one class for each sample.

use rayon::prelude::*;

use super::{Shape, Smoothed, TASK};
use crate::exponential;
use crate::fresh::Target;
use crate::simd::{Kernel, Program, Simd};

/// Losses, and their gradient if it is wanted.
#[derive(Clone, Copy)]
pub(super) struct OfClasses<'a> {
    pub(super) shape: Shape,
    pub(super) scores: &'a [f32],
    pub(super) classes: &'a [usize],
    pub(super) smoothed: Smoothed,
    pub(super) gradient: Option<Target>,
}

impl Program for OfClasses<'_> {
    /// Of each sample.
    type Output = Vec<f64>;

    fn run<S: Simd>(self, s: S) -> Vec<f64> {
        let each = |sample: usize| s.run(Sample { whole: self, sample });
        let enough = (TASK / self.shape.classes).max(1);
        (0..self.shape.batch).into_par_iter().with_min_len(enough).map(each).collect()
    }
}

struct Sample<'a> {
    whole: OfClasses<'a>,
    sample: usize,
}

impl Kernel for Sample<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> f64 {
        let OfClasses { shape, scores, classes, smoothed, gradient } = self.whole;
        let start = self.sample * shape.classes;
        let scores = &scores[start..start + shape.classes];
        // Undefined scores are passed over: their exponential is undefined.
        let larger = |largest: f32, &score: &f32| if score > largest { score } else { largest };
        let largest = scores.iter().fold(f32::NEG_INFINITY, larger);
        let (mut sum, mut rest) = (0.0_f32, 0.0_f64);
        for &score in scores {
            sum += exponential::of_negative(score - largest);
            rest += f64::from(score - largest);
        }
        let class = classes[self.sample];
        if let Some(target) = gradient {
            #[expect(clippy::cast_possible_truncation, reason = "gradients are single precision")]
            let each = shape.per_place() as f32;
            // SAFETY: each sample is one task's own.
            let room = unsafe { target.room(start, shape.classes) };
            for (index, (place, &score)) in room.iter_mut().zip(scores).enumerate() {
                let probability = exponential::of_negative(score - largest) / sum;
                let kept = if index == class { smoothed.kept } else { 0.0 };
                place.write((probability - smoothed.spread - kept) * each);
            }
        }
        let right = f64::from(scores[class] - largest);
        let [kept, spread] = [smoothed.kept, smoothed.spread].map(f64::from);
        // Zero times the distance of a score of minus infinity would be undefined.
        let times = |factor: f64, number: f64| if factor == 0.0 { 0.0 } else { factor * number };
        f64::from(sum).ln() - times(kept, right) - times(spread, rest)
    }
}
