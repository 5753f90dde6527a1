//! What the cells of a column stand for.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::cell::{boolean, days, is_missing};
use super::number::{DecimalSign, number};

/// What the cells of a column stand for, and so which number is the code of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cells {
    /// Numbers, which are their own codes.
    #[default]
    Number,
    /// Dates: days since 1970-01-01.
    Date,
    /// True or false, yes or no: 1 or 0.
    Boolean,
    /// Texts without an order; the code is the place in this list.
    Categories(Vec<String>),
    /// Texts from first to last; the code is the place in this list.
    Ordinal(Vec<String>),
}

impl Cells {
    /// Whether the cells are plain numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        *self == Self::Number
    }

    /// Whether the codes measure something, so that they can be scaled and averaged.
    #[must_use]
    pub const fn is_measure(&self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Ordinal(_))
    }

    /// The texts that cells may be, where they are a list.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Categories(texts) | Self::Ordinal(texts) => texts,
            Self::Number | Self::Date | Self::Boolean => &[],
        }
    }

    /// Whether lists can be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        let texts = self.texts();
        let listed = matches!(self, Self::Categories(_) | Self::Ordinal(_));
        if listed && texts.is_empty() {
            return Err("a list of categories is empty".to_owned());
        }
        for (place, text) in texts.iter().enumerate() {
            if text.chars().any(char::is_control) {
                return Err("a category contains control characters".to_owned());
            }
            if texts[..place].contains(text) {
                return Err(format!("the category `{text}` occurs twice"));
            }
        }
        Ok(())
    }
}

/// The codes of the cells of one column.
pub(super) struct Coder<'a> {
    cells: &'a Cells,
    places: HashMap<&'a str, f64>,
    decimal: DecimalSign,
}

/// Texts that a message names.
const MOST_NAMED: usize = 8;

impl<'a> Coder<'a> {
    pub(super) fn new(cells: &'a Cells, decimal: DecimalSign) -> Self {
        let places = (0_u32..).zip(cells.texts());
        let places = places.map(|(place, text)| (text.as_str(), f64::from(place))).collect();
        Self { cells, places, decimal }
    }

    /// The code of a cell; undefined where it is missing.
    ///
    /// # Errors
    /// What the cell is not.
    pub(super) fn code(&self, cell: &str) -> Result<f64, String> {
        // A category may be called as missing values are.
        if let Some(&place) = self.places.get(cell) {
            return Ok(place);
        }
        if is_missing(cell) {
            return Ok(f64::NAN);
        }
        let code = match self.cells {
            Cells::Number => number(cell, self.decimal),
            Cells::Date => days(cell),
            Cells::Boolean => boolean(cell).map(|value| if value { 1.0 } else { 0.0 }),
            Cells::Categories(_) | Cells::Ordinal(_) => None,
        };
        code.ok_or_else(|| self.not_one())
    }

    fn not_one(&self) -> String {
        match self.cells {
            Cells::Number => "is not a finite number".to_owned(),
            Cells::Date => "is not a date such as 2024-05-17".to_owned(),
            Cells::Boolean => "is neither true nor false".to_owned(),
            Cells::Categories(texts) | Cells::Ordinal(texts) => {
                let named: Vec<&str> = texts.iter().take(MOST_NAMED).map(String::as_str).collect();
                let more = if texts.len() > MOST_NAMED { ", ..." } else { "" };
                format!("is not one of {}{more}", named.join(", "))
            }
        }
    }
}
