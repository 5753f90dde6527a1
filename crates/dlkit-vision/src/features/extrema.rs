//! Extrema of differences of Gaussians, to the pixel.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use rayon::prelude::*;

use super::plane::Plane;
use super::scale_space::{LEVELS, SCALES};
use super::vectorized::vectorized;

/// Pixels at each edge where no extremum is sought.
pub(super) const BORDER: usize = 5;

/// Rows of one task.
const BAND: usize = 32;

/// Differences of the levels of an octave.
const DIFFERENCES: usize = LEVELS - 1;

/// Pixels that are skipped together if none of them is a candidate.
const SKIPPED: usize = 16;

/// A pixel that is larger or smaller than its 26 neighbors in space and scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Extremum {
    /// The difference, from 1 to `SCALES`.
    pub(super) level: usize,
    pub(super) x: usize,
    pub(super) y: usize,
}

/// The extrema of an octave whose absolute difference is above `threshold`, by rows.
pub(super) fn extrema(levels: &[Plane], threshold: f32) -> Vec<Extremum> {
    let [width, height] = [levels[0].width, levels[0].height];
    if width <= 2 * BORDER || height <= 2 * BORDER {
        return Vec::new();
    }
    let bands: Vec<Vec<Extremum>> = (BORDER..height - BORDER)
        .step_by(BAND)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|top| {
            let bottom = (top + BAND).min(height - BORDER);
            vectorized(
                #[inline(always)]
                || Band::new(levels, threshold).search(top, bottom),
            )
        })
        .collect();
    bands.concat()
}

/// Three rows of all differences, renewed row by row.
struct Band<'a> {
    levels: &'a [Plane],
    threshold: f32,
    width: usize,
    /// For each difference, three rows; row y is at y % 3.
    rows: Vec<f32>,
    candidates: Vec<u32>,
}

impl<'a> Band<'a> {
    fn new(levels: &'a [Plane], threshold: f32) -> Self {
        let width = levels[0].width;
        let (rows, candidates) = (vec![0.0; DIFFERENCES * 3 * width], vec![0; width]);
        Self { levels, threshold, width, rows, candidates }
    }

    #[inline(always)]
    fn search(mut self, top: usize, bottom: usize) -> Vec<Extremum> {
        let mut found = Vec::new();
        self.subtract(top - 1);
        self.subtract(top);
        for y in top..bottom {
            self.subtract(y + 1);
            for level in 1..=SCALES {
                self.mark(level, y);
                self.collect(level, y, &mut found);
            }
        }
        found
    }

    /// Computes a row of all differences.
    #[inline(always)]
    fn subtract(&mut self, y: usize) {
        for level in 0..DIFFERENCES {
            let (less, more) = (self.levels[level].row(y), self.levels[level + 1].row(y));
            let start = (level * 3 + y % 3) * self.width;
            let row = &mut self.rows[start..start + self.width];
            for ((difference, less), more) in row.iter_mut().zip(less).zip(more) {
                *difference = more - less;
            }
        }
    }

    #[inline(always)]
    fn row(&self, level: usize, y: usize) -> &[f32] {
        &self.rows[(level * 3 + y % 3) * self.width..][..self.width]
    }

    /// Marks the pixels of a row beyond the threshold that exceed their six nearest neighbors.
    #[inline(always)]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without branches, pixels are compared in vectors"
    )]
    fn mark(&mut self, level: usize, y: usize) {
        let mut marks = std::mem::take(&mut self.candidates);
        let count = self.width - 2 * BORDER;
        let center = self.row(level, y);
        let here = &center[BORDER..][..count];
        let left = &center[BORDER - 1..][..count];
        let right = &center[BORDER + 1..][..count];
        let above = &self.row(level, y - 1)[BORDER..][..count];
        let below = &self.row(level, y + 1)[BORDER..][..count];
        let less = &self.row(level - 1, y)[BORDER..][..count];
        let more = &self.row(level + 1, y)[BORDER..][..count];
        for (index, mark) in marks[..count].iter_mut().enumerate() {
            let value = here[index];
            let others =
                [left[index], right[index], above[index], below[index], less[index], more[index]];
            let high =
                others.iter().fold(value > self.threshold, |all, other| all & (value >= *other));
            let low =
                others.iter().fold(value < -self.threshold, |all, other| all & (value <= *other));
            *mark = u32::from(high | low);
        }
        self.candidates = marks;
    }

    /// Collects the marked pixels of a row that exceed all 26 neighbors.
    #[inline(always)]
    fn collect(&self, level: usize, y: usize, found: &mut Vec<Extremum>) {
        let count = self.width - 2 * BORDER;
        for (block, marks) in self.candidates[..count].chunks(SKIPPED).enumerate() {
            if marks.iter().fold(0, |any, mark| any | mark) == 0 {
                continue;
            }
            for (offset, mark) in marks.iter().enumerate() {
                let x = BORDER + block * SKIPPED + offset;
                if *mark != 0 && self.is_extremum(level, x, y) {
                    found.push(Extremum { level, x, y });
                }
            }
        }
    }

    fn is_extremum(&self, level: usize, x: usize, y: usize) -> bool {
        let value = self.row(level, y)[x];
        let sign = value.signum();
        (level - 1..=level + 1).all(|level| {
            (y - 1..=y + 1).all(|y| {
                self.row(level, y)[x - 1..=x + 1].iter().all(|other| sign * value >= sign * other)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels whose differences are 0 but for some pixels.
    fn levels(pixels: &[(usize, usize, usize, f32)]) -> Vec<Plane> {
        let mut levels = vec![Plane::zeros(45, 38); LEVELS];
        for &(level, x, y, value) in pixels {
            for plane in &mut levels[level + 1..] {
                plane.values[y * 45 + x] += value;
            }
        }
        levels
    }

    #[test]
    fn peaks_and_pits_are_found() {
        let found = extrema(&levels(&[(1, 7, 5, 0.5), (2, 20, 32, -0.5), (3, 39, 9, 0.4)]), 0.1);
        let expected = [(1, 7, 5), (3, 39, 9), (2, 20, 32)];
        assert_eq!(found, expected.map(|(level, x, y)| Extremum { level, x, y }));
    }

    #[test]
    fn weak_ones_those_at_the_edge_and_slopes_are_not() {
        let pixels = [(1, 7, 8, 0.09), (2, 4, 9, 0.5), (2, 20, 33, 0.5), (0, 20, 20, 0.5)];
        assert_eq!(extrema(&levels(&pixels), 0.1), []);
        // The diagonal neighbor in the next difference is larger.
        let found = extrema(&levels(&[(1, 10, 10, 0.5), (2, 11, 11, 0.6)]), 0.1);
        assert_eq!(found, [Extremum { level: 2, x: 11, y: 11 }]);
        assert_eq!(extrema(&vec![Plane::zeros(8, 40); LEVELS], 0.0), []);
    }
}
