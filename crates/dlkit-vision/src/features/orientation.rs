//! The prevailing directions of the gradient around a place.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use super::gradients::{Gradients, Grid, SIDE};
use super::plane::Plane;

/// Directions that are told apart at first (Lowe 2004, section 5).
const BINS: usize = 36;

/// Standard deviation of the window, in scales (Lowe 2004, section 5).
const WINDOW: f64 = 1.5;

/// Spacing of the grid, in scales: it then reaches three standard deviations of the window.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
const SPACING: f64 = 2.0 * 3.0 * WINDOW / (SIDE as f64 - 1.0);

/// Directions at least this strong, compared with the strongest, count too (Lowe 2004, section 5).
const STRONG: f32 = 0.8;

/// The weights of a Gaussian window along one side of the grid.
pub(super) struct Window([f32; SIDE]);

impl Window {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "weights")]
    pub(super) fn new() -> Self {
        let middle = (SIDE as f64 - 1.0) / 2.0;
        Self(std::array::from_fn(|index| {
            let distance = (index as f64 - middle) * SPACING / WINDOW;
            (-distance * distance / 2.0).exp() as f32
        }))
    }
}

/// The prevailing directions around (x, y) in radians, 0 to 2 pi; `scale` is in pixels too.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the grid is single precision")]
pub(super) fn orientations(
    plane: &Plane,
    [x, y, scale]: [f64; 3],
    window: &Window,
) -> impl Iterator<Item = f64> {
    let spacing = (SPACING * scale) as f32;
    let gradients = Gradients::of(plane, Grid { x: x as f32, y: y as f32, spacing, angle: 0.0 });
    let histogram = smoothed(&histogram(&gradients, window));
    let strongest = histogram.iter().fold(0.0_f32, |strongest, &sum| strongest.max(sum));
    (0..BINS).filter_map(move |bin| peak(&histogram, bin, STRONG * strongest))
}

/// Sums the magnitudes by direction; each counts for the two nearest directions.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "turns are from 0 to 1"
)]
fn histogram(gradients: &Gradients, window: &Window) -> [f32; BINS] {
    // One more, because a whole turn is bin 36.
    let mut sums = [0.0; BINS + 2];
    let rows = gradients.magnitudes.iter().zip(&gradients.turns).zip(&window.0);
    for ((magnitudes, turns), down) in rows {
        for ((magnitude, turn), across) in magnitudes.iter().zip(turns).zip(&window.0) {
            let weight = magnitude * (down * across);
            let place = turn * BINS as f32;
            let bin = (place as usize).min(BINS);
            let share = place - bin as f32;
            sums[bin] += weight * (1.0 - share);
            sums[bin + 1] += weight * share;
        }
    }
    let mut histogram = [0.0; BINS];
    histogram.copy_from_slice(&sums[..BINS]);
    histogram[0] += sums[BINS];
    histogram[1] += sums[BINS + 1];
    histogram
}

/// A circular mean with the weights 1, 4, 6, 4, 1.
fn smoothed(histogram: &[f32; BINS]) -> [f32; BINS] {
    std::array::from_fn(|bin| {
        let at = |offset: usize| histogram[(bin + BINS + offset - 2) % BINS];
        (at(0) + at(4) + 4.0 * (at(1) + at(3)) + 6.0 * at(2)) / 16.0
    })
}

/// The direction of a peak, between bins by a parabola; none if the bin is no peak or weak.
#[expect(clippy::cast_precision_loss, reason = "there are few bins")]
fn peak(histogram: &[f32; BINS], bin: usize, least: f32) -> Option<f64> {
    let [before, here, after] = [BINS - 1, 0, 1].map(|offset| histogram[(bin + offset) % BINS]);
    // Of two equal bins the first is the peak. A flat histogram has none.
    if !(here > before && here >= after && here >= least) {
        return None;
    }
    let bend = f64::from(before) - 2.0 * f64::from(here) + f64::from(after);
    let offset = 0.5 * (f64::from(before) - f64::from(after)) / bend;
    let turns = (bin as f64 + offset) / BINS as f64;
    Some(turns.rem_euclid(1.0) * std::f64::consts::TAU)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use super::*;

    fn slope(across: f32, down: f32) -> Plane {
        let (width, height) = (64, 60);
        let value = |index: usize| across * (index % width) as f32 + down * (index / width) as f32;
        Plane { width, height, values: (0..width * height).map(value).collect() }
    }

    #[test]
    fn a_slope_has_the_direction_of_its_rise() {
        for degrees in [0.0_f64, 3.0, 45.0, 133.0, 181.0, 290.0, 359.0] {
            let direction = degrees.to_radians();
            let plane = slope(0.01 * direction.cos() as f32, 0.01 * direction.sin() as f32);
            let found: Vec<f64> = orientations(&plane, [31.2, 29.7, 3.0], &Window::new()).collect();
            assert_eq!(found.len(), 1, "{degrees}: {found:?}");
            let error = (found[0] - direction).rem_euclid(std::f64::consts::TAU);
            let error = error.min(std::f64::consts::TAU - error).to_degrees();
            assert!(error < 1.0, "{degrees}: {error}");
        }
    }

    #[test]
    fn a_flat_place_has_no_direction() {
        assert_eq!(orientations(&slope(0.0, 0.0), [30.0, 30.0, 2.0], &Window::new()).count(), 0);
    }

    #[test]
    fn two_peaks_of_similar_strength_count() {
        let mut histogram = [0.0; BINS];
        histogram[4] = 10.0;
        histogram[20] = 8.5;
        histogram[30] = 7.0;
        let least = STRONG * 10.0;
        let peaks: Vec<usize> =
            (0..BINS).filter(|&bin| peak(&histogram, bin, least).is_some()).collect();
        assert_eq!(peaks, [4, 20]);
    }
}
