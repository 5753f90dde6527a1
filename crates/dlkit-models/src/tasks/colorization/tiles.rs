//! Pictures in tiles that join without seams.

use std::ops::Range;

use rayon::prelude::*;

use super::grid::{Between, ColorGrid};
use crate::network::Alignment;
use crate::value::number::float;

/// A part of a picture, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// The tiles of a picture, row by row; those at the right and lower border may be smaller.
pub(super) fn regions([height, width]: [usize; 2], tile: usize) -> Vec<Region> {
    let parts = |size: usize| {
        (0..size).step_by(tile.max(1)).map(move |start| start..(start + tile).min(size))
    };
    parts(height)
        .flat_map(|rows| parts(width).map(move |columns| Region { rows: rows.clone(), columns }))
        .collect()
}

/// What a network must be given along one axis so that its outputs reach over some pixels, none of
/// them touched by padding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    /// The first pixel given; below 0, or beyond the picture, pixels are those mirrored at the border.
    pub(super) start: i64,
    /// Pixels given.
    pub(super) length: usize,
    /// The first output that is used, and how many are.
    pub(super) first: usize,
    pub(super) used: usize,
    /// Where the first used output lies in the picture, and pixels between two outputs.
    origin: f64,
    stride: f64,
}

impl Stretch {
    /// The stretch for some pixels along an axis (0 height, 1 width).
    ///
    /// It begins at a multiple of the alignment's period, so that the same pixel is computed alike in
    /// every tile.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        clippy::maybe_infinite_iter,
        reason = "spans grow with the output; pictures are far below 2^40 pixels along a side"
    )]
    pub(super) fn new(alignment: &Alignment, axis: usize, pixels: &Range<usize>) -> Self {
        let (stride, origin) = (alignment.stride()[axis], alignment.origin()[axis]);
        let period = alignment.period() as i64;
        let place = |pixel: usize| (float(pixel) - origin) / stride;
        let last = pixels.end.saturating_sub(1).max(pixels.start);
        // Outputs as if the picture began an endless plane.
        let (low, high) = (place(pixels.start).floor() as i64, place(last).ceil() as i64);
        // The first output that reads no padding before the input.
        let clear = (0..).find(|&output| alignment.span(axis, output).0 >= 0).unwrap_or(0);
        let start = (((low - clear) as f64 * stride).floor() as i64).div_euclid(period) * period;
        let moved = (start as f64 / stride).round() as i64;
        let (first, end) = (low - moved, high - moved);
        let length = (alignment.span(axis, end).1 + 1).max(1) as usize;
        let length = alignment.fitting(axis, length);
        Self {
            start,
            length,
            first: first as usize,
            used: (end - first + 1) as usize,
            origin: stride.mul_add(low as f64, origin),
            stride,
        }
    }

    /// The stretches of a whole picture of a height and a width for a network that looks at all of it:
    /// what it is given begins where the picture does, as crops do in training, and is longer only
    /// where maps that it joins would not fit.
    pub(super) fn whole(alignment: &Alignment, size: [usize; 2]) -> Option<[Self; 2]> {
        let lengths = [0, 1].map(|axis| alignment.fitting(axis, size[axis]));
        let used = alignment.output(lengths)?;
        Some([0, 1].map(|axis| Self {
            start: 0,
            length: lengths[axis],
            first: 0,
            used: used[axis],
            origin: alignment.origin()[axis],
            stride: alignment.stride()[axis],
        }))
    }

    /// The pixels of the picture that are given, those beyond its border mirrored.
    pub(super) fn pixels(&self, size: usize) -> Vec<usize> {
        (self.start..).take(self.length).map(|place| mirrored(place, size)).collect()
    }

    /// Between which two used outputs a pixel lies, and how far from the first.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pictures are far below 2^40 pixels along a side"
    )]
    fn between(&self, pixel: usize) -> Between {
        let place = ((float(pixel) - self.origin) / self.stride).max(0.0);
        let first = (place.floor() as usize).min(self.used - 1);
        let share = (place - float(first)) as f32;
        let second = (first + usize::from(share > 0.0)).min(self.used - 1);
        Between { first, second, share }
    }
}

/// A place mirrored at the borders until it lies within, the border itself not repeated.
pub(super) fn mirrored(place: i64, size: usize) -> usize {
    let Ok(last) = i64::try_from(size.saturating_sub(1)) else { return 0 };
    if last == 0 {
        return 0;
    }
    let within = place.rem_euclid(2 * last);
    usize::try_from(if within > last { 2 * last - within } else { within }).unwrap_or(0)
}

/// The colors of the pixels of a region, row by row, linear between outputs.
///
/// # Shapes
/// - outputs: the used outputs of both stretches, row by row
pub(super) fn enlarged(
    region: &Region,
    [rows, columns]: &[Stretch; 2],
    outputs: &[[f32; 2]],
) -> Vec<[f32; 2]> {
    let down: Vec<Between> = region.rows.clone().map(|row| rows.between(row)).collect();
    let across: Vec<Between> =
        region.columns.clone().map(|column| columns.between(column)).collect();
    let grid = ColorGrid { colors: outputs, width: columns.used, rows: &down, columns: &across };
    let mut colors = vec![[0.0; 2]; down.len() * across.len()];
    colors.par_chunks_mut(across.len().max(1)).enumerate().for_each(|(row, line)| {
        for (color, mixed) in line.iter_mut().zip(grid.row(row)) {
            *color = mixed;
        }
    });
    colors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkSpec;

    fn alignment(layers: &str) -> Alignment {
        let config = format!("input = [1, 64, 64]\nlayers = [{layers}]");
        Alignment::new(&NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap()).unwrap()
    }

    fn between(stretch: &Stretch, pixel: usize) -> (usize, usize, f32) {
        let Between { first, second, share } = stretch.between(pixel);
        (first, second, share)
    }

    #[test]
    fn tiles_cover_a_picture_once() {
        let tiles = regions([5, 3], 2);
        assert_eq!(tiles.len(), 6);
        assert_eq!(tiles[5], Region { rows: 4..5, columns: 2..3 });
        let area: usize = tiles.iter().map(|tile| tile.rows.len() * tile.columns.len()).sum();
        assert_eq!(area, 15);
    }

    #[test]
    fn borders_are_mirrored_without_repeating_them() {
        let mirror = |places: Range<i64>, size| places.map(move |place| mirrored(place, size));
        assert_eq!(mirror(-3..7, 4).collect::<Vec<_>>(), [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(mirror(-3..3, 2).collect::<Vec<_>>(), [1, 0, 1, 0, 1, 0]);
        assert_eq!(mirror(-2..2, 1).collect::<Vec<_>>(), [0, 0, 0, 0]);
    }

    #[test]
    fn a_valid_network_is_given_its_margin() {
        let eight = alignment(&"{ type = \"conv2d\", filters = 1, kernel = 3 }, ".repeat(8));
        let stretch = Stretch::new(&eight, 1, &(100..164));
        assert_eq!((stretch.start, stretch.length), (92, 80));
        assert_eq!((stretch.first, stretch.used), (0, 64));
        assert_eq!(between(&stretch, 100), (0, 0, 0.0));
        assert_eq!(between(&stretch, 163), (63, 63, 0.0));
        // From 93 on, but multiples of 4 are begun at.
        let stretch = Stretch::new(&eight, 1, &(101..164));
        assert_eq!((stretch.start, stretch.first, stretch.used), (92, 1, 63));
    }

    #[test]
    fn coarse_outputs_are_mixed_by_distance() {
        let coarse = alignment("{ type = \"conv2d\", filters = 1, kernel = 4, stride = 4 }");
        // Outputs lie at 1.5, 5.5, 9.5.
        let stretch = Stretch::new(&coarse, 0, &(2..9));
        assert_eq!((stretch.start, stretch.first, stretch.used), (0, 0, 3));
        assert_eq!(between(&stretch, 2), (0, 1, 0.125));
        assert_eq!(between(&stretch, 8), (1, 2, 0.625));
        let region = Region { rows: 2..3, columns: 2..4 };
        let across = Stretch::new(&coarse, 1, &region.columns);
        let down = Stretch::new(&coarse, 0, &region.rows);
        let outputs = [[0.0, 8.0], [8.0, 0.0], [0.0, 8.0], [8.0, 0.0]];
        assert_eq!(enlarged(&region, &[down, across], &outputs), [[1.0, 7.0], [3.0, 5.0]]);
    }
}
