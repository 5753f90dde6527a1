//! Columns of a table as numbers.

use std::fmt;

use super::cells::{Cells, Coder};
use super::file::TableFile;
use super::rows::{Folded, Row};
use crate::data::error::DataError;
use crate::data::origin::Origins;

/// A column that is wanted, and what its cells stand for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its cells stand for.
    pub cells: &'a Cells,
    /// Whether cells may be missing.
    pub optional: bool,
}

/// Rows as numbers; rows with a bad cell are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coded {
    /// The codes of the wanted columns, row by row; undefined where a cell is missing.
    pub values: Vec<f64>,
    /// The number of each row that was kept, from 1, without the line of names.
    pub rows: Vec<usize>,
    /// The line in the file of each of these rows, from 1.
    pub lines: Vec<u64>,
    /// What is wrong with the others, by line.
    pub bad: Vec<BadCell>,
}

/// A cell, or a whole line, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The number of its row, from 1.
    pub row: usize,
    reason: String,
    is_missing: bool,
}

impl fmt::Display for BadCell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}{}", self.line, self.reason)
    }
}

/// Most cells that are named in one message.
const MOST_NAMED: usize = 20;

impl BadCell {
    /// What is wrong with a file, in one message.
    pub(crate) fn message(bad: &[Self]) -> Option<String> {
        let missing = bad.iter().any(|cell| cell.is_missing);
        let otherwise = bad.iter().any(|cell| !cell.is_missing);
        let remedy = match (missing, otherwise) {
            (true, false) => {
                "fill the cells in, or set data.missing = \"mean\", \"median\" or \"indicator\" for features"
            }
            _ => "correct or remove the row",
        };
        match bad {
            [] => None,
            [only] => Some(format!("{only}; {remedy}")),
            several => {
                let named = several.iter().take(MOST_NAMED).map(|cell| format!("\n  {cell}"));
                let more = several.len().saturating_sub(MOST_NAMED);
                let more = if more == 0 { String::new() } else { format!("\n  and {more} more") };
                let remedy = remedy.replace("the row", "the rows");
                Some(format!(
                    "{} cells cannot be used; {remedy}:{}{more}",
                    several.len(),
                    named.collect::<String>()
                ))
            }
        }
    }
}

impl Coded {
    /// Adds rows below `above` others.
    fn append(&mut self, further: Self, above: usize) {
        if above == 0 {
            *self = further;
            return;
        }
        self.values.extend(further.values);
        self.lines.extend(further.lines);
        self.rows.extend(further.rows.into_iter().map(|row| row + above));
        let bad = further.bad.into_iter().map(|cell| BadCell { row: cell.row + above, ..cell });
        self.bad.extend(bad);
    }

    /// The values and where they come from, if no row was left out.
    ///
    /// # Errors
    /// All bad cells.
    pub(crate) fn whole(self, file: &TableFile) -> Result<(Vec<f64>, Origins), DataError> {
        match BadCell::message(&self.bad) {
            None => {
                let places = self.rows.into_iter().zip(self.lines);
                Ok((self.values, Origins::of_rows(file.path(), places)))
            }
            Some(message) => Err(DataError::content(file.path(), message)),
        }
    }
}

impl TableFile {
    /// The wanted columns as numbers.
    ///
    /// # Errors
    /// A column that is missing or occurs twice; a file without rows.
    pub fn code(&self, wanted: &[Wanted<'_>]) -> Result<Coded, DataError> {
        let places: Vec<usize> =
            wanted.iter().map(|column| self.place(column.name)).collect::<Result<_, _>>()?;
        let coders: Vec<Coder<'_>> =
            wanted.iter().map(|column| Coder::new(column.cells, self.decimal)).collect();
        let folded = self.fold_rows(Coded::default, |coded, row| {
            let (line, number) = (row.line, row.number);
            let kept = coded.values.len();
            let bad = coded.bad.len();
            if let Some(reason) = self.misfit(&row) {
                coded.bad.push(BadCell { line, row: number, reason, is_missing: false });
                return;
            }
            for ((column, &place), coder) in wanted.iter().zip(&places).zip(&coders) {
                let cell = row.cell(place);
                let code = coder.code(cell);
                let is_missing = code.as_ref().is_ok_and(|code| code.is_nan());
                let reason = match code {
                    Ok(code) if column.optional || !is_missing => {
                        coded.values.push(code);
                        continue;
                    }
                    Ok(_) => "is missing".to_owned(),
                    Err(reason) => reason,
                };
                let reason = if is_missing && cell.is_empty() {
                    format!(", column `{}`: the cell is empty", column.name)
                } else {
                    format!(", column `{}`: \"{cell}\" {reason}", column.name)
                };
                coded.bad.push(BadCell { line, row: number, reason, is_missing });
            }
            if coded.bad.len() == bad {
                coded.rows.push(number);
                coded.lines.push(line);
            } else {
                coded.values.truncate(kept);
            }
        })?;
        let mut coded = Coded::default();
        let mut above = 0;
        for Folded { result, rows } in folded {
            coded.append(result, above);
            above += rows;
        }
        Ok(coded)
    }

    /// What is wrong with a row as a whole: fewer or more cells than names.
    fn misfit(&self, row: &Row<'_>) -> Option<String> {
        let (cells, names) = (row.len(), self.names().len());
        let further = row.cells().skip(names).any(|cell| !cell.is_empty());
        (cells < names || further).then(|| {
            format!(
                ": {cells} cells, but the first line names {names} columns; cells that contain the \
                 separator need quotes"
            )
        })
    }
}
