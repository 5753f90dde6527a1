//! Reads points and pairs of points from files of many kinds, or as typed.

mod brackets;
mod commas;
mod corners;
mod error;
mod json;
mod meaning;
mod names;
mod table;
mod text;
mod values;

pub use brackets::BracketsError;
pub(crate) use brackets::{Block, blocks, has_brackets};
pub use error::{PointsError, PointsErrorKind};

use std::path::Path;
use std::str::FromStr;

use dlkit_files::regular::{LARGEST_TABLE, Unread, read_regular_text};

use self::brackets::has_nested_lists;
use crate::homography::{Correspondence, Point, Side};

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

/// Parses pairs as typed: `x,y u,v; x,y u,v; ...`, or anything that a file may hold.
///
/// # Errors
/// A line does not have four numbers, a word is not a finite number, or there are no pairs.
pub fn parse_pairs(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    match document(text)? {
        Document::Json(value) => json::pairs(&value, order),
        Document::Lists(blocks) => json::pairs_of_blocks(&blocks, order),
        Document::Table => table::pairs(text, order),
    }
}

/// Parses points as typed: `x,y x,y ...`, one a line, or lists in brackets.
///
/// # Errors
/// A point does not have two numbers, or a word is not a finite number.
pub fn parse_points(text: &str, order: Order) -> Result<Vec<Point>, PointsErrorKind> {
    match document(text)? {
        Document::Table => table::typed_points(text, order),
        document => document.points(text, order, Side::Source),
    }
}

/// Reads pairs from a file: JSON, lists in brackets, or a table.
///
/// - A table has one pair a line, `x y u v`, separated by spaces, commas, semicolons or tabs; `#`
///   starts a comment. A line may also hold pairs as ImageMagick has them, `x,y u,v x,y u,v ...`.
/// - A line of names above it, or a comment with them, says which column is which, in any order:
///   `x,y,u,v`, `x1,y1,x2,y2`, `dst_x,dst_y,src_x,src_y`, `row,col,lat,lon`, QGIS's
///   `mapX,mapY,pixelX,pixelY` and the like. Other columns are ignored. Names that do not say it
///   are an error. In files of QGIS, y of the picture points up and is turned, and points that are
///   switched off are left out.
/// - JSON is an array of `[x, y, u, v]`, of `[[x, y], [u, v]]` or of `{"source": [x, y], "target":
///   [u, v]}` (also `{"x": .., "y": ..}`), an object with such an array as `points` or `pairs`, or
///   two lists, `{"src": [[x, y], ...], "dst": [[u, v], ...]}`.
/// - Lists in brackets are what Python and NumPy print, with the same forms.
///
/// Names take precedence over the order.
///
/// # Errors
/// The file is not a regular file of at most 256 MiB, cannot be read, or has none of these forms.
/// The error names the line or pair.
pub fn read_pairs(path: &Path, order: Order) -> Result<Vec<Correspondence>, PointsError> {
    read(path, |text| parse_pairs(text, order))
}

/// Reads points from a file: a table with one point a line, `x y`, or JSON or lists in brackets with
/// `[x, y]` or `{"x": .., "y": ..}`, as in [`read_pairs`]. Of a file of pairs, those of `side` are
/// read.
///
/// # Errors
/// As [`read_pairs`]; the names of the columns are not understood.
pub fn read_points(path: &Path, order: Order, side: Side) -> Result<Vec<Point>, PointsError> {
    read(path, |text| document(text)?.points(text, order, side))
}

/// Reads the corners of a page from a file: four points as in [`read_points`]. Rows or entries may name
/// them (`corner,x,y` with top-left, bottom right, TL and the like); then they come clockwise from
/// the top left, whatever their order in the file.
///
/// # Errors
/// As [`read_points`]; the names do not name each corner once.
pub fn read_corners(path: &Path, order: Order) -> Result<Vec<Point>, PointsError> {
    read(path, |text| parse_corners(text, order))
}

fn parse_corners(text: &str, order: Order) -> Result<Vec<Point>, PointsErrorKind> {
    let document = document(text)?;
    let named = match &document {
        Document::Json(value) => corners::of_json(value, order)?,
        Document::Table => corners::of_table(text, order)?,
        Document::Lists(_) => None,
    };
    named.map_or_else(|| document.points(text, order, Side::Source), Ok)
}

fn read<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, PointsErrorKind>,
) -> Result<T, PointsError> {
    let failed = |kind| PointsError { path: path.to_owned(), kind };
    let text = read_regular_text(path, LARGEST_TABLE).map_err(|error| match error {
        Unread::NotText => failed(PointsErrorKind::NotText),
        error => failed(PointsErrorKind::Read(error)),
    })?;
    parse(text.trim_start_matches('\u{feff}')).map_err(failed)
}

/// What a text is.
enum Document {
    Json(serde_json::Value),
    /// Lists in brackets that are not JSON.
    Lists(Vec<Block>),
    Table,
}

/// Finds out what a text is.
fn document(text: &str) -> Result<Document, PointsErrorKind> {
    let start = text.trim_start();
    let json = start.starts_with(['[', '{']).then(|| serde_json::from_str(text));
    match json {
        Some(Ok(value)) => Ok(Document::Json(value)),
        // An object, or nothing that brackets could close.
        Some(Err(error)) if start.starts_with('{') && start.contains('"') => {
            Err(PointsErrorKind::Json(error))
        }
        _ if has_nested_lists(text) => Ok(Document::Lists(blocks(text)?)),
        Some(Err(error)) if start.contains(['"', '{']) => Err(PointsErrorKind::Json(error)),
        _ => Ok(Document::Table),
    }
}

impl Document {
    fn points(self, text: &str, order: Order, side: Side) -> Result<Vec<Point>, PointsErrorKind> {
        match self {
            Self::Json(value) => json::points(&value, order, side),
            Self::Lists(blocks) => {
                let lists: Vec<serde_json::Value> =
                    blocks.into_iter().map(|block| block.list).collect();
                match <[_; 1]>::try_from(lists) {
                    Ok([only]) => json::points(&only, order, side),
                    Err(lists) => json::points(&lists.into(), order, side),
                }
            }
            Self::Table => table::points(text, order, side),
        }
    }
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

    /// Four corners of a page and where they go, in each form.
    #[test]
    fn every_form_says_the_same() {
        let expected = [
            Correspondence::new(366.0, 211.0, 0.0, 0.0),
            Correspondence::new(770.0, 139.0, 400.0, 0.0),
            Correspondence::new(758.0, 795.0, 400.0, 560.0),
            Correspondence::new(200.0, 776.0, 0.0, 560.0),
        ];
        for text in [
            include_str!("tests/nested.json"),
            include_str!("tests/two_lists.json"),
            include_str!("tests/qgis.points"),
            include_str!("tests/header_dst_first.csv"),
            include_str!("tests/header_rowcol.csv"),
            "366,211 0,0  770,139 400,0  758,795 400,560  200,776 0,560",
            "366,211,0,0,770,139,400,0,758,795,400,560,200,776,0,560",
            "[[366. 211.   0.   0.]\n [770. 139. 400.   0.]\n [758. 795. 400. 560.]\n [200. 776.   \
             0. 560.]]",
            "[[366. 211.]\n [770. 139.]\n [758. 795.]\n [200. 776.]]\n[[  0.   0.]\n [400.   0.]\n \
             [400. 560.]\n [  0. 560.]]\n",
            "dst = np.float32([[0,0],[400,0],[400,560],[0,560]])\nsrc = np.float32([[366,211], \
             [770,139],[758,795],[200,776]])",
            "[(366, 211, 0, 0), (770, 139, 400, 0), (758, 795, 400, 560), (200, 776, 0, 560)]",
            "[366 211 0 0; 770 139 400 0; 758 795 400 560; 200 776 0 560]",
            "movingPoints = [366 211; 770 139; 758 795; 200 776];\nfixedPoints = [0 0; 400 0; 400 560; 0 \
             560];",
            "convert a.jpg -distort Perspective '366,211 0,0  770,139 400,0  758,795 400,560  200,776 \
             0,560' b.jpg",
            "(366, 211) -> (0, 0)\n(770, 139) -> (400, 0)\n(758, 795) -> (400, 560)\n(200, 776) -> \
             (0, 560)",
        ] {
            assert_eq!(parse_pairs(text, Order::Xy).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn text_that_begins_like_json_gets_the_error_of_json() {
        for (text, expected) in [
            ("[[1, 2, 3, 1e999]]", "line 1: `1e999` is not a finite number"),
            ("{\"points\": [[1, 2", "not valid JSON: EOF"),
            ("[{\"x\": 1,}]", "not valid JSON: trailing comma"),
            ("[[1, 2, 3, 4], [5", "line 1: the brackets do not match"),
        ] {
            let message = parse_pairs(text, Order::Xy).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
        }
    }

    #[test]
    fn points_are_read_from_each_form() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("corners");
        for text in [
            "x,y\n1,2\n3,4\n",
            "[[1, 2], [3, 4]]",
            "[[1. 2.]\n [3. 4.]]",
            "(1, 2)\n(3, 4)",
            "1,2 3,4",
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(read_points(&path, Order::Xy, Side::Source).unwrap(), expected, "{text}");
            if !text.starts_with('x') {
                assert_eq!(parse_points(text, Order::Xy).unwrap(), expected, "{text}");
            }
        }
    }

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
