//! What can go wrong when points are read.

use std::path::PathBuf;

use dlkit_files::Unread;
use thiserror::Error;

/// Why the points of a file could not be read.
#[derive(Debug, Error)]
#[error("{}: {kind}", path.display())]
pub struct PointsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub kind: PointsErrorKind,
}

/// What is wrong with points.
#[derive(Debug, Error)]
pub enum PointsErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[source] Unread),
    /// The file is not UTF-8.
    #[error("is no text file; CSV, JSON or text with one pair a line is read")]
    NotText,
    /// There are no points.
    #[error("holds no points; a line is: x y u v")]
    Empty,
    /// A line with another number of columns.
    #[error("line {line}: {found} numbers; {expected} are needed: {meaning}")]
    Columns {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// Numbers found.
        found: usize,
        /// Numbers needed.
        expected: usize,
        /// What the numbers are.
        meaning: &'static str,
    },
    /// A word that is no number.
    #[error("line {line}: `{word}` is no number")]
    Number {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// A number that is infinite or NaN.
    #[error("line {line}: `{word}` is not finite; points need finite coordinates")]
    NotFinite {
        /// The line, or the pair as typed, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// Text that only begins like JSON.
    #[error("is no JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// JSON of another form.
    #[error(
        "is JSON of something else than points; use [[x, y, u, v], ...] or [{{\"source\": [x, y], \
         \"target\": [u, v]}}, ...]"
    )]
    JsonForm,
    /// An entry that is no pair.
    #[error(
        "pair {pair} is not [x, y, u, v] or {{\"source\": [x, y], \"target\": [u, v]}} in numbers"
    )]
    JsonPair {
        /// The pair, from 1.
        pair: usize,
    },
}
