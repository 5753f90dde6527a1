//! What can be learned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::DataConfig;
use crate::value::Problem;

/// The task to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// One of several classes for each picture or row of a table.
    Classification,
    /// Colors for gray pictures.
    Colorization,
    /// One or several numbers for each row of a table.
    Regression,
}

impl Task {
    /// The task, as a recipe names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Colorization => "colorization",
            Self::Regression => "regression",
        }
    }

    /// The kinds of data it learns from.
    #[must_use]
    pub const fn data_kinds(self) -> &'static [&'static str] {
        match self {
            Self::Classification => &["mnist", "image-folder", "table"],
            Self::Colorization => &["photos"],
            Self::Regression => &["line", "table"],
        }
    }

    /// Refuses data of a kind that does not suit the task.
    pub(crate) fn check_data(self, data: &DataConfig) -> Result<(), Problem> {
        let kinds = self.data_kinds();
        if kinds.contains(&data.kind()) {
            return Ok(());
        }
        let kinds = kinds.iter().map(|kind| format!("\"{kind}\"")).collect::<Vec<_>>().join(" or ");
        Err(Problem::new(
            "data.kind",
            format!("is \"{}\", but `task` \"{}\" needs {kinds}", data.kind(), self.name()),
        ))
    }
}
