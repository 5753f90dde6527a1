//! Errors of reading points.

use std::path::PathBuf;

use dlkit_files::Unread;
use thiserror::Error;

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
    /// A line has another number of columns.
    #[error("line {line}: {found} numbers; write {expected}: {meaning}")]
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
    /// The JSON has another form.
    #[error(
        "JSON without points; use [[x, y, u, v], ...] or [{{\"source\": [x, y], \
         \"target\": [u, v]}}, ...]"
    )]
    JsonForm,
    /// An entry is not a pair.
    #[error(
        "pair {pair}: not a pair; use [x, y, u, v] or {{\"source\": [x, y], \"target\": [u, v]}}"
    )]
    JsonPair {
        /// The pair, from 1.
        pair: usize,
    },
}
