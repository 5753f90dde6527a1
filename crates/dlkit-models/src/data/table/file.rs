//! A CSV file, read as text, with the names of its columns.

use std::path::{Path, PathBuf};

use dlkit_files::regular::{LARGEST_SAMPLES, read_regular};

use super::encoding::{Decoded, decode};
use super::format::{
    FormatConfig, TableFormat, options, reader, recognize_decimal, recognize_separator,
};
use super::number::{DecimalSign, number};
use crate::data::error::DataError;

/// A CSV file, whose first line names the columns.
pub struct TableFile {
    path: PathBuf,
    text: String,
    /// Where the line of names begins.
    start: usize,
    separator: u8,
    pub(super) decimal: DecimalSign,
    encoding: &'static str,
    names: Vec<String>,
}

/// A line of data.
pub(super) struct Row<'a> {
    record: &'a csv::StringRecord,
    /// Its line in the file, from 1.
    pub(super) line: u64,
}

impl<'a> Row<'a> {
    /// Its cells, without the spaces around them.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'a str> {
        self.record.iter().map(str::trim)
    }

    /// One of its cells; an empty one beyond the last.
    pub(super) fn cell(&self, place: usize) -> &'a str {
        self.record.get(place).unwrap_or_default().trim()
    }

    /// The number of its cells.
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }
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
        let names = names_in(body, separator).map_err(unusable)?;
        let decimal = match format.decimal {
            Some(decimal) => decimal,
            None => recognize_decimal(body, separator).map_err(unusable)?,
        };
        Ok(Self { path: path.to_owned(), start, separator, decimal, encoding, names, text })
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

    /// Gives each line of data to `each`, in order; lines without any content are left out.
    ///
    /// # Errors
    /// A file without such lines.
    pub(super) fn each_row(&self, mut each: impl FnMut(Row<'_>)) -> Result<(), DataError> {
        let body = self.text.get(self.start..).unwrap_or_default();
        let above = self.text.get(..self.start).map_or(0, |text| text.matches('\n').count());
        let above = u64::try_from(above).unwrap_or(0);
        // Cells are trimmed where they are read, as the reader would copy each record for it.
        let mut reader = options(self.separator).from_reader(body.as_bytes());
        let mut record = csv::StringRecord::new();
        let damaged = |error| DataError::content(&self.path, format!("not a CSV file: {error}"));
        let (mut is_header, mut rows) = (true, 0_u64);
        while reader.read_record(&mut record).map_err(damaged)? {
            if std::mem::take(&mut is_header) || record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            rows += 1;
            let line = record.position().map_or(0, |place| line_of(body, place)) + above;
            each(Row { record: &record, line });
        }
        if rows == 0 {
            return Err(DataError::content(&self.path, "no rows below the line of names"));
        }
        Ok(())
    }

    /// The cells of a column, one for each row.
    ///
    /// # Errors
    /// A file without rows.
    pub fn texts(&self, place: usize) -> Result<Vec<String>, DataError> {
        let mut texts = Vec::new();
        self.each_row(|row| texts.push(row.cell(place).to_owned()))?;
        Ok(texts)
    }
}

/// The line of a record: the reader names the place where it began to look, which may be blank lines above.
fn line_of(body: &str, place: &csv::Position) -> u64 {
    let start = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = body.as_bytes().get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let blank = blank.filter(|byte| **byte == b'\n').count();
    place.line() + u64::try_from(blank).unwrap_or(0)
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

/// The names in the first line.
fn names_in(text: &str, separator: u8) -> Result<Vec<String>, String> {
    let mut record = csv::StringRecord::new();
    let read = reader(text, separator).read_record(&mut record);
    match read {
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
    Ok(names)
}
