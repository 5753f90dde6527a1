//! Reads pairs of points from text, CSV or JSON files, or as typed.

mod error;
mod json;
mod table;

pub use error::{PointsError, PointsErrorKind};

use std::path::Path;
use std::str::FromStr;

use dlkit_files::regular::{LARGEST_TABLE, Unread, read_regular_text};

use crate::homography::{Correspondence, Point};

/// Which coordinate comes first, if the coordinates have no names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// x, to the right, then y, down.
    #[default]
    Xy,
    /// Row, down, then column, to the right.
    RowColumn,
}

impl Order {
    const fn point(self, [first, second]: [f64; 2]) -> Point {
        match self {
            Self::Xy => Point::new(first, second),
            Self::RowColumn => Point::new(second, first),
        }
    }

    const fn pair(self, [a, b, c, d]: [f64; 4]) -> Correspondence {
        Correspondence { source: self.point([a, b]), target: self.point([c, d]) }
    }
}

/// Parses pairs as typed: `x,y u,v; x,y u,v; ...`, or a table of four columns, one pair a line.
///
/// # Errors
/// A line does not have four numbers, a word is not a finite number, or there are no pairs.
pub fn parse_pairs(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    table::pairs(text, order)
}

/// Parses points as typed: `x,y x,y ...`, or one a line.
///
/// # Errors
/// A point does not have two numbers, or a word is not a finite number.
pub fn parse_points(text: &str, order: Order) -> Result<Vec<Point>, PointsErrorKind> {
    table::points(text, order)
}

/// Reads pairs from a file: JSON if it starts like JSON, or else a table.
///
/// A table has one pair a line, `x y u v`, separated by spaces, commas, semicolons or tabs; `#`
/// starts a comment. A first line with the names x, y, u and v sets the order of the columns, and
/// allows other columns; a first line of other names is skipped. JSON is an array of `[x, y, u, v]`
/// or of `{"source": [x, y], "target": [u, v]}` (also `{"x": .., "y": ..}`), or an object with such
/// an array as `points`. Names take precedence over the order.
///
/// # Errors
/// The file is not a regular file of at most 256 MiB, cannot be read, or has neither form. The
/// error names the line or pair.
pub fn read_pairs(path: &Path, order: Order) -> Result<Vec<Correspondence>, PointsError> {
    let failed = |kind| PointsError { path: path.to_owned(), kind };
    let text = read_regular_text(path, LARGEST_TABLE).map_err(|error| match error {
        Unread::NotText => failed(PointsErrorKind::NotText),
        error => failed(PointsErrorKind::Read(error)),
    })?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['[', '{']) {
        return json::pairs(text, order).map_err(failed);
    }
    parse_pairs(text, order).map_err(failed)
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "xy" => Ok(Self::Xy),
            "row-col" => Ok(Self::RowColumn),
            _ => Err(format!("`{text}`: unknown order; use xy or row-col")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_text_files_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.csv");
        std::fs::write(&path, "\u{feff}0 1 2 3\n").unwrap();
        let pairs = read_pairs(&path, Order::Xy).unwrap();
        assert_eq!(pairs, [Correspondence::new(0.0, 1.0, 2.0, 3.0)]);
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        let kind = |path: &Path| read_pairs(path, Order::Xy).unwrap_err().kind;
        assert!(matches!(kind(&path), PointsErrorKind::NotText));
        let directory = kind(directory.path());
        assert!(matches!(directory, PointsErrorKind::Read(Unread::NotRegular)), "{directory}");
        #[cfg(unix)]
        assert!(matches!(kind(Path::new("/dev/zero")), PointsErrorKind::Read(Unread::NotRegular)));
    }
}
