//! Legends: beside the plot, or in columns below it for many lines.

use super::color::INK;
use super::font::Font;
use super::series::Series;
use super::svg::{Anchor, Point, Svg, Text};

const ROW: f64 = 22.0;
const SAMPLE: f64 = 26.0;
const GAP: f64 = 8.0;
const COLUMN_GAP: f64 = 24.0;

/// Names and samples of a chart's lines.
pub(super) struct Legend<'a> {
    entries: Vec<(&'a Series, String)>,
    entry_width: f64,
}

impl<'a> Legend<'a> {
    /// The legend of the named lines of `series`; cuts names at `widest` pixels.
    pub(super) fn new(series: &'a [Series], widest: f64) -> Self {
        let entries: Vec<_> = series
            .iter()
            .filter(|series| !series.name.is_empty())
            .map(|series| (series, Font::LABEL.shorten(&series.name, widest)))
            .collect();
        let names = Font::LABEL.widest(entries.iter().map(|(_, name)| name.as_str()));
        Self { entries, entry_width: SAMPLE + GAP + names }
    }

    /// Whether the legend has no entries.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Width of one column, in pixels.
    pub(super) fn column_width(&self) -> f64 {
        self.entry_width
    }

    /// Whether all entries fit one column `height` pixels high.
    pub(super) fn fits_column(&self, height: f64) -> bool {
        self.height(1) <= height
    }

    /// Number of columns that fit in `width` pixels.
    pub(super) fn columns_in(&self, width: f64) -> usize {
        (1..=self.entries.len())
            .zip(std::iter::successors(Some(self.entry_width), |used| {
                Some(used + COLUMN_GAP + self.entry_width)
            }))
            .take_while(|(_, used)| *used <= width)
            .last()
            .map_or(1, |(columns, _)| columns)
    }

    /// Height in `columns` columns, in pixels.
    pub(super) fn height(&self, columns: usize) -> f64 {
        let rows = self.entries.len().div_ceil(columns.max(1));
        (0..rows).map(|_| ROW).sum()
    }

    /// Draws the entries in `columns` columns, filled downwards, from the upper left corner.
    pub(super) fn draw(&self, svg: &mut Svg, corner: Point, columns: usize) {
        let rows = self.entries.len().div_ceil(columns.max(1)).max(1);
        let mut x = corner.0;
        for column in self.entries.chunks(rows) {
            let mut middle = corner.1 + ROW / 2.0;
            for (series, name) in column {
                series.draw_sample(svg, (x, middle), SAMPLE);
                svg.text(&Text {
                    at: (x + SAMPLE + GAP, middle + 4.5),
                    anchor: Anchor::Start,
                    font: Font::LABEL,
                    fill: INK,
                    rotation: 0.0,
                    content: name,
                });
                middle += ROW;
            }
            x += self.entry_width + COLUMN_GAP;
        }
    }
}
