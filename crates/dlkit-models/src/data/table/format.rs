//! How a table is written: between which signs cells stand, and how numbers look.

use std::fmt;

use encoding_rs::Encoding;
use serde::Serialize;

use super::number::{DecimalSign, looks_of_numbers};
use crate::value::Problem;

/// What is said of a table's format; what is not said is recognized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatConfig {
    pub(super) separator: Option<u8>,
    pub(super) decimal: Option<DecimalSign>,
    pub(super) encoding: Option<&'static Encoding>,
}

impl FormatConfig {
    /// Settings as recipes and options name them: a sign or `tab`, `.` or `,`, the label of an encoding.
    ///
    /// # Errors
    /// The key (`separator`, `decimal`, `encoding`), what was given and what is allowed.
    pub fn new(
        separator: Option<&str>,
        decimal: Option<&str>,
        encoding: Option<&str>,
    ) -> Result<Self, Problem> {
        let separator = separator.map(|given| {
            separator_of(given).ok_or_else(|| {
                let reason = format!(
                    "must be one sign such as \",\", \";\", \"|\" or \"tab\", and no letter, digit, \
                     quote or point; not \"{given}\""
                );
                Problem::new("separator", reason)
            })
        });
        let decimal = decimal.map(|given| match given {
            "." => Ok(DecimalSign::Point),
            "," => Ok(DecimalSign::Comma),
            _ => Err(Problem::new("decimal", format!("must be \".\" or \",\", not \"{given}\""))),
        });
        let encoding = encoding.map(|given| {
            Encoding::for_label(given.as_bytes()).ok_or_else(|| {
                let reason = format!(
                    "is not a known encoding: \"{given}\"; known are \"utf-8\", \"utf-16le\", \
                     \"windows-1252\", \"iso-8859-2\", \"shift_jis\", \"gbk\" and others of the WHATWG"
                );
                Problem::new("encoding", reason)
            })
        });
        let (separator, decimal) = (separator.transpose()?, decimal.transpose()?);
        if (separator, decimal) == (Some(b','), Some(DecimalSign::Comma)) {
            let reason = "cannot be \",\", as `separator` is \",\", too";
            return Err(Problem::new("decimal", reason));
        }
        Ok(Self { separator, decimal, encoding: encoding.transpose()? })
    }
}

fn separator_of(given: &str) -> Option<u8> {
    match given.as_bytes() {
        b"tab" | b"\\t" => Some(b'\t'),
        [sign] if matches!(sign, b'\t' | b' ') || sign.is_ascii_punctuation() => {
            (!matches!(sign, b'"' | b'.' | b'\'' | b'-' | b'+')).then_some(*sign)
        }
        _ => None,
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableFormat {
    /// Sign between cells.
    pub separator: char,
    /// Sign before the decimals of a number.
    pub decimal: char,
    /// Encoding of the text, by its name in the WHATWG's standard.
    pub encoding: &'static str,
}

impl fmt::Display for TableFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = match self.separator {
            '\t' => "tabs".to_owned(),
            ' ' => "spaces".to_owned(),
            sign => format!("\"{sign}\""),
        };
        let decimal = if self.decimal == ',' { ", decimal commas" } else { "" };
        write!(formatter, "separated by {separator}{decimal}, {}", self.encoding)
    }
}

impl TableFormat {
    /// Whether nothing about it needs words: commas, decimal points, UTF-8.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.separator == ',' && self.decimal == '.' && self.encoding == "UTF-8"
    }
}

/// Signs that are tried as separators, in the order in which they are preferred.
const SEPARATORS: [u8; 4] = *b",;\t|";
/// Records by which the separator and the decimal sign are recognized.
const EXAMINED: usize = 1_000;

/// Recognizes the separator: the sign that gives the first records the same number of cells, more than
/// one, and most of these. A file of one column has none of them: a comma.
pub(super) fn recognize_separator(text: &str) -> u8 {
    let shape = |separator: u8| {
        let mut lengths = records(text, separator).map(|record| record.len());
        let first = lengths.next().unwrap_or(0);
        let (mut equal, mut others) = (1_usize, 0_usize);
        for length in lengths {
            if length == first {
                equal += 1;
            } else {
                others += 1;
            }
        }
        (first, equal, others)
    };
    let shapes = SEPARATORS.map(|separator| (separator, shape(separator)));
    let tables =
        shapes.iter().filter(|(_, (columns, equal, others))| *columns > 1 && equal > others);
    // A sign that always gives the same number of cells is better than one that mostly does.
    let best = tables.max_by_key(|(separator, (columns, _, others))| {
        let preference = SEPARATORS.iter().rev().position(|sign| sign == separator);
        (*others == 0, *columns, preference)
    });
    let any = || {
        shapes
            .iter()
            .filter(|(_, (columns, ..))| *columns > 1)
            .max_by_key(|(_, (columns, ..))| *columns)
    };
    best.or_else(any).map_or(b',', |(separator, _)| *separator)
}

/// Recognizes the decimal sign by the cells of the first records.
///
/// # Errors
/// Numbers such as `1,234` alone, which may be either.
pub(super) fn recognize_decimal(text: &str, separator: u8) -> Result<DecimalSign, String> {
    let records = records(text, separator).skip(1);
    let cells = records.flat_map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>());
    looks_of_numbers(cells)
}

fn records(text: &str, separator: u8) -> impl Iterator<Item = csv::StringRecord> {
    let reader = reader(text, separator);
    reader.into_records().flatten().take(EXAMINED)
}

/// How records are read: none is a header, and they may have different lengths.
pub(super) fn options(separator: u8) -> csv::ReaderBuilder {
    let mut options = csv::ReaderBuilder::new();
    options.delimiter(separator).has_headers(false).flexible(true);
    options
}

/// A reader of records whose cells are trimmed.
pub(super) fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    options(separator).trim(csv::Trim::All).from_reader(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_recognized() {
        let recognized = |text| char::from(recognize_separator(text));
        assert_eq!(recognized("a,b\n1,2\n"), ',');
        assert_eq!(recognized("a;b;c\n1,5;2;3\n4,5;5;6\n"), ';');
        assert_eq!(recognized("a\tb\n1,5\t2\n"), '\t');
        assert_eq!(recognized("name|age\n\"x,y\"|3\n"), '|');
        assert_eq!(recognized("a,b\n\"1;2;3\",2\n"), ',');
        assert_eq!(recognized("price\n1\n2\n"), ',');
        assert_eq!(recognized("a,b,c\n1,2,3\n4,5\n"), ',');
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let error = |separator, decimal, encoding| {
            FormatConfig::new(separator, decimal, encoding).unwrap_err().to_string()
        };
        assert!(error(Some("ab"), None, None).starts_with("`separator` must be one sign"));
        assert!(error(Some("."), None, None).starts_with("`separator` must be one sign"));
        assert!(error(None, Some(";"), None).starts_with("`decimal` must be"));
        assert!(error(None, None, Some("latin9000")).starts_with("`encoding` is not a known"));
        assert!(error(Some(","), Some(","), None).starts_with("`decimal` cannot be"));
        let tabs = FormatConfig::new(Some("tab"), Some(","), Some("latin1")).unwrap();
        assert_eq!((tabs.separator, tabs.decimal), (Some(b'\t'), Some(DecimalSign::Comma)));
    }
}
