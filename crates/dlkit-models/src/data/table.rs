//! Tables of numbers: CSV files with a line of column names.

use std::path::{Path, PathBuf};

use dlkit_files::regular::{LARGEST_TABLE, read_regular};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DataError;
use crate::value::Problem;

/// Columns of a CSV file; its first line names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableConfig {
    /// Path of the file, relative to the working directory, else to the recipe.
    pub path: PathBuf,
    /// Columns that are the network's input.
    pub features: Vec<String>,
    /// Column to predict.
    pub target: String,
    /// Seed of the test part.
    #[serde(default = "seed")]
    pub seed: u64,
    /// Test part: a share below 1, or a number of rows. 0 for none.
    #[serde(default = "test")]
    pub test: f64,
    /// Validation part of the remaining rows, chosen by the recipe's seed: a share below 1, or a
    /// number of rows. 0 for none.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Whether columns are scaled to mean 0 and standard deviation 1 over the training rows.
    #[serde(default = "standardise")]
    pub standardise: bool,
}

const fn seed() -> u64 {
    1
}

const fn test() -> f64 {
    0.2
}

const fn validation() -> f64 {
    0.1
}

const fn standardise() -> bool {
    true
}

impl TableConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.features.is_empty() {
            return Err(Problem::new("features", "is empty; name at least one column"));
        }
        for (place, name) in self.features.iter().enumerate() {
            if self.features[..place].contains(name) {
                return Err(Problem::new(
                    "features",
                    format!("contains the column \"{name}\" twice"),
                ));
            }
        }
        if self.features.contains(&self.target) {
            let reason = format!("is \"{}\", which is also one of `data.features`", self.target);
            return Err(Problem::new("target", reason));
        }
        Ok(())
    }
}

/// Rows of features and, if present, targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableSet {
    width: usize,
    values: Vec<f64>,
    targets: Vec<f64>,
}

impl TableSet {
    /// An empty table with `width` features.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, values: Vec::new(), targets: Vec::new() }
    }

    /// Adds a row.
    pub fn push(&mut self, features: &[f64], target: f64) {
        self.values.extend(features);
        self.targets.push(target);
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The number of features.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The features of a row; none beyond the last row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        self.values.get(index * self.width..(index + 1) * self.width).unwrap_or_default()
    }

    /// The target of a row; undefined beyond the last row.
    #[must_use]
    pub fn target(&self, index: usize) -> f64 {
        self.targets.get(index).copied().unwrap_or(f64::NAN)
    }

    /// Some rows, in this order.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let mut selected = Self::new(self.width);
        for &index in indices.iter().filter(|&&index| index < self.len()) {
            selected.push(self.row(index), self.target(index));
        }
        selected
    }

    /// SHA-256 of all numbers.
    #[must_use]
    pub fn fingerprint(parts: &[&Self]) -> String {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            for value in part.values.iter().chain(&part.targets) {
                hash.update(value.to_le_bytes());
            }
        }
        format!("{:x}", hash.finalize())
    }
}

/// Reads columns of a CSV file. Without a target column, the targets are undefined.
///
/// # Errors
/// The file cannot be read or lacks a column; a cell is not a finite number (the error gives its line
/// and column).
pub fn read_table(
    path: &Path,
    features: &[&str],
    target: Option<&str>,
) -> Result<TableSet, DataError> {
    if path.is_dir() {
        let reason = "a directory; give the name of a CSV file";
        return Err(DataError::content(path, reason));
    }
    let bytes = read_regular(path, LARGEST_TABLE).map_err(DataError::unread(path))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&bytes[..]);
    let damaged = |error: csv::Error| DataError::content(path, format!("not a CSV file: {error}"));
    let columns = Columns::new(path, reader.headers().map_err(damaged)?);
    let features =
        features.iter().map(|name| columns.place(name)).collect::<Result<Vec<_>, _>>()?;
    let target = target.map(|name| columns.place(name)).transpose()?;
    let mut set = TableSet::new(features.len());
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        let number = |&place: &usize| columns.number(&record, place);
        let row = features.iter().map(number).collect::<Result<Vec<_>, _>>()?;
        let target = target.as_ref().map(number).transpose()?;
        set.push(&row, target.unwrap_or(f64::NAN));
    }
    if set.is_empty() {
        return Err(DataError::content(path, "no rows"));
    }
    Ok(set)
}

/// The columns of a file, by the names in its first line.
struct Columns<'a> {
    path: &'a Path,
    names: Vec<String>,
}

impl<'a> Columns<'a> {
    fn new(path: &'a Path, headers: &csv::StringRecord) -> Self {
        let names = headers.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned());
        Self { path, names: names.collect() }
    }

    /// The place of the one column with this name.
    fn place(&self, name: &str) -> Result<usize, DataError> {
        let mut found = self.names.iter().enumerate().filter(|(_, column)| *column == name);
        let reason = match (found.next(), found.next()) {
            (Some((place, _)), None) => return Ok(place),
            (Some(_), Some(_)) => format!("the column `{name}` occurs twice; rename one"),
            (None, _) if self.names.iter().all(String::is_empty) => {
                format!("no column `{name}`; the first line, which names the columns, is empty")
            }
            (None, _) => format!("no column `{name}`; its columns are {}", self.names.join(", ")),
        };
        Err(DataError::content(self.path, reason))
    }

    /// The number in a cell.
    fn number(&self, record: &csv::StringRecord, place: usize) -> Result<f64, DataError> {
        let cell = record.get(place).unwrap_or_default();
        let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
        value.ok_or_else(|| {
            let line = record.position().map_or(0, csv::Position::line);
            let column = self.names.get(place).map_or("", String::as_str);
            let reason = format!(
                "line {line}, column `{column}`: \"{cell}\" is not a finite number; correct or \
                 remove the row"
            );
            DataError::content(self.path, reason)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, features: &[&str], target: Option<&str>) -> Result<TableSet, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        read_table(&path, features, target)
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "\u{feff}y, a,unused,\"b, c\"\n1,2,x,3\n-4,5e-1,,6\n";
        let set = read(text, &["b, c", "a"], Some("y")).unwrap();
        assert_eq!((set.len(), set.width()), (2, 2));
        assert_eq!((set.row(1), set.target(1)), (&[6.0, 0.5][..], -4.0));
        assert!(read(text, &["a"], None).unwrap().target(0).is_nan());
        assert_eq!(set.select(&[1, 0, 9]).len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        let error = |text: &str| read(text, &["a"], Some("y")).unwrap_err();
        assert_eq!(error("y,b\n1,2\n"), "FILE: no column `a`; its columns are y, b");
        assert_eq!(error("y,a,a\n1,2,3\n"), "FILE: the column `a` occurs twice; rename one");
        assert_eq!(error("y,a\n"), "FILE: no rows");
        for cell in ["", "x", "NaN", "inf"] {
            let message = error(&format!("y,a\n1,2\n3,{cell}\n"));
            let expected = format!("FILE: line 3, column `a`: \"{cell}\" is not a finite number");
            assert!(message.starts_with(&expected), "{message}");
        }
        assert!(error("y,a\n1,2,3\n").contains("not a CSV file"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_regular_file_is_refused() {
        for path in ["/dev/zero", "/dev/null"] {
            let error = read_table(Path::new(path), &["a"], None).unwrap_err();
            assert!(matches!(error, DataError::Read { .. }), "{error}");
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
        let directory = tempfile::tempdir().unwrap();
        let error = read_table(directory.path(), &["a"], None).unwrap_err();
        assert!(error.to_string().contains("a directory"), "{error}");
    }
}
