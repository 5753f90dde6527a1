//! Layout of picture grids: a heading, then rows of equal cells, each with a name below.

use super::color::{INK, MUTED};
use super::font::Font;
use super::svg::{Anchor, Point, Svg, float};

pub(super) const MARGIN: f64 = 20.0;
const HEADING: f64 = 68.0;
const GAP: f64 = 12.0;
const NAME: f64 = 20.0;
/// Minimum width of a cell in pixels; a narrower one has no room for its name.
const NARROWEST: f64 = 40.0;

/// Positions of the cells of a sheet.
pub(super) struct Sheet {
    columns: usize,
    cell: (f64, f64),
    step: (f64, f64),
}

impl Sheet {
    /// A sheet of cells of one size, with a number of columns.
    pub(super) fn new(columns: usize, cell: (f64, f64)) -> Self {
        let step = (cell.0.max(NARROWEST) + GAP, cell.1 + NAME + GAP);
        Self { columns: columns.max(1), cell, step }
    }

    /// An empty drawing with its heading for a number of cells, and `beside` free pixels on the right.
    pub(super) fn draw(&self, cells: usize, [title, note]: [&str; 2], beside: f64) -> Svg {
        let rows = cells.div_ceil(self.columns);
        let heading = Font::TITLE.width(title).max(Font::TICK.width(note)) + beside;
        let row = float(self.columns.min(cells)) * self.step.0 - GAP;
        let (width, height) =
            (row.max(heading) + 2.0 * MARGIN, HEADING + float(rows) * self.step.1 + MARGIN);
        // Whole pixels, so that the background covers the last row and column.
        let mut svg = Svg::new(width.ceil(), height.ceil(), title);
        draw_heading(&mut svg, MARGIN, [title, note]);
        svg
    }

    /// Upper left corner of a cell.
    pub(super) fn corner(&self, index: usize) -> Point {
        let (row, column) = (index / self.columns, index % self.columns);
        (MARGIN + float(column) * self.step.0, HEADING + float(row) * self.step.1)
    }

    /// Writes the name below a cell.
    pub(super) fn draw_name(&self, svg: &mut Svg, index: usize, name: &str) {
        let (x, y) = self.corner(index);
        let name = Font::TICK.shorten(name, self.step.0 - 4.0);
        svg.label((x, y + self.cell.1 + 14.0), Anchor::Start, Font::TICK, MUTED, &name);
    }
}

/// Writes the title and, below it, a line of explanation.
pub(super) fn draw_heading(svg: &mut Svg, left: f64, [title, note]: [&str; 2]) {
    svg.label((left, 30.0), Anchor::Start, Font::TITLE, INK, title);
    svg.label((left, 50.0), Anchor::Start, Font::TICK, MUTED, note);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_in_rows_below_the_heading() {
        let sheet = Sheet::new(2, (50.0, 30.0));
        assert_eq!(sheet.corner(0), (20.0, 68.0));
        assert_eq!(sheet.corner(1), (20.0 + 62.0, 68.0));
        assert_eq!(sheet.corner(2), (20.0, 68.0 + 62.0));
    }
}
