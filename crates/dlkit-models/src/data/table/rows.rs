//! The rows of a table, read by several threads.

use std::iter::successors;

use rayon::prelude::*;

use super::file::TableFile;
use super::format::options;
use crate::data::error::DataError;

/// Least bytes of the lines that a thread reads at once.
const STRETCH: usize = 1 << 22;

/// A line of data.
pub(super) struct Row<'a> {
    record: &'a csv::StringRecord,
    /// Its line in the file, from 1.
    pub(super) line: u64,
    /// Its number among the rows of its stretch, from 1.
    pub(super) number: usize,
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

/// Lines in sequence: their text and how many lines of the file are above them.
struct Stretch<'a> {
    text: &'a str,
    above: u64,
}

/// What the rows of a stretch came to, and how many there are.
pub(super) struct Folded<T> {
    pub(super) result: T,
    pub(super) rows: usize,
}

impl TableFile {
    /// Gives each line of data to `each`, which adds it to what `start` began; lines without any content are left
    /// out. There is a result for each stretch of lines, in order. Stretches depend on the file alone.
    ///
    /// # Errors
    /// A file without such lines.
    pub(super) fn fold_rows<T: Send>(
        &self,
        start: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, Row<'_>) + Sync,
    ) -> Result<Vec<Folded<T>>, DataError> {
        let fold = |stretch: &Stretch<'_>| {
            let mut folded = Folded { result: start(), rows: 0 };
            // Cells are trimmed where they are read, as the reader would copy each record for it.
            let mut reader = options(self.separator()).from_reader(stretch.text.as_bytes());
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record)? {
                if record.iter().all(|cell| cell.trim().is_empty()) {
                    continue;
                }
                folded.rows += 1;
                let place = record.position();
                let line = place.map_or(0, |place| line_of(stretch.text, place)) + stretch.above;
                each(&mut folded.result, Row { record: &record, line, number: folded.rows });
            }
            Ok(folded)
        };
        let folded: Result<Vec<_>, csv::Error> = self.stretches().par_iter().map(fold).collect();
        let folded = folded
            .map_err(|error| DataError::content(self.path(), format!("not a CSV file: {error}")))?;
        if folded.iter().all(|folded| folded.rows == 0) {
            return Err(DataError::content(self.path(), "no rows below the line of names"));
        }
        Ok(folded)
    }

    /// The lines below the names; one stretch where quotes may hold ends of lines.
    fn stretches(&self) -> Vec<Stretch<'_>> {
        let (head, body) = self.head_and_body();
        let least = if body.contains('"') { usize::MAX } else { STRETCH };
        let above = |text: &str| text.bytes().map(|byte| u64::from(byte == b'\n')).sum::<u64>();
        let first = split_after_line(body, least);
        let cuts = successors(Some((above(head), first)), |(lines, (text, rest))| {
            let next = (lines + above(text), split_after_line(rest, least));
            (!rest.is_empty()).then_some(next)
        });
        cuts.map(|(above, (text, _))| Stretch { text, above }).collect()
    }

    /// The cells of a column, one for each row.
    ///
    /// # Errors
    /// A file without rows.
    pub fn texts(&self, place: usize) -> Result<Vec<String>, DataError> {
        let folded =
            self.fold_rows(Vec::new, |texts, row| texts.push(row.cell(place).to_owned()))?;
        Ok(folded.into_iter().flat_map(|folded| folded.result).collect())
    }
}

/// The line of a record: the reader names the place where it began to look, which may be blank lines above.
fn line_of(text: &str, place: &csv::Position) -> u64 {
    let start = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let blank = blank.filter(|byte| **byte == b'\n').count();
    place.line() + u64::try_from(blank).unwrap_or(0)
}

/// Divides a text after the line that reaches `least` bytes.
fn split_after_line(text: &str, least: usize) -> (&str, &str) {
    let beyond = text.as_bytes().get(least..).unwrap_or_default();
    let end = beyond.iter().position(|&byte| byte == b'\n');
    end.and_then(|end| text.split_at_checked(least + end + 1)).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::data::table::FormatConfig;

    fn file(text: String) -> TableFile {
        let format = FormatConfig::default();
        TableFile::of_bytes(Path::new("t.csv"), text.into_bytes(), format).unwrap()
    }

    /// The line and the first cell of each row, and the number of stretches.
    fn rows(file: &TableFile) -> (Vec<(u64, String)>, usize) {
        let folded = file.fold_rows(Vec::new, |rows, row| {
            rows.push((row.line, row.cell(0).to_owned()));
        });
        let folded = folded.unwrap();
        let stretches = folded.len();
        (folded.into_iter().flat_map(|folded| folded.result).collect(), stretches)
    }

    #[test]
    fn long_files_are_read_in_stretches_and_short_ones_at_once() {
        for end in ["\n", "\r\n"] {
            let short = file(format!("a,b{end}1,2{end}{end}3,4"));
            let expected = vec![(2, "1".to_owned()), (4, "3".to_owned())];
            assert_eq!(rows(&short), (expected, 1));
            let filler = "é".repeat(STRETCH / 64);
            let lines = (0..100).map(|row| format!("{row},{filler}{end}"));
            let long = format!("a,b{end}{}", lines.collect::<String>());
            let expected: Vec<_> = (0..100).map(|row| (row + 2, row.to_string())).collect();
            let quoted = long.replacen("é", "\"", 2);
            let (found, stretches) = rows(&file(long));
            assert_eq!(found, expected);
            assert_eq!(stretches, 4);
            assert_eq!(rows(&file(quoted)).1, 1);
        }
    }
}
