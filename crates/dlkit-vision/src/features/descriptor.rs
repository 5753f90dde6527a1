//! Descriptors: what a picture looks like around a keypoint.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use super::gradients::{Gradients, Grid, SIDE};
use super::plane::Plane;

/// Cells along each side of the square (Lowe 2004, section 6.1).
const CELLS: usize = 4;

/// Directions told apart in each cell.
const DIRECTIONS: usize = 8;

/// Entries of a descriptor.
pub(super) const ENTRIES: usize = CELLS * CELLS * DIRECTIONS;

/// The side of a cell, in scales, as in Lowe's program.
const CELL: f64 = 3.0;

/// Gradients along each cell. The plane is blurred by a scale, so that 0.75 scales between
/// gradients lose nothing.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
const PER_CELL: f64 = SIDE as f64 / (CELLS as f64 + 1.0);

/// Largest entry of a vector of unit length, against single strong gradients (Lowe 2004, 6.1).
const LARGEST: f32 = 0.2;

/// The length of a descriptor: entries are rounded to whole numbers.
pub(super) const LENGTH: f32 = 512.0;

/// A square of 4x4 cells around a keypoint, turned into its direction, with the strength of 8
/// directions of gradients in each cell: 128 entries from 0 to 255, whose squares sum to about
/// 512^2.
///
/// The entries are square roots of shares, so that the distance of two descriptors is the Hellinger
/// distance of their histograms.
///
/// # References
/// Lowe 2004, section 6; Arandjelovic and Zisserman, "Three things everyone should know to improve
/// object retrieval", 2012 (the square roots).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor([u8; ENTRIES]);

impl Descriptor {
    /// The descriptor with these entries.
    #[cfg(test)]
    pub(super) const fn of(entries: [u8; ENTRIES]) -> Self {
        Self(entries)
    }

    /// The entries: cells by rows, directions within each.
    #[must_use]
    pub const fn entries(&self) -> &[u8; ENTRIES] {
        &self.0
    }

    /// The descriptor at (x, y), in pixels of the plane, as is `scale`; the angle is in radians.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the grid is single precision")]
    pub(super) fn at(
        plane: &Plane,
        [x, y, scale]: [f64; 3],
        angle: f64,
        weights: &CellWeights,
    ) -> Self {
        let spacing = (scale * CELL / PER_CELL) as f32;
        let grid = Grid { x: x as f32, y: y as f32, spacing, angle: angle as f32 };
        let gradients = Gradients::of(plane, grid);
        Self(normalized(&histograms(&gradients, weights)))
    }
}

/// The weight of each place along a side for each cell along that side: it falls linearly from the
/// middle of the cell to that of the next, under a Gaussian as wide as two cells.
pub(super) struct CellWeights([[f32; SIDE]; CELLS]);

impl CellWeights {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "weights")]
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|cell| {
            std::array::from_fn(|index| {
                let place = (index as f64 - (SIDE as f64 - 1.0) / 2.0) / PER_CELL;
                let middle = cell as f64 - (CELLS as f64 - 1.0) / 2.0;
                let window = CELLS as f64 / 2.0;
                let share = (1.0 - (place - middle).abs()).max(0.0);
                (share * (-(place / window).powi(2) / 2.0).exp()) as f32
            })
        }))
    }
}

type Histogram = [f32; DIRECTIONS];

/// The histogram of each cell.
#[inline(always)]
fn histograms(gradients: &Gradients, weights: &CellWeights) -> [[Histogram; CELLS]; CELLS] {
    let mut cells = [[[0.0; DIRECTIONS]; CELLS]; CELLS];
    let rows = gradients.magnitudes.iter().zip(&gradients.turns);
    for (row, (magnitudes, turns)) in rows.enumerate() {
        let mut shares = [[0.0; DIRECTIONS]; SIDE];
        for ((shares, magnitude), turn) in shares.iter_mut().zip(magnitudes).zip(turns) {
            *shares = by_direction(*magnitude, *turn);
        }
        for (column, across) in weights.0.iter().enumerate() {
            let mut sums = [0.0; DIRECTIONS];
            for (shares, weight) in shares.iter().zip(across) {
                add(&mut sums, shares, *weight);
            }
            for (cells, down) in cells.iter_mut().zip(&weights.0) {
                add(&mut cells[column], &sums, down[row]);
            }
        }
    }
    cells
}

/// Splits a magnitude between the two nearest directions.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "there are few directions")]
fn by_direction(magnitude: f32, turn: f32) -> Histogram {
    const ALL: f32 = DIRECTIONS as f32;
    let place = turn * ALL;
    std::array::from_fn(|direction| {
        let distance = (place - direction as f32).abs();
        let around = ALL - distance;
        let distance = if around < distance { around } else { distance };
        let share = 1.0 - distance;
        let share = if share > 0.0 { share } else { 0.0 };
        share * magnitude
    })
}

#[inline(always)]
fn add(sums: &mut Histogram, shares: &Histogram, weight: f32) {
    for (sum, share) in sums.iter_mut().zip(shares) {
        *sum += share * weight;
    }
}

/// Limits entries, then takes square roots of their shares.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 255")]
fn normalized(cells: &[[Histogram; CELLS]; CELLS]) -> [u8; ENTRIES] {
    let mut entries = [0.0; ENTRIES];
    for (target, histogram) in entries.as_chunks_mut().0.iter_mut().zip(cells.iter().flatten()) {
        *target = *histogram;
    }
    let length = entries.iter().map(|entry| entry * entry).sum::<f32>().sqrt();
    let largest = LARGEST * length;
    for entry in &mut entries {
        *entry = entry.min(largest);
    }
    // A flat surrounding has no entries; it stays 0.
    let sum = entries.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    entries.map(|entry| ((entry / sum).sqrt() * LENGTH + 0.5).min(255.0) as u8)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
mod tests {
    use super::*;

    fn plane(value: impl Fn(f32, f32) -> f32) -> Plane {
        let (width, height) = (120, 110);
        let at = |index: usize| value((index % width) as f32, (index / width) as f32);
        Plane { width, height, values: (0..width * height).map(at).collect() }
    }

    fn described(plane: &Plane, angle: f64) -> [u8; ENTRIES] {
        let middle = [60.3, 54.6, 3.0];
        *Descriptor::at(plane, middle, angle, &CellWeights::new()).entries()
    }

    /// Brightness rises to the right: all gradients have direction 0.
    #[test]
    fn a_slope_fills_one_direction_of_each_cell() {
        let entries = described(&plane(|x, _| 0.01 * x), 0.0);
        for (index, entry) in entries.iter().enumerate() {
            assert_eq!(*entry > 0, index % DIRECTIONS == 0, "{index}: {entry}");
        }
        // Seen from a grid turned by 90 degrees, it rises up: 3 / 4 of a turn.
        let turned = described(&plane(|x, _| 0.01 * x), std::f64::consts::FRAC_PI_2);
        assert!(turned[6] > 0 && turned[0] == 0, "{turned:?}");
    }

    #[test]
    fn brighter_pictures_with_more_contrast_look_the_same() {
        let wave = |x: f32, y: f32| (x * 0.21).sin() * (y * 0.13 + x * 0.05).cos();
        let dark = described(&plane(|x, y| 0.1 * wave(x, y)), 0.4);
        let bright = described(&plane(|x, y| 0.3 + 0.4 * wave(x, y)), 0.4);
        for (dark, bright) in dark.iter().zip(bright) {
            assert!(dark.abs_diff(bright) <= 1, "{dark} {bright}");
        }
    }

    #[test]
    fn the_length_is_the_same_for_all() {
        let entries = described(&plane(|x, y| (x * 0.3).sin() * (y * 0.2).cos()), 1.0);
        let square: u32 = entries.iter().map(|entry| u32::from(*entry).pow(2)).sum();
        assert!((f64::from(square).sqrt() - f64::from(LENGTH)).abs() < 12.0, "{square}");
        assert_eq!(described(&plane(|_, _| 0.5), 1.0), [0; ENTRIES]);
    }

    /// Weights of a place for all cells sum to the window, but for the outermost half cells.
    #[test]
    fn cells_share_each_place() {
        let CellWeights(weights) = CellWeights::new();
        let sum = |index: usize| weights.iter().map(|cell| cell[index]).sum::<f32>();
        let window = |index: f32| (-((index - 9.5) / 8.0).powi(2) / 2.0).exp();
        for index in 4..16 {
            assert!((sum(index) - window(index as f32)).abs() < 1e-6, "{index}");
        }
        assert!(sum(0) < 0.2 * window(0.0));
    }
}
