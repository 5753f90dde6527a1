//! Confusion matrices: which classes the network confuses.

use super::color::{AXIS, INK, MUTED, Rgb};
use super::color_bar::{Rising, draw_color_bar};
use super::error::PlotError;
use super::font::Font;
use super::svg::{Anchor, Rect, Stroke, Svg, float};

/// Counts of actual against predicted classes.
#[derive(Clone, Debug)]
pub(crate) struct ConfusionMatrix {
    /// Title above the matrix; empty for none.
    pub(crate) title: String,
    /// Class names.
    pub(crate) classes: Vec<String>,
    /// Counts; rows are actual, columns predicted classes.
    pub(crate) counts: Vec<Vec<u64>>,
}

const MARGIN: f64 = 20.0;
const WIDEST_NAME: f64 = 120.0;
const BAR_GAP: f64 = 28.0;
const BAR_WIDTH: f64 = 14.0;
const BAR_LABELS: f64 = 62.0;
/// Largest number of classes whose cells have room for numbers.
const MOST_NUMBERED: usize = 30;

/// Maximum number of cells along a side; more classes share cells.
const MOST_CELLS: usize = 100;

/// Positions of the parts of the picture.
struct Layout {
    /// The cells.
    grid: Rect,
    /// Side of a cell.
    cell: f64,
    /// Distance of the named classes: 1 if every class has room for its name.
    stride: usize,
    /// Whether column names are rotated by 45 degrees.
    turned: bool,
    /// Size of the picture.
    size: (f64, f64),
}

impl ConfusionMatrix {
    /// Draws the matrix as SVG text. The color of a cell is its share of the row.
    ///
    /// # Errors
    /// The matrix has no classes, or the counts do not have shape [classes, classes].
    pub(crate) fn to_svg(&self) -> Result<String, PlotError> {
        self.check()?;
        if self.classes.len() > MOST_CELLS {
            return self.merged().to_svg();
        }
        let layout = self.layout();
        let label = format!("{}: actual by predicted class", self.title);
        let mut svg = Svg::new(layout.size.0, layout.size.1, &label);
        let grid = layout.grid;
        let room = layout.size.0 - MARGIN - grid.x;
        let title = Font::TITLE.shorten(&self.title, room);
        svg.label((grid.x, 30.0), Anchor::Start, Font::TITLE, INK, &title);
        self.draw_cells(&mut svg, &layout);
        svg.outline(grid, Stroke::solid(AXIS, 1.0));
        self.draw_names(&mut svg, &layout);
        draw_bar(&mut svg, grid);
        Ok(svg.finish())
    }

    fn check(&self) -> Result<(), PlotError> {
        let classes = self.classes.len();
        if classes == 0 {
            return Err(PlotError::NoClasses);
        }
        if self.counts.len() > classes {
            let rows = self.counts.len();
            return Err(PlotError::ExtraRows { classes, rows });
        }
        let length = |row: usize| self.counts.get(row).map_or(0, Vec::len);
        match (0..classes).find(|row| length(*row) != classes) {
            Some(row) => Err(PlotError::RaggedMatrix { classes, row, found: length(row) }),
            None => Ok(()),
        }
    }

    /// Merges neighboring classes until at most [`MOST_CELLS`] cells are left along a side.
    fn merged(&self) -> Self {
        let block = self.classes.len().div_ceil(MOST_CELLS);
        let name = |names: &[String]| match names {
            [first, .., last] => format!("{first} to {last}"),
            few => few.concat(),
        };
        let row = |rows: &[Vec<u64>]| {
            let sum = |from: usize| {
                let cells = rows.iter().flat_map(|row| row.iter().skip(from).take(block));
                cells.sum()
            };
            (0..self.classes.len()).step_by(block).map(sum).collect()
        };
        Self {
            title: format!("{} ({block} classes in a cell)", self.title),
            classes: self.classes.chunks(block).map(name).collect(),
            counts: self.counts.chunks(block).map(row).collect(),
        }
    }

    fn layout(&self) -> Layout {
        let classes = self.classes.len();
        let count = float(classes);
        let smallest = if classes <= MOST_NUMBERED { 28.0 } else { 9.0_f64.min(900.0 / count) };
        let cell = (480.0 / count).max(smallest).min(96.0);
        let stride =
            (1..=classes).find(|stride| float(*stride) * cell * 0.7 >= 12.0).unwrap_or(classes);
        let names = self.names();
        let widest = Font::TICK.widest(names.iter().map(String::as_str));
        let turned = widest > cell - 6.0;
        let length = cell * count;
        let grid = Rect {
            x: MARGIN + 24.0 + widest + 8.0,
            y: if self.title.is_empty() { MARGIN } else { 50.0 },
            width: length,
            height: length,
        };
        let names_below = if turned { 14.0 + widest * 0.71 } else { 20.0 };
        let size = (
            grid.right() + BAR_GAP + BAR_WIDTH + BAR_LABELS + MARGIN,
            grid.bottom() + names_below + 24.0 + MARGIN,
        );
        Layout { grid, cell, stride, turned, size }
    }

    fn names(&self) -> Vec<String> {
        let shorten = |name: &String| Font::TICK.shorten(name, WIDEST_NAME);
        self.classes.iter().map(shorten).collect()
    }

    fn draw_cells(&self, svg: &mut Svg, layout: &Layout) {
        let Layout { grid, cell, .. } = *layout;
        let gap = if cell >= 14.0 { 1.0 } else { 0.0 };
        let font = self.number_font(cell);
        for (row, counts) in self.counts.iter().enumerate() {
            let total: u64 = counts.iter().sum();
            for (column, &count) in counts.iter().enumerate() {
                let share = share(count, total);
                let color = Rgb::of_share(share);
                let rect = Rect {
                    x: grid.x + float(column) * cell + gap / 2.0,
                    y: grid.y + float(row) * cell + gap / 2.0,
                    width: cell - gap,
                    height: cell - gap,
                };
                if count > 0 {
                    let (actual, predicted) = (&self.classes[row], &self.classes[column]);
                    let percent = share * 100.0;
                    let hint = format!(
                        "actual {actual}, predicted {predicted}: {count} of {total} ({percent:.2} %)"
                    );
                    svg.rect(rect, &color.css(), &hint);
                }
                if let Some(font) = font {
                    let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
                    let at = (middle.0, middle.1 + font.size * 0.36);
                    let ink = if count == 0 { AXIS } else { color.ink() };
                    svg.label(at, Anchor::Middle, font, ink, &count.to_string());
                }
            }
        }
    }

    /// The font in which every count fits its cell; none if it would be unreadable.
    fn number_font(&self, cell: f64) -> Option<Font> {
        const READABLE: f64 = 6.5;
        let unit = Font { bold: false, size: 1.0 };
        let longest = self.counts.iter().flatten().max()?.to_string();
        let size = 14.0_f64.min((cell - 6.0) / unit.width(&longest));
        let shown = self.classes.len() <= MOST_NUMBERED && size >= READABLE;
        shown.then_some(Font { size, ..unit })
    }

    fn draw_names(&self, svg: &mut Svg, layout: &Layout) {
        let grid = layout.grid;
        let middle = (grid.x + grid.width / 2.0, grid.y + grid.height / 2.0);
        for (index, name) in self.names().iter().enumerate().step_by(layout.stride) {
            let along = (float(index) + 0.5) * layout.cell;
            let at = (grid.x - 8.0, grid.y + along + 4.0);
            svg.label(at, Anchor::End, Font::TICK, MUTED, name);
            let x = grid.x + along;
            if layout.turned {
                let at = (x + 4.0, grid.bottom() + 14.0);
                svg.turned(at, Anchor::End, Font::TICK, MUTED, -45.0, name);
            } else {
                let at = (x, grid.bottom() + 18.0);
                svg.label(at, Anchor::Middle, Font::TICK, MUTED, name);
            }
        }
        let at = (MARGIN + 10.0, middle.1);
        svg.turned(at, Anchor::Middle, Font::LABEL, INK, -90.0, "actual");
        let at = (middle.0, layout.size.1 - MARGIN);
        svg.label(at, Anchor::Middle, Font::LABEL, INK, "predicted");
    }
}

/// Draws the color bar to the right of `grid`, with the same height.
fn draw_bar(svg: &mut Svg, grid: Rect) {
    let bar = Rect { x: grid.right() + BAR_GAP, width: BAR_WIDTH, ..grid };
    draw_color_bar(svg, bar, Rising::Up, Rgb::of_share);
    for percent in [0, 25, 50, 75, 100] {
        let y = bar.bottom() - bar.height * f64::from(percent) / 100.0;
        svg.polyline(&[(bar.right(), y), (bar.right() + 4.0, y)], Stroke::solid(AXIS, 1.0));
        let label = format!("{percent} %");
        let at = (bar.right() + 8.0, y + 4.0);
        svg.label(at, Anchor::Start, Font::TICK, MUTED, &label);
    }
    let at = (bar.right() + BAR_LABELS, bar.y + bar.height / 2.0);
    let title = Font::LABEL.shorten("share of the actual class", bar.height);
    svg.turned(at, Anchor::Middle, Font::LABEL, MUTED, -90.0, &title);
}

/// `count` as a share of `total`; 0 for an empty row.
#[expect(clippy::cast_precision_loss, reason = "a share is drawn as one of 256 tones")]
fn share(count: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { count as f64 / total as f64 }
}

#[cfg(test)]
mod tests {
    use resvg::usvg;

    use super::*;

    fn matrix(classes: &[&str], counts: &[&[u64]]) -> ConfusionMatrix {
        ConfusionMatrix {
            title: "Test set".to_owned(),
            classes: classes.iter().map(ToString::to_string).collect(),
            counts: counts.iter().map(|row| row.to_vec()).collect(),
        }
    }

    #[test]
    fn colors_cells_by_their_share_of_the_row() {
        let svg = matrix(&["cat", "dog"], &[&[7, 9], &[0, 7]]).to_svg().unwrap();
        usvg::Tree::from_str(&svg, &usvg::Options::default()).unwrap();
        assert!(svg.contains("<title>actual cat, predicted dog: 9 of 16 (56.25 %)</title>"));
        assert!(svg.contains("<title>actual dog, predicted dog: 7 of 7 (100.00 %)</title>"));
        // 7 of 7 is dark blue with white ink; 9 of 16 is the fourth of the ramp's five stops.
        assert!(svg.contains(r#"fill="rgb(8,48,107)"><title>actual dog"#));
        assert!(svg.contains(r#"fill="rgb(33,113,181)"><title>actual cat"#));
        assert!(svg.contains(r##"fill="#ffffff" text-anchor="middle">7<"##));
        assert!(svg.contains(r##"fill="#8c959f" text-anchor="middle">0<"##));
    }

    #[test]
    fn names_are_escaped_and_cut() {
        let long = "an uncommonly long name of a class";
        let svg = matrix(&["a<b", long], &[&[1, 0], &[0, 0]]).to_svg().unwrap();
        usvg::Tree::from_str(&svg, &usvg::Options::default()).unwrap();
        assert!(svg.contains(">a&lt;b<"));
        assert!(svg.contains(">an uncommonly l…<"));
    }

    #[test]
    fn many_classes_have_no_numbers() {
        for (classes, numbers) in [(30, 900), (31, 0)] {
            let names: Vec<String> = (0..classes).map(|i| format!("c{i}")).collect();
            let svg = ConfusionMatrix {
                title: String::new(),
                counts: vec![vec![77; names.len()]; names.len()],
                classes: names,
            };
            assert_eq!(svg.to_svg().unwrap().matches(">77<").count(), numbers);
        }
    }

    #[test]
    fn rejects_counts_that_are_not_classes_by_classes() {
        let message = |classes: &[&str], counts: &[&[u64]]| {
            matrix(classes, counts).to_svg().unwrap_err().to_string()
        };
        assert_eq!(
            message(&["a", "b"], &[&[1, 2], &[3]]),
            "a confusion matrix of 2 classes needs 2 rows of 2 counts; row 1 has 1"
        );
        assert_eq!(
            message(&["a"], &[&[1], &[3]]),
            "a confusion matrix of 1 classes has 2 rows of counts"
        );
        assert_eq!(message(&[], &[]), "a confusion matrix needs at least one class");
    }

    #[test]
    fn hundreds_of_classes_share_cells() {
        let names: Vec<String> = (0..250).map(|index| format!("c{index}")).collect();
        let mut counts = vec![vec![1; names.len()]; names.len()];
        counts[3][4] = 5;
        let merged = ConfusionMatrix { title: "t".to_owned(), counts, classes: names }.merged();
        assert_eq!(
            (merged.classes.len(), merged.counts.len(), merged.counts[0].len()),
            (84, 84, 84)
        );
        assert_eq!((merged.classes[1].as_str(), merged.classes[83].as_str()), ("c3 to c5", "c249"));
        // Three by three, one of them four more; the last row is of one class.
        assert_eq!((merged.counts[1][1], merged.counts[0][0], merged.counts[83][0]), (13, 9, 3));
        assert!(merged.to_svg().unwrap().len() < 2 << 20);
    }
}
