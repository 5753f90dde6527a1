//! Color bins: squares of the ab plane, kept by occurrence.

use serde::{Deserialize, Serialize};

/// Where the ab plane of the bins begins and ends on both axes; sRGB lies within.
pub const PLANE: (f32, f32) = (-110.0, 110.0);

/// The width of a bin in units of ab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum BinWidth {
    /// 5, as fine as colors are told apart at a glance: 44 x 44 bins.
    Five,
    /// 10, as the paper has it: 22 x 22 bins.
    Ten,
}

impl BinWidth {
    /// The width in units of ab.
    #[must_use]
    pub const fn units(self) -> f32 {
        match self {
            Self::Five => 5.0,
            Self::Ten => 10.0,
        }
    }

    /// Bins along each axis of the plane.
    #[must_use]
    pub const fn per_axis(self) -> usize {
        match self {
            Self::Five => 44,
            Self::Ten => 22,
        }
    }

    /// Bins of the whole plane.
    #[must_use]
    pub const fn cells(self) -> usize {
        self.per_axis() * self.per_axis()
    }

    /// The cell a color lies in, `row of a * per_axis + column of b`; colors beyond the plane
    /// belong to its edge.
    #[must_use]
    pub fn cell(self, ab: [f32; 2]) -> usize {
        let [row, column] = ab.map(|value| {
            let place = ((value - PLANE.0) / self.units()).floor();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "clamped; casts of what is not a number give 0"
            )]
            let index = place.clamp(0.0, (self.per_axis() - 1) as f32) as usize;
            index
        });
        row * self.per_axis() + column
    }

    /// The center of a cell.
    #[must_use]
    pub fn center(self, cell: usize) -> [f32; 2] {
        [cell / self.per_axis(), cell % self.per_axis()].map(|index| {
            #[expect(clippy::cast_precision_loss, reason = "at most 43")]
            let place = index as f32 + 0.5;
            PLANE.0 + place * self.units()
        })
    }
}

impl TryFrom<u8> for BinWidth {
    type Error = String;

    fn try_from(units: u8) -> Result<Self, String> {
        match units {
            5 => Ok(Self::Five),
            10 => Ok(Self::Ten),
            other => Err(format!("the bin width must be 5 or 10, not {other}")),
        }
    }
}

impl From<BinWidth> for u8 {
    fn from(width: BinWidth) -> Self {
        match width {
            BinWidth::Five => 5,
            BinWidth::Ten => 10,
        }
    }
}

/// How often colors of each cell of the plane were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColorCounts {
    width: BinWidth,
    counts: Vec<u64>,
}

impl ColorCounts {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(width: BinWidth) -> Self {
        Self { width, counts: vec![0; width.cells()] }
    }

    /// Counts a color.
    pub fn add(&mut self, ab: [f32; 2]) {
        self.counts[self.width.cell(ab)] += 1;
    }

    /// Counts what another has counted.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own += other;
        }
        self
    }

    /// The same, counted so many times.
    #[must_use]
    pub fn times(mut self, factor: u64) -> Self {
        self.counts.iter_mut().for_each(|count| *count *= factor);
        self
    }

    /// Cells seen at least once.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    /// The count of each cell.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
}

/// The kept bins, in the order of the network's outputs: by cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    width: BinWidth,
    cells: Vec<usize>,
    centers: Vec<[f32; 2]>,
    /// The kept bin of each cell of the plane.
    of_cell: Vec<usize>,
}

impl Bins {
    /// The `keep` bins seen most often, of those seen at all; `None` where fewer were seen.
    ///
    /// Of bins seen equally often, that of the lower cell is kept.
    #[must_use]
    pub fn most_frequent(counts: &ColorCounts, keep: usize) -> Option<Self> {
        let mut seen: Vec<usize> =
            (0..counts.counts.len()).filter(|&cell| counts.counts[cell] > 0).collect();
        seen.sort_by_key(|&cell| (std::cmp::Reverse(counts.counts[cell]), cell));
        if keep == 0 || seen.len() < keep {
            return None;
        }
        seen.truncate(keep);
        Some(Self::of_cells(counts.width, seen))
    }

    fn of_cells(width: BinWidth, mut cells: Vec<usize>) -> Self {
        cells.sort_unstable();
        let centers: Vec<[f32; 2]> = cells.iter().map(|&cell| width.center(cell)).collect();
        let of_cell = (0..width.cells())
            .map(|cell| {
                cells.binary_search(&cell).unwrap_or_else(|_| nearest(&centers, width.center(cell)))
            })
            .collect();
        Self { width, cells, centers, of_cell }
    }

    /// The bins of a model that was trained before.
    ///
    /// # Errors
    /// Cells that are none of the plane's, not in order or none at all.
    pub fn restored(width: BinWidth, cells: &[usize]) -> Result<Self, String> {
        let ordered = cells.windows(2).all(|pair| pair[0] < pair[1]);
        if cells.is_empty() || !ordered || cells.iter().any(|&cell| cell >= width.cells()) {
            return Err(format!(
                "the bins are not 1 to {} cells of the ab plane in order",
                width.cells()
            ));
        }
        Ok(Self::of_cells(width, cells.to_vec()))
    }

    /// The number of bins, Q.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Always false: bins are never empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The width of a bin.
    #[must_use]
    pub const fn width(&self) -> BinWidth {
        self.width
    }

    /// The cells of the plane that are kept, ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// The center of each bin, (a, b).
    #[must_use]
    pub fn centers(&self) -> &[[f32; 2]] {
        &self.centers
    }

    /// The bin of a color: that of its cell or, if the cell is not selected, the bin with the
    /// nearest center.
    #[must_use]
    pub fn of(&self, ab: [f32; 2]) -> usize {
        self.of_cell[self.width.cell(ab)]
    }

    /// How often each bin was seen; what was seen of cells that are not kept counts for the bins that
    /// stand for them.
    #[must_use]
    pub fn counts(&self, counts: &ColorCounts) -> Vec<u64> {
        let mut own = vec![0; self.len()];
        for (&bin, count) in self.of_cell.iter().zip(&counts.counts) {
            own[bin] += count;
        }
        own
    }
}

/// The center nearest to a place, the first of several.
fn nearest(centers: &[[f32; 2]], place: [f32; 2]) -> usize {
    let distance =
        |center: &[f32; 2]| (center[0] - place[0]).powi(2) + (center[1] - place[1]).powi(2);
    let mut best = (0, f32::INFINITY);
    for (index, center) in centers.iter().enumerate() {
        if distance(center) < best.1 {
            best = (index, distance(center));
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn squares_begin_at_minus_110_and_hold_their_lower_edge() {
        let width = BinWidth::Ten;
        assert_eq!(width.cell([-110.0, -110.0]), 0);
        assert_eq!(width.cell([-100.0, -110.0]), 22);
        assert_eq!(width.cell([-100.1, -99.9]), 1);
        assert_eq!(width.cell([0.0, 0.0]), 11 * 22 + 11);
        assert_eq!(width.cell([500.0, -500.0]), 21 * 22);
        assert_eq!(width.center(11 * 22 + 11), [5.0, 5.0]);
        assert_eq!(BinWidth::Five.center(0), [-107.5, -107.5]);
        assert_eq!(BinWidth::Five.cell([-104.9, 109.9]), 44 + 43);
    }

    fn seen(colors: &[([f32; 2], usize)]) -> ColorCounts {
        let mut counts = ColorCounts::new(BinWidth::Ten);
        for &(ab, times) in colors {
            (0..times).for_each(|_| counts.add(ab));
        }
        counts
    }

    #[test]
    fn the_most_frequent_are_kept_and_stand_for_the_others() {
        let counts = seen(&[([5.0, 5.0], 7), ([15.0, 5.0], 1), ([35.0, 5.0], 2), ([65.0, 5.0], 3)]);
        assert_eq!(counts.seen(), 4);
        let bins = Bins::most_frequent(&counts, 3).unwrap();
        assert_eq!(bins.centers(), [[5.0, 5.0], [35.0, 5.0], [65.0, 5.0]]);
        // The cell of a = 15 is 10 from one kept bin and 20 from the next.
        assert_eq!(bins.of([12.0, 3.0]), 0);
        assert_eq!(bins.of([-90.0, -90.0]), 0);
        assert_eq!(bins.of([64.0, 9.9]), 2);
        assert_eq!(bins.counts(&counts), [8, 2, 3]);
        assert!(Bins::most_frequent(&counts, 5).is_none());
        assert!(Bins::most_frequent(&counts, 0).is_none());
    }

    #[test]
    fn bins_are_restored_and_damaged_ones_refused() {
        let bins = Bins::most_frequent(&seen(&[([5.0, 5.0], 1), ([-5.0, 5.0], 1)]), 2).unwrap();
        assert_eq!(Bins::restored(BinWidth::Ten, bins.cells()).unwrap(), bins);
        for cells in [&[][..], &[3, 3], &[5, 2], &[484]] {
            assert!(Bins::restored(BinWidth::Ten, cells).is_err(), "{cells:?}");
        }
    }
}
