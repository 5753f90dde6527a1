//! A CSV file, read as text, with the names of its columns.

use std::path::{Path, PathBuf};

use dlkit_files::regular::{LARGEST_SAMPLES, read_regular};

use super::encoding::{Decoded, decode};
use super::format::{FormatConfig, TableFormat, reader, recognize_decimal, recognize_separator};
use super::number::{DecimalSign, number};
use crate::data::error::DataError;

/// A CSV file, whose first line names the columns.
pub struct TableFile {
    path: PathBuf,
    text: String,
    /// Where the line after the names begins.
    rows_start: usize,
    separator: u8,
    pub(super) decimal: DecimalSign,
    encoding: &'static str,
    names: Vec<String>,
}

impl TableFile {
    /// Reads a file and recognizes what `format` leaves open.
    ///
    /// # Errors
    /// A file that cannot be read, is no text, or does not name its columns.
    pub fn open(path: &Path, format: FormatConfig) -> Result<Self, DataError> {
        if path.is_dir() {
            let reason = "a directory; give the name of a CSV file";
            return Err(DataError::content(path, reason));
        }
        let bytes = read_regular(path, LARGEST_SAMPLES).map_err(DataError::unread(path))?;
        Self::of_bytes(path, bytes, format)
    }

    /// The same of bytes that were read elsewhere; `path` is what messages call them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn of_bytes(path: &Path, bytes: Vec<u8>, format: FormatConfig) -> Result<Self, DataError> {
        let unusable = |reason: String| DataError::content(path, reason);
        let Decoded { text, encoding } = decode(bytes, format.encoding).map_err(unusable)?;
        let (start, announced) = announced_separator(&text);
        let body = text.get(start..).unwrap_or_default();
        let separator = format.separator.or(announced);
        let separator = separator.unwrap_or_else(|| recognize_separator(body));
        let (names, length) = names_in(body, separator).map_err(unusable)?;
        let decimal = match format.decimal {
            Some(decimal) => decimal,
            None => recognize_decimal(body, separator).map_err(unusable)?,
        };
        let path = path.to_owned();
        let rows_start = start + length;
        Ok(Self { path, text, rows_start, separator, decimal, encoding, names })
    }

    /// How it is written.
    #[must_use]
    pub fn format(&self) -> TableFormat {
        TableFormat {
            separator: char::from(self.separator),
            decimal: self.decimal.sign(),
            encoding: self.encoding,
        }
    }

    /// What messages call it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of its columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of the one column with this name.
    ///
    /// # Errors
    /// No such column, or several.
    pub fn place(&self, name: &str) -> Result<usize, DataError> {
        let mut found = self.names.iter().enumerate().filter(|(_, column)| *column == name);
        let reason = match (found.next(), found.next()) {
            (Some((place, _)), None) => return Ok(place),
            (Some(_), Some(_)) => format!("the column `{name}` occurs twice; rename one"),
            (None, _) => {
                let alike = self.names.iter().find(|column| column.eq_ignore_ascii_case(name));
                let advice =
                    alike.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                format!("no column `{name}`; its columns are {}{advice}", self.names.join(", "))
            }
        };
        Err(DataError::content(&self.path, reason))
    }

    /// The text of the names and above them, and that of the rows.
    pub(super) fn head_and_body(&self) -> (&str, &str) {
        self.text.split_at_checked(self.rows_start).unwrap_or((&self.text, ""))
    }

    /// The sign between cells.
    pub(super) const fn separator(&self) -> u8 {
        self.separator
    }
}

/// A first line such as `sep=;`, which spreadsheets write: where the next line begins, and the separator.
fn announced_separator(text: &str) -> (usize, Option<u8>) {
    let (line, length) = match text.split_once('\n') {
        Some((line, _)) => (line.trim_end(), line.len() + 1),
        None => return (0, None),
    };
    match line.trim_matches('"').as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign] => (length, Some(*sign)),
        _ => (0, None),
    }
}

/// The names in the first line, and the length of the text to its end.
fn names_in(text: &str, separator: u8) -> Result<(Vec<String>, usize), String> {
    let mut record = csv::StringRecord::new();
    let mut reader = reader(text, separator);
    match reader.read_record(&mut record) {
        Err(error) => return Err(format!("not a CSV file: {error}")),
        Ok(false) => return Err("empty; its first line must name the columns".to_owned()),
        Ok(true) => {}
    }
    let mut names: Vec<String> = record.iter().map(str::to_owned).collect();
    // Separators at the end of each line name nothing.
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    let is_number = |name: &String| {
        [DecimalSign::Point, DecimalSign::Comma].iter().any(|sign| number(name, *sign).is_some())
    };
    if names.is_empty() {
        return Err("its first line, which must name the columns, is empty".to_owned());
    }
    if names.iter().all(is_number) {
        return Err(format!(
            "its first line must name the columns, but has only numbers ({}); add a line of names, \
             such as {}",
            names.iter().take(4).cloned().collect::<Vec<_>>().join(", "),
            (1..=names.len().min(4)).map(|place| format!("x{place}")).collect::<Vec<_>>().join(",")
        ));
    }
    let length = usize::try_from(reader.position().byte()).unwrap_or(text.len());
    let (read, rest) = text.split_at_checked(length).unwrap_or((text, ""));
    // Of an end of line of two signs, only the first has been read.
    let second = usize::from(read.ends_with('\r') && rest.starts_with('\n'));
    Ok((names, length + second))
}
