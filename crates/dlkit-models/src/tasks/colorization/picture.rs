//! Colors for whole pictures.

use image::DynamicImage;

use super::colorizer::Colorizer;
use super::grid::{ColorGrid, Reduction};
use super::samples::{Samples, Source};
use super::tiles::{Region, regions};
use crate::data::resized;
use crate::facts::color::Temperature;

/// Default side of a tile in pixels: about 200 MB for eight layers.
pub const DEFAULT_TILE: usize = 384;

/// How a network looks at a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewing {
    /// Pixels of what it looks at along the side of a tile.
    pub tile: usize,
    /// It looks at pictures whose shorter side is longer made smaller to this many pixels; 0 for as
    /// they are.
    pub short_side: u32,
}

impl Colorizer {
    /// Default viewing: pictures at the size of the training photos.
    #[must_use]
    pub const fn viewing(&self) -> Viewing {
        Viewing { tile: DEFAULT_TILE, short_side: self.facts().short_side }
    }

    /// Gives a picture colors, once for each temperature.
    ///
    /// Size, lightness, opacity and bits per sample stay what they are; 32-bit pictures become 16-bit.
    /// Colors that were there are not looked at. Of a picture that is made smaller for the network, the
    /// colors are enlarged again. What the network takes of memory depends on the tile, not on the
    /// picture. `progress` is called after each tile with the pixels done so far.
    #[must_use]
    pub fn colorize(
        &self,
        picture: &DynamicImage,
        temperatures: &[Temperature],
        viewing: Viewing,
        mut progress: impl FnMut(usize),
    ) -> Vec<DynamicImage> {
        let reduced = resized(picture, viewing.short_side, [1; 2]);
        let sizes = |of: &DynamicImage| [of.height() as usize, of.width() as usize];
        let (size, seen_size) = (sizes(picture), sizes(reduced.as_ref().unwrap_or(picture)));
        let [down, across] = [0, 1].map(|axis| Reduction::new(size[axis], seen_size[axis]));
        let source = Source::new(picture);
        let seen = Source::new(reduced.as_ref().unwrap_or(picture));
        let lightness = |row, column| seen.lightness(row * seen_size[1] + column);
        let mut results: Vec<Samples> =
            temperatures.iter().map(|_| Samples::like(&source, size)).collect();
        let mut done = 0;
        for tile in regions(seen_size, viewing.tile) {
            let region =
                Region { rows: down.pixels(&tile.rows), columns: across.pixels(&tile.columns) };
            let tile =
                Region { rows: down.needed(&tile.rows), columns: across.needed(&tile.columns) };
            let places = |reduction: &Reduction, pixels: &std::ops::Range<usize>, start: usize| {
                pixels.clone().map(|pixel| reduction.between(pixel).from(start)).collect::<Vec<_>>()
            };
            let rows = places(&down, &region.rows, tile.rows.start);
            let columns = places(&across, &region.columns, tile.columns.start);
            let colors = self.colors(seen_size, &tile, &lightness, temperatures);
            for (result, colors) in results.iter_mut().zip(&colors) {
                let grid =
                    ColorGrid { colors, width: tile.columns.len(), rows: &rows, columns: &columns };
                result.put(&source, size[1], &region, &grid);
            }
            done += region.rows.len() * region.columns.len();
            progress(done);
        }
        results.into_iter().map(|result| result.picture(picture)).collect()
    }
}
