//! Errors of reading points.

use std::path::PathBuf;

use dlkit_files::Unread;
use thiserror::Error;

use super::brackets::BracketsError;

/// Why the points of a file cannot be read.
#[derive(Debug, Error)]
#[error("{}: {kind}", path.display())]
pub struct PointsError {
    /// The file.
    pub path: PathBuf,
    /// The problem.
    #[source]
    pub kind: PointsErrorKind,
}

/// The names of columns that are understood, for messages.
const KNOWN_NAMES: &str = "name the columns x, y, u, v (source, then target), x1, y1, x2, y2, or \
                           src_x, src_y, dst_x, dst_y, in any order; source, target, pixel, map, \
                           row, col, lon, lat, easting, northing and x' are understood too";

/// A problem with points.
#[derive(Debug, Error)]
pub enum PointsErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[source] Unread),
    /// The file is not UTF-8.
    #[error("not a text file; give CSV, JSON, or text with one pair a line")]
    NotText,
    /// There are no points.
    #[error("no points; write one pair a line: x y u v")]
    Empty,
    /// Commas may be decimal or separate numbers.
    #[error(
        "line {line}: `{text}` may be numbers with decimal commas, or points `x,y`; name the columns in \
         the first line, such as x;y, or write decimal points"
    )]
    Commas {
        /// The line, from 1.
        line: usize,
        /// The line itself.
        text: String,
    },
    /// Some corners have names, but not each its own.
    #[error(
        "the names of the corners must be top-left, top-right, bottom-right, bottom-left, each once; mend \
         them, or leave them out and list the corners in this order"
    )]
    CornerNames,
    /// A line has another number of columns.
    #[error(
        "line {line}: {found} number{}; write {expected}: {meaning}",
        if *found == 1 { "" } else { "s" }
    )]
    Columns {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// Numbers in the line.
        found: usize,
        /// Numbers needed.
        expected: usize,
        /// What the numbers are.
        meaning: &'static str,
    },
    /// No name of a column is understood.
    #[error(
        "line {line}: the column names `{names}` are not understood; {KNOWN_NAMES}; or leave the \
         line out for x y u v"
    )]
    UnknownNames {
        /// The line, from 1.
        line: usize,
        /// The names.
        names: String,
    },
    /// The names of columns do not tell source and target apart.
    #[error(
        "line {line}: the column names `{names}` do not say which four are the x and y of source \
         and target; {KNOWN_NAMES}"
    )]
    AmbiguousNames {
        /// The line, from 1.
        line: usize,
        /// The names.
        names: String,
    },
    /// A word is not a number.
    #[error("line {line}: `{word}` is not a number")]
    Number {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// A number is infinite or NaN.
    #[error("line {line}: `{word}` is not a finite number; points need finite coordinates")]
    NotFinite {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// The text begins like JSON, but is not.
    #[error("not valid JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// The text has lists in brackets that cannot be read.
    #[error(transparent)]
    Brackets(#[from] BracketsError),
    /// The lists have another form.
    #[error(
        "no pairs of points in these lists; use [[x, y, u, v], ...], [[[x, y], [u, v]], ...], \
         [{{\"source\": [x, y], \"target\": [u, v]}}, ...] or {{\"src\": [[x, y], ...], \"dst\": \
         [[u, v], ...]}}"
    )]
    JsonForm,
    /// The lists have no points.
    #[error("no points in these lists; use [[x, y], ...] or [{{\"x\": x, \"y\": y}}, ...]")]
    JsonPointForm,
    /// An entry is not a pair.
    #[error(
        "pair {pair}: not a pair; use [x, y, u, v], [[x, y], [u, v]] or {{\"source\": [x, y], \
         \"target\": [u, v]}}"
    )]
    JsonPair {
        /// The pair, from 1.
        pair: usize,
    },
    /// An entry is not a point.
    #[error("point {point}: not a point; use [x, y] or {{\"x\": x, \"y\": y}}")]
    JsonPoint {
        /// The point, from 1.
        point: usize,
    },
    /// The list of source points and that of targets differ in length.
    #[error("{sources} source points, but {targets} targets; give one target for each source")]
    Lengths {
        /// Source points.
        sources: usize,
        /// Targets.
        targets: usize,
    },
    /// The names of two lists do not tell source and target apart.
    #[error(
        "the lists `{first}` and `{second}` do not say which has the source points; name them src \
         and dst"
    )]
    Lists {
        /// The name of the first list.
        first: String,
        /// The name of the second list.
        second: String,
    },
}
