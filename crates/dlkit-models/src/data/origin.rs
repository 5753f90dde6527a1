//! Where samples come from, so that each can be found again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Where a sample comes from: what identifies it, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The picture, the table, or the IDX file; none of samples that are made up.
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub file: Option<Arc<Path>>,
    /// Row number in the table, from 1, without the line of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// Line of the table's file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Place in the IDX file or among samples that are made up, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
}

/// A path as text, the only form in JSON.
#[expect(clippy::ref_option, reason = "serde asks for it")]
fn as_text<S: Serializer>(path: &Option<Arc<Path>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.as_deref().unwrap_or(Path::new("")).display())
}

impl Origin {
    /// What identifies it, by name: of `file`, `row`, `line` and `index` those it has.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let number = |name, number: Option<String>| number.map(|number| (name, number));
        [
            number("file", self.file.as_ref().map(|file| file.display().to_string())),
            number("row", self.row.map(|row| row.to_string())),
            number("line", self.line.map(|line| line.to_string())),
            number("index", self.index.map(|index| index.to_string())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Where the samples of a set come from, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// Pictures, one in each file.
    #[must_use]
    pub fn of_files<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let of_file =
            |file: &PathBuf| Origin { file: Some(file.as_path().into()), ..Origin::default() };
        Self(files.into_iter().map(of_file).collect())
    }

    /// The first `count` entries of an IDX file.
    #[must_use]
    pub fn of_entries(file: &Path, count: usize) -> Self {
        let file: Arc<Path> = file.into();
        let entry = |index| Origin {
            file: Some(Arc::clone(&file)),
            index: Some(index),
            ..Origin::default()
        };
        Self((0..count).map(entry).collect())
    }

    /// Rows of a table: their numbers from 1, and the lines they are on.
    #[must_use]
    pub fn of_rows(file: &Path, rows: impl IntoIterator<Item = (usize, u64)>) -> Self {
        let file: Arc<Path> = file.into();
        let row = |(row, line)| Origin {
            file: Some(Arc::clone(&file)),
            row: Some(row),
            line: Some(line),
            index: None,
        };
        Self(rows.into_iter().map(row).collect())
    }

    /// Where a sample comes from; of one that nothing is known of, its place.
    #[must_use]
    pub fn of(&self, index: usize) -> Origin {
        let made_up = || Origin { index: Some(index), ..Origin::default() };
        self.0.get(index).cloned().unwrap_or_else(made_up)
    }

    /// Those of some samples.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self(indices.iter().map(|&index| self.of(index)).collect())
    }

    /// These samples and then others.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
}

impl FromIterator<Origin> for Origins {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        Self(origins.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_identified_by_what_they_have() {
        let table = Origins::of_rows(Path::new("t.csv"), [(1, 3), (2, 5)]);
        let named = |origins: &Origins, index| {
            let parts = origins.of(index).parts();
            parts.iter().map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(named(&table.select(&[1]), 0), "file t.csv, row 2, line 5");
        let mut files = Origins::of_files(&[PathBuf::from("a.png")]);
        files.extend(&Origins::of_files(&[PathBuf::from("b.png")]));
        assert_eq!(named(&files, 1), "file b.png");
        let entries = Origins::of_entries(Path::new("idx"), 2);
        assert_eq!(named(&entries, 1), "file idx, index 1");
        // Of a selection, made-up samples keep their places.
        assert_eq!(named(&Origins::default().select(&[7]), 0), "index 7");
        let json = serde_json::to_string(&table.of(0)).unwrap();
        assert_eq!(json, "{\"file\":\"t.csv\",\"row\":1,\"line\":3}");
    }
}
