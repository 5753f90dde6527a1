//! Colors for whole pictures.

use image::DynamicImage;

use super::colorizer::Colorizer;
use super::grid::{ColorGrid, Reduction};
use super::samples::{Samples, Source};
use super::scan::{Frame, Preparation, Prepared};
use super::tiles::Region;
use crate::data::resized;
use crate::facts::color::Temperature;

/// Default side of a tile in pixels: about 200 MB for eight layers.
pub const DEFAULT_TILE: usize = 384;

/// Most pixels of what a network sees that looks at whole pictures: about 300 MB.
const WHOLE_PICTURE: f64 = 400_000.0;

/// How a network looks at a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewing {
    /// Pixels of what it looks at along the side of a tile; nothing to a network that looks at whole
    /// pictures.
    pub tile: usize,
    /// It looks at pictures whose shorter side is longer made smaller to this many pixels; 0 for as
    /// they are.
    pub short_side: u32,
    /// How it is shown pictures.
    pub preparation: Preparation,
}

/// A picture with the colors of a coarser grid over all of it, linear between places; beyond a frame it
/// stays without.
///
/// # Shapes
/// - colors: (a, b) of each place, row by row
pub(super) fn painted(
    picture: &DynamicImage,
    frame: &Frame,
    colors: &[[f32; 2]],
    grid: [usize; 2],
) -> DynamicImage {
    let size = [picture.height() as usize, picture.width() as usize];
    let places = |axis: usize| -> Vec<_> {
        let reduction = Reduction::new(size[axis], grid[axis]);
        (0..size[axis]).map(|pixel| reduction.between(pixel)).collect()
    };
    let (rows, columns) = (places(0), places(1));
    let source = Source::new(picture);
    let mut result = Samples::like(&source, size);
    let region = Region { rows: 0..size[0], columns: 0..size[1] };
    let colors = ColorGrid { colors, width: grid[1], rows: &rows, columns: &columns };
    result.put(&source, size[1], &region, frame, &colors);
    result.picture(picture)
}

impl Colorizer {
    /// Default viewing: pictures at the size of the training photos.
    #[must_use]
    pub const fn viewing(&self) -> Viewing {
        Viewing {
            tile: DEFAULT_TILE,
            short_side: self.facts().short_side,
            preparation: Preparation::Scan,
        }
    }

    /// Gives a picture colors, once for each temperature.
    ///
    /// Size, lightness, opacity and bits per sample stay what they are; 32-bit pictures become 16-bit.
    /// Colors that were there are not looked at. Of a picture that is made smaller for the network, the
    /// colors are enlarged again. What the network takes of memory depends on the tile, not on the
    /// picture; a network that looks at whole pictures sees at most 400,000 pixels. `progress` is called
    /// after each tile with the pixels done so far.
    #[must_use]
    pub fn colorize(
        &self,
        picture: &DynamicImage,
        temperatures: &[Temperature],
        viewing: Viewing,
        mut progress: impl FnMut(usize),
    ) -> Vec<DynamicImage> {
        let reduced = resized(picture, self.short_side(picture, viewing), [1; 2]);
        let sizes = |of: &DynamicImage| [of.height() as usize, of.width() as usize];
        let (size, seen_size) = (sizes(picture), sizes(reduced.as_ref().unwrap_or(picture)));
        let [down, across] = [0, 1].map(|axis| Reduction::new(size[axis], seen_size[axis]));
        let source = Source::new(picture);
        let seen = Source::new(reduced.as_ref().unwrap_or(picture));
        let prepared = Prepared::new(
            viewing.preparation,
            (size, |row, column| source.lightness(row * size[1] + column)),
            (seen_size, |row, column| seen.lightness(row * seen_size[1] + column)),
        );
        let lightness = |row, column| prepared.lightness(row, column);
        let mut results: Vec<Samples> =
            temperatures.iter().map(|_| Samples::like(&source, size)).collect();
        let mut done = 0;
        for tile in self.regions(seen_size, viewing.tile) {
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
                result.put(&source, size[1], &region, &prepared.frame, &grid);
            }
            done += region.rows.len() * region.columns.len();
            progress(done);
        }
        results.into_iter().map(|result| result.picture(picture)).collect()
    }

    /// The shorter side of what the network sees of a picture, 0 for that of the picture: as asked, but
    /// a whole picture within memory.
    fn short_side(&self, picture: &DynamicImage, viewing: Viewing) -> u32 {
        let [width, height] = [picture.width(), picture.height()].map(f64::from);
        let most = (WHOLE_PICTURE * width.min(height) / width.max(height)).sqrt().floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and below the root of the limit"
        )]
        let most = most.max(1.0) as u32;
        match viewing.short_side {
            asked if !self.sees_whole_pictures() => asked,
            0 => most,
            asked => asked.min(most),
        }
    }
}
