//! What the columns of a table hold.

use std::collections::HashMap;

use serde::Serialize;

use super::cell::{boolean, days, is_missing};
use super::file::TableFile;
use super::number::number;
use crate::data::error::DataError;

/// What most cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Numbers.
    Number,
    /// Dates.
    Date,
    /// True and false.
    Boolean,
    /// Other texts.
    Text,
    /// All cells are missing.
    Empty,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survey {
    /// Its name.
    pub column: String,
    /// What most of its cells are.
    pub kind: Kind,
    /// Cells that are not missing.
    pub present: usize,
    /// Cells that are missing.
    pub missing: usize,
    /// Cells that are not of the kind.
    pub others: usize,
    /// The smallest and the largest number or date, in days since 1970-01-01.
    pub range: Option<(f64, f64)>,
    /// The different cells and how often each occurs, in order; none where there are more than
    /// [`MOST_DISTINCT`](Self::MOST_DISTINCT).
    pub distinct: Option<Vec<(String, usize)>>,
    /// Whether all numbers are whole.
    pub whole: bool,
}

impl Survey {
    /// Most different cells that are counted.
    pub const MOST_DISTINCT: usize = 1_000;

    /// The different cells, in order.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<String>> {
        let distinct = self.distinct.as_ref()?;
        Some(distinct.iter().map(|(text, _)| text.clone()).collect())
    }
}

/// Counts of one column.
#[derive(Default)]
struct Counter {
    numbers: usize,
    dates: usize,
    booleans: usize,
    texts: usize,
    missing: usize,
    numeric_range: Option<(f64, f64)>,
    date_range: Option<(f64, f64)>,
    fractions: usize,
    distinct: HashMap<String, usize>,
    is_full: bool,
}

fn widen(range: &mut Option<(f64, f64)>, value: f64) {
    let (least, largest) = range.get_or_insert((value, value));
    *least = least.min(value);
    *largest = largest.max(value);
}

impl Counter {
    fn count(&mut self, cell: &str, file: &TableFile) {
        if let Some(value) = number(cell, file.decimal) {
            self.numbers += 1;
            self.fractions += usize::from(value.fract() != 0.0);
            widen(&mut self.numeric_range, value);
        } else if is_missing(cell) {
            self.missing += 1;
            return;
        } else if let Some(value) = days(cell) {
            self.dates += 1;
            widen(&mut self.date_range, value);
        } else if boolean(cell).is_some() {
            self.booleans += 1;
        } else {
            self.texts += 1;
        }
        self.count_distinct(cell, 1);
    }

    fn count_distinct(&mut self, cell: &str, times: usize) {
        if self.is_full {
            return;
        }
        if let Some(count) = self.distinct.get_mut(cell) {
            *count += times;
        } else if self.distinct.len() == Survey::MOST_DISTINCT {
            self.fill();
        } else {
            self.distinct.insert(cell.to_owned(), times);
        }
    }

    /// There are too many different cells to count.
    fn fill(&mut self) {
        self.is_full = true;
        self.distinct = HashMap::new();
    }

    /// Adds what was counted in further rows.
    fn add(&mut self, further: Self) {
        self.numbers += further.numbers;
        self.dates += further.dates;
        self.booleans += further.booleans;
        self.texts += further.texts;
        self.missing += further.missing;
        self.fractions += further.fractions;
        for (range, further) in [
            (&mut self.numeric_range, further.numeric_range),
            (&mut self.date_range, further.date_range),
        ] {
            if let Some((least, largest)) = further {
                widen(range, least);
                widen(range, largest);
            }
        }
        if further.is_full {
            self.fill();
        }
        for (cell, times) in further.distinct {
            self.count_distinct(&cell, times);
        }
    }

    fn survey(self, column: String, file: &TableFile) -> Survey {
        let present = self.numbers + self.dates + self.booleans + self.texts;
        let (kind, of_kind) = if present == 0 {
            (Kind::Empty, 0)
        } else if 2 * self.numbers > present {
            (Kind::Number, self.numbers)
        } else if 2 * self.dates > present {
            (Kind::Date, self.dates)
        } else if self.booleans == present {
            (Kind::Boolean, present)
        } else {
            (Kind::Text, present)
        };
        let range = match kind {
            Kind::Number => self.numeric_range,
            Kind::Date => self.date_range,
            Kind::Boolean | Kind::Text | Kind::Empty => None,
        };
        let mut distinct: Vec<(String, usize)> = self.distinct.into_iter().collect();
        let value = |text: &str| number(text, file.decimal).unwrap_or(f64::INFINITY);
        distinct.sort_by(|(left, _), (right, _)| {
            value(left).total_cmp(&value(right)).then_with(|| left.cmp(right))
        });
        Survey {
            column,
            kind,
            present,
            missing: self.missing,
            others: present - of_kind,
            range,
            distinct: (!self.is_full).then_some(distinct),
            whole: self.fractions == 0,
        }
    }
}

impl TableFile {
    /// What each column holds, in the order of the names.
    ///
    /// # Errors
    /// A file without rows.
    pub fn survey(&self) -> Result<Vec<Survey>, DataError> {
        let start =
            || -> Vec<Counter> { self.names().iter().map(|_| Counter::default()).collect() };
        let folded = self.fold_rows(start, |counters, row| {
            for (counter, cell) in counters.iter_mut().zip(row.cells()) {
                counter.count(cell, self);
            }
        })?;
        let mut counters = start();
        for folded in folded {
            for (counter, further) in counters.iter_mut().zip(folded.result) {
                counter.add(further);
            }
        }
        let names = self.names().iter().cloned();
        Ok(names.zip(counters).map(|(name, counter)| counter.survey(name, self)).collect())
    }
}
