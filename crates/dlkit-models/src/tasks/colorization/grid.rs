//! Colors on a coarse grid, linear between its places.

use crate::value::number::float;
use std::ops::Range;

/// Between which two places of a grid's axis a pixel lies, and how far from the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Between {
    pub(super) first: usize,
    pub(super) second: usize,
    /// 0 at the first, 1 at the second.
    pub(super) share: f32,
}

impl Between {
    /// The same, counted from a place.
    pub(super) const fn from(self, start: usize) -> Self {
        let Self { first, second, share } = self;
        Self { first: first - start, second: second - start, share }
    }
}

/// Colors on a grid, and where the pixels of a region lie on it.
pub(super) struct ColorGrid<'a> {
    /// (a, b) of each place, row by row.
    pub(super) colors: &'a [[f32; 2]],
    /// Places in a row.
    pub(super) width: usize,
    pub(super) rows: &'a [Between],
    pub(super) columns: &'a [Between],
}

impl ColorGrid<'_> {
    /// The colors of a row of the region's pixels.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = [f32; 2]> + '_ {
        let Between { first, second, share: down } = self.rows[row];
        self.columns.iter().map(move |&Between { first: left, second: right, share }| {
            let at = |row: usize, column: usize| self.colors[row * self.width + column];
            let upper = mixed(at(first, left), at(first, right), share);
            mixed(upper, mixed(at(second, left), at(second, right), share), down)
        })
    }
}

fn mixed(first: [f32; 2], second: [f32; 2], share: f32) -> [f32; 2] {
    [0, 1].map(|axis| first[axis] + share * (second[axis] - first[axis]))
}

/// One axis of a picture and of the smaller one a network looks at; both begin and end at the same
/// place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reduction {
    full: usize,
    reduced: usize,
}

impl Reduction {
    pub(super) const fn new(full: usize, reduced: usize) -> Self {
        Self { full, reduced }
    }

    /// The pixels whose centers lie on some pixels of the smaller picture.
    pub(super) fn pixels(&self, reduced: &Range<usize>) -> Range<usize> {
        // (pixel + 1/2) reduced / full >= place, in whole numbers.
        let first = |place: usize| {
            (2 * self.full * place).saturating_sub(self.reduced).div_ceil(2 * self.reduced)
        };
        first(reduced.start)..first(reduced.end)
    }

    /// Some pixels of the smaller picture and those beside them that colors are mixed of.
    pub(super) fn needed(&self, reduced: &Range<usize>) -> Range<usize> {
        if self.full == self.reduced {
            return reduced.clone();
        }
        reduced.start.saturating_sub(1)..(reduced.end + 1).min(self.reduced)
    }

    /// Between which pixels of the smaller picture the center of a pixel lies; beyond the outermost
    /// centers it belongs to them.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pictures are far below 2^40 pixels along a side"
    )]
    pub(super) fn between(&self, pixel: usize) -> Between {
        let place = (float(pixel) + 0.5) * float(self.reduced) / float(self.full) - 0.5;
        let place = place.clamp(0.0, float(self.reduced.saturating_sub(1)));
        let (first, share) = (place.floor() as usize, place.fract() as f32);
        Between { first, second: first + usize::from(share > 0.0), share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_linear_between_places() {
        let place = |first, share| Between { first, second: first + 1, share };
        let (rows, columns) = ([place(0, 0.25)], [place(0, 0.0), place(1, 0.5)]);
        let colors = [[0.0, 8.0], [2.0, 8.0], [4.0, 0.0], [8.0, 0.0], [2.0, 4.0], [0.0, 4.0]];
        let grid = ColorGrid { colors: &colors, width: 3, rows: &rows, columns: &columns };
        // Upper (0, 8) and (3, 4), lower (8, 0) and (1, 4), of which three quarters are upper.
        assert_eq!(grid.row(0).collect::<Vec<_>>(), [[2.0, 6.0], [2.5, 4.0]]);
        assert_eq!(place(3, 0.5).from(2), place(1, 0.5));
    }

    #[test]
    fn pixels_lie_on_the_smaller_picture_by_their_centers() {
        let reduction = Reduction::new(8, 2);
        let between = |pixel| {
            let Between { first, second, share } = reduction.between(pixel);
            (first, second, share)
        };
        // Centers 0.5, 1.5, ... of 8 pixels at 0.125, 0.375, ... of 2, whose centers are at 0.5 and 1.5.
        assert_eq!(between(0), (0, 0, 0.0));
        assert_eq!(between(2), (0, 1, 0.125));
        assert_eq!(between(5), (0, 1, 0.875));
        assert_eq!(between(7), (1, 1, 0.0));
        assert_eq!((reduction.pixels(&(0..1)), reduction.pixels(&(1..2))), (0..4, 4..8));
        assert_eq!((reduction.needed(&(0..1)), reduction.needed(&(1..2))), (0..2, 0..2));
    }

    #[test]
    fn a_picture_as_it_is_is_left_alone() {
        let reduction = Reduction::new(5, 5);
        for pixel in 0..5 {
            let expected = Between { first: pixel, second: pixel, share: 0.0 };
            assert_eq!(reduction.between(pixel), expected);
        }
        assert_eq!((reduction.pixels(&(1..3)), reduction.needed(&(1..3))), (1..3, 1..3));
    }

    #[test]
    fn tiles_of_the_smaller_picture_cover_the_picture_once() {
        for (full, reduced) in [(7, 3), (100, 33), (1, 1), (5, 4), (640, 256)] {
            let reduction = Reduction::new(full, reduced);
            let mut next = 0;
            for place in 0..reduced {
                let pixels = reduction.pixels(&(place..place + 1));
                assert_eq!(pixels.start, next, "{full} {reduced}");
                let needed = reduction.needed(&(place..place + 1));
                for pixel in pixels.clone() {
                    let Between { first, second, .. } = reduction.between(pixel);
                    assert!(needed.contains(&first) && needed.contains(&second), "{pixel}");
                }
                next = pixels.end;
            }
            assert_eq!(next, full);
        }
    }
}
