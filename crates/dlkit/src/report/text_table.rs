//! Tables on the terminal.

use std::fmt;

use dlkit_files::printable;

/// A table with aligned columns. Escapes line ends, so that each cell stays on one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextTable {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

/// Alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

impl TextTable {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(name, align)| (printable(name), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn column(&mut self, name: &str, align: Align) {
        self.columns.push((printable(name), align));
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }
}

impl fmt::Display for TextTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |index: usize, name: &str| {
            let cells = self.rows.iter().filter_map(|row| row.get(index)).map(String::as_str);
            cells.chain([name]).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> =
            self.columns.iter().enumerate().map(|(index, (name, _))| width(index, name)).collect();
        let names: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for row in std::iter::once(&names).chain(&self.rows) {
            let cells =
                row.iter().zip(&widths).zip(&self.columns).map(|((cell, &width), (_, align))| {
                    match align {
                        Align::Left => format!("{cell:<width$}"),
                        Align::Right => format!("{cell:>width$}"),
                    }
                });
            lines.push(cells.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        }
        formatter.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_shown_not_sent() {
        let mut table = TextTable::new(&[("class", Align::Left)]);
        table.row(["a\u{1b}[2J\n\u{202e}b".to_owned()]);
        assert_eq!(table.to_string(), "class\na\\u{1b}[2J\\n\\u{202e}b");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = TextTable::new(&[("class", Align::Left), ("n", Align::Right)]);
        table.row(["a".to_owned(), "1,000".to_owned()]);
        table.row(["µ-class".to_owned(), "7".to_owned()]);
        assert_eq!(table.to_string(), "class        n\na        1,000\nµ-class      7");
    }
}
