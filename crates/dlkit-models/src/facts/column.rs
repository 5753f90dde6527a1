//! A column and how it is standardized.

use crate::value::number::float;
use serde::{Deserialize, Serialize};

/// A column of numbers: the network gets `(value - mean) / deviation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Subtracted first; 0 where nothing is standardized.
    pub mean: f64,
    /// Divides what is left; 1 where nothing is standardized.
    pub deviation: f64,
}

impl Column {
    /// A column without standardization.
    #[must_use]
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), mean: 0.0, deviation: 1.0 }
    }

    /// A column standardized by the mean and population standard deviation of these values. Equal
    /// values get the deviation 1.
    #[must_use]
    pub fn standardized(name: impl Into<String>, values: &[f64]) -> Self {
        let count = float(values.len().max(1));
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        Self { name: name.into(), mean, deviation }
    }

    /// A value as the network gets it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "networks take f32")]
    pub fn scaled(&self, value: f64) -> f32 {
        ((value - self.mean) / self.deviation) as f32
    }

    /// What a value of the network stands for.
    #[must_use]
    pub fn unscaled(&self, value: f32) -> f64 {
        f64::from(value) * self.deviation + self.mean
    }

    /// Whether the numbers can be used.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { name, mean, deviation } = self;
        if name.chars().any(char::is_control) {
            return Err("a column name contains control characters".to_owned());
        }
        if mean.is_finite() && deviation.is_finite() && *deviation > 0.0 {
            return Ok(());
        }
        Err(format!(
            "column `{name}`: mean {mean} and deviation {deviation} must be finite, and the \
             deviation above 0"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_standardized_and_brought_back() {
        let column = Column::standardized("a", &[1.0, 3.0, 5.0, 7.0]);
        assert!((column.mean - 4.0).abs() + (column.deviation - 5.0_f64.sqrt()).abs() < 1e-12);
        assert!((column.unscaled(column.scaled(6.5)) - 6.5).abs() < 1e-6);
        let constant = Column::standardized("b", &[2.0, 2.0]);
        assert_eq!((constant.mean, constant.deviation), (2.0, 1.0));
        assert!(Column { deviation: 0.0, ..constant }.check().is_err());
    }
}
