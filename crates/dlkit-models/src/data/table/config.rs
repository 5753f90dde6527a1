//! The `[data]` table of a recipe with `kind = "table"`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::format::FormatConfig;
use super::selection::{Names, Selection};
use crate::value::Problem;

/// Columns of a CSV file; its first line names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableConfig {
    /// Path of the file, relative to the working directory, else to the recipe.
    pub path: PathBuf,
    /// Columns that are the network's input: a list of names, or "all" for every column that is neither
    /// the target nor named by `group` or `exclude`.
    #[serde(default)]
    pub features: Selection,
    /// Column to predict: the class of a classification, the number of a regression, which may also be a
    /// list of several.
    pub target: Names,
    /// Columns that `features = "all"` leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Columns of numbers that are names, such as postal codes: each value becomes an input of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What happens to empty cells, `NA`, `NaN`, `null` and `?` in features.
    #[serde(default, skip_serializing_if = "MissingRule::is_error")]
    pub missing: MissingRule,
    /// Column whose rows with equal cells stay together: all in training, validation or test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Sign between cells [default: recognized].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Sign before the decimals of a number, "." or "," [default: recognized].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// Encoding of the text, such as "utf-8" or "windows-1252" [default: recognized].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Seed of the test part.
    #[serde(default = "seed")]
    pub seed: u64,
    /// Test part: a share below 1, or a number of rows. 0 for none.
    #[serde(default = "test")]
    pub test: f64,
    /// Validation part of the remaining rows, chosen by the recipe's seed: a share below 1, or a
    /// number of rows. 0 for none.
    #[serde(default = "validation")]
    pub validation: f64,
    /// Whether columns of numbers are scaled to mean 0 and standard deviation 1 over the training rows.
    #[serde(default = "standardise")]
    pub standardise: bool,
    /// Columns of text with an order, and their texts from first to last; such a column is one input.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ordinal: BTreeMap<String, Vec<String>>,
}

/// What happens to missing cells of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingRule {
    /// They are errors.
    #[default]
    Error,
    /// The mean of the training rows stands for them; of text, the most frequent.
    Mean,
    /// The median of the training rows stands for them; of text, the most frequent.
    Median,
    /// As `mean`, with a further input that is 1 where the cell is missing.
    Indicator,
}

impl MissingRule {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn is_error(&self) -> bool {
        *self == Self::Error
    }
}

const fn seed() -> u64 {
    1
}

const fn test() -> f64 {
    0.2
}

const fn validation() -> f64 {
    0.1
}

const fn standardise() -> bool {
    true
}

impl TableConfig {
    /// A table with the defaults of all other keys.
    #[must_use]
    pub fn new(path: PathBuf, features: Selection, target: Names) -> Self {
        Self {
            path,
            features,
            target,
            exclude: Vec::new(),
            categories: Vec::new(),
            missing: MissingRule::default(),
            group: None,
            separator: None,
            decimal: None,
            encoding: None,
            seed: seed(),
            test: test(),
            validation: validation(),
            standardise: standardise(),
            ordinal: BTreeMap::new(),
        }
    }

    /// How the file is written, where the recipe says so.
    ///
    /// # Errors
    /// Settings that mean nothing.
    pub fn format(&self) -> Result<FormatConfig, Problem> {
        FormatConfig::new(
            self.separator.as_deref(),
            self.decimal.as_deref(),
            self.encoding.as_deref(),
        )
    }

    pub(crate) fn check(&self) -> Result<(), Problem> {
        if let Selection::Named(features) = &self.features {
            if features.is_empty() {
                let reason = "is empty; name at least one column, or write features = \"all\"";
                return Err(Problem::new("features", reason));
            }
            no_name_twice("features", features)?;
            if !self.exclude.is_empty() {
                let reason =
                    "is for features = \"all\"; leave it out, as `data.features` is a list";
                return Err(Problem::new("exclude", reason));
            }
        }
        let Names(targets) = &self.target;
        if targets.is_empty() {
            return Err(Problem::new("target", "is empty; name at least one column"));
        }
        no_name_twice("target", targets)?;
        self.check_purposes()?;
        for (name, order) in &self.ordinal {
            if order.len() < 2 {
                let reason = "needs at least two texts, from first to last";
                return Err(Problem::new(format!("ordinal.{name}"), reason));
            }
            no_name_twice(&format!("ordinal.{name}"), order)?;
            if self.categories.contains(name) {
                let reason = format!("contains \"{name}\", which `data.ordinal` has, too");
                return Err(Problem::new("categories", reason));
            }
        }
        self.format().map(drop)
    }

    /// Refuses a column with two purposes.
    fn check_purposes(&self) -> Result<(), Problem> {
        let features = match &self.features {
            Selection::All => &[][..],
            Selection::Named(features) => features,
        };
        for target in &self.target.0 {
            if features.contains(target) {
                let reason = format!("is \"{target}\", which is also one of `data.features`");
                return Err(Problem::new("target", reason));
            }
            if self.exclude.contains(target) {
                let reason = format!("contains \"{target}\", which is the target");
                return Err(Problem::new("exclude", reason));
            }
        }
        match &self.group {
            Some(group) if features.contains(group) || self.target.0.contains(group) => {
                let reason = format!("is \"{group}\", which is also a feature or the target");
                Err(Problem::new("group", reason))
            }
            _ => Ok(()),
        }
    }
}

fn no_name_twice(key: &str, names: &[String]) -> Result<(), Problem> {
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return Err(Problem::new(key, format!("contains \"{name}\" twice")));
        }
    }
    Ok(())
}
