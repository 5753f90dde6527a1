//! Targets that are shares of classes.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::{Shape, Smoothed, TASK};
use crate::exponential;
use crate::fresh::Target;
use crate::simd::{Kernel, Program, Simd};

/// Places that are computed together.
const BLOCK: usize = 64;

/// Losses, and their gradient if it is wanted.
#[derive(Clone, Copy)]
pub(super) struct OfShares<'a> {
    pub(super) shape: Shape,
    pub(super) scores: &'a [f32],
    pub(super) shares: &'a [f32],
    pub(super) weights: Option<&'a [f32]>,
    pub(super) smoothed: Smoothed,
    pub(super) gradient: Option<Target>,
}

impl Program for OfShares<'_> {
    /// Of each block of places.
    type Output = Vec<f64>;

    fn run<S: Simd>(self, s: S) -> Vec<f64> {
        let Shape { batch, classes, places } = self.shape;
        let blocks = places.div_ceil(BLOCK);
        let units = (0..batch * blocks).into_par_iter();
        let enough = (TASK / (classes * BLOCK.min(places))).max(1);
        let loss = |unit: usize| {
            let start = unit % blocks * BLOCK;
            let count = BLOCK.min(places - start);
            s.run(Block { whole: self, sample: unit / blocks, start, count })
        };
        units.with_min_len(enough).map(loss).collect()
    }
}

/// Some places of a sample.
struct Block<'a> {
    whole: OfShares<'a>,
    sample: usize,
    start: usize,
    count: usize,
}

impl Kernel for Block<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> f64 {
        let OfShares { shape, scores, shares, smoothed, .. } = self.whole;
        let largest = self.largest();
        let (mut sums, mut totals, mut products) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let mut scratch = [MaybeUninit::uninit(); BLOCK];
        for class in 0..shape.classes {
            let row = self.row(class);
            let (scores, shares) = (&scores[row..][..self.count], &shares[row..][..self.count]);
            let powers = match self.whole.gradient {
                // SAFETY: each block is one task's own.
                Some(target) => unsafe { target.room(row, self.count) },
                None => &mut scratch[..self.count],
            };
            let sums = sums[..self.count].iter_mut().zip(&mut totals).zip(&mut products);
            let given = scores.iter().zip(shares).zip(&largest).zip(powers);
            for (((sum, total), product), (((&score, &share), &largest), power)) in sums.zip(given)
            {
                let below = score - largest;
                let share = share * smoothed.kept + smoothed.spread;
                let value = exponential::of_negative(below);
                power.write(value);
                *sum += value;
                *total += share;
                // Zero times the distance of a score of minus infinity would be undefined.
                *product += if share == 0.0 { 0.0 } else { share * below };
            }
        }
        let weights = self.weights();
        let mut loss = 0.0;
        for place in 0..self.count {
            let logarithm = f64::from(sums[place]).ln();
            let value = f64::from(totals[place]) * logarithm - f64::from(products[place]);
            loss += f64::from(weights[place]) * value;
        }
        if let Some(target) = self.whole.gradient {
            self.differentiate(target, &sums, &totals, &weights);
        }
        loss
    }
}

impl Block<'_> {
    /// Where the numbers of a class begin.
    #[inline(always)]
    const fn row(&self, class: usize) -> usize {
        let Shape { classes, places, .. } = self.whole.shape;
        (self.sample * classes + class) * places + self.start
    }

    #[inline(always)]
    fn weights(&self) -> [f32; BLOCK] {
        let mut found = [1.0; BLOCK];
        if let Some(weights) = self.whole.weights {
            let start = self.sample * self.whole.shape.places + self.start;
            found[..self.count].copy_from_slice(&weights[start..start + self.count]);
        }
        found
    }

    /// The largest score of each place. Undefined ones are passed over: their exponential is undefined.
    #[inline(always)]
    fn largest(&self) -> [f32; BLOCK] {
        let mut largest = [f32::NEG_INFINITY; BLOCK];
        for class in 0..self.whole.shape.classes {
            let scores = &self.whole.scores[self.row(class)..][..self.count];
            for (largest, &score) in largest.iter_mut().zip(scores) {
                *largest = if score > *largest { score } else { *largest };
            }
        }
        largest
    }

    /// Turns the exponentials at `target` into the gradient, `(softmax * sum of shares - share) * weight / places`.
    #[inline(always)]
    fn differentiate(
        &self,
        target: Target,
        sums: &[f32; BLOCK],
        totals: &[f32; BLOCK],
        weights: &[f32; BLOCK],
    ) {
        let OfShares { shape, shares, smoothed, .. } = self.whole;
        #[expect(clippy::cast_possible_truncation, reason = "gradients are single precision")]
        let each = shape.per_place() as f32;
        let (mut scales, mut factors) = ([0.0; BLOCK], [0.0; BLOCK]);
        for place in 0..BLOCK {
            scales[place] = weights[place] * each;
            factors[place] = totals[place] * scales[place] / sums[place];
        }
        for class in 0..shape.classes {
            let row = self.row(class);
            let shares = &shares[row..][..self.count];
            // SAFETY: each block is one task's own; the exponentials were written above.
            let values =
                unsafe { std::slice::from_raw_parts_mut(target.at(row, self.count), self.count) };
            let given = shares.iter().zip(&scales).zip(&factors);
            for (value, ((&share, &scale), &factor)) in values.iter_mut().zip(given) {
                let share = share * smoothed.kept + smoothed.spread;
                *value = *value * factor - share * scale;
            }
        }
    }
}
