//! A column of a table and how it becomes input.

use serde::{Deserialize, Serialize};

use super::column::Column;
use crate::data::Cells;

/// A column of a table that is input of a network: its cells become codes, and these one or more inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Its name, and how codes that measure something are standardized.
    #[serde(flatten)]
    pub column: Column,
    /// What its cells stand for.
    #[serde(default, skip_serializing_if = "Cells::is_number")]
    pub cells: Cells,
    /// What stands for missing cells; none where they are errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
}

/// What stands for missing cells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// The code that stands for them.
    pub code: f64,
    /// Whether a further input is 1 where a cell is missing.
    pub indicator: bool,
}

impl Feature {
    /// A column of numbers, none of which may be missing.
    #[must_use]
    pub const fn number(column: Column) -> Self {
        Self { column, cells: Cells::Number, fill: None }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.column.name
    }

    /// The number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        let codes = match &self.cells {
            Cells::Categories(texts) => texts.len(),
            _ => 1,
        };
        codes + usize::from(self.fill.is_some_and(|fill| fill.indicator))
    }

    /// What each input stands for, such as `age`, `color = red` and `age is missing`.
    pub fn input_names(&self) -> impl Iterator<Item = String> {
        let name = self.name();
        let mut names = match &self.cells {
            Cells::Categories(texts) => {
                texts.iter().map(|text| format!("{name} = {text}")).collect()
            }
            _ => vec![name.to_owned()],
        };
        if self.fill.is_some_and(|fill| fill.indicator) {
            names.push(format!("{name} is missing"));
        }
        names.into_iter()
    }

    /// Adds the inputs of a code, which is undefined where the cell is missing.
    pub fn encode(&self, code: f64, inputs: &mut Vec<f32>) {
        let is_missing = code.is_nan();
        let code = match self.fill {
            Some(fill) if is_missing => fill.code,
            _ => code,
        };
        if let Cells::Categories(texts) = &self.cells {
            let places = (0_u32..).zip(texts).map(|(place, _)| f64::from(place));
            inputs.extend(places.map(|place| f32::from(u8::from(place.total_cmp(&code).is_eq()))));
        } else {
            inputs.push(self.column.scaled(code));
        }
        if self.fill.is_some_and(|fill| fill.indicator) {
            inputs.push(f32::from(u8::from(is_missing)));
        }
    }

    /// Whether it can be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.column.check()?;
        self.cells.check().map_err(|reason| format!("column `{}`: {reason}", self.name()))?;
        match self.fill {
            Some(fill) if !fill.code.is_finite() => Err(format!(
                "column `{}`: what stands for missing cells is not finite",
                self.name()
            )),
            _ => Ok(()),
        }
    }
}

/// The number of inputs of several features.
#[must_use]
pub fn inputs_of(features: &[Feature]) -> usize {
    features.iter().map(Feature::inputs).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_inputs() {
        let encoded = |feature: &Feature, code| {
            let mut inputs = Vec::new();
            feature.encode(code, &mut inputs);
            assert_eq!(
                (inputs.len(), feature.input_names().count()),
                (feature.inputs(), feature.inputs())
            );
            inputs
        };
        let column = Column { name: "age".into(), mean: 4.0, deviation: 2.0 };
        let fill = Some(Fill { code: 4.0, indicator: true });
        let age = Feature { fill, ..Feature::number(column.clone()) };
        assert_eq!((encoded(&age, 8.0), encoded(&age, f64::NAN)), (vec![2.0, 0.0], vec![0.0, 1.0]));
        let texts = ["blue", "red"].map(str::to_owned).to_vec();
        let color = Feature {
            column: Column::plain("color"),
            cells: Cells::Categories(texts),
            fill: Some(Fill { code: 1.0, indicator: false }),
        };
        assert_eq!(
            (encoded(&color, 0.0), encoded(&color, f64::NAN)),
            (vec![1.0, 0.0], vec![0.0, 1.0])
        );
        assert_eq!(color.input_names().collect::<Vec<_>>(), ["color = blue", "color = red"]);
    }

    #[test]
    fn plain_numbers_are_written_as_columns() {
        let column = Column { name: "age".into(), mean: 4.0, deviation: 2.0 };
        let plain = serde_json::to_string(&column).unwrap();
        assert_eq!(serde_json::to_string(&Feature::number(column.clone())).unwrap(), plain);
        assert_eq!(serde_json::from_str::<Feature>(&plain).unwrap(), Feature::number(column));
    }
}
