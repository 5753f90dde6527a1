//! What a classifier is given.

use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::picture_input::PictureInput;

/// What a classifier is given, and how it becomes network input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ClassifierInput {
    /// Rows of a table.
    Table {
        /// The features, in the order of the inputs.
        features: Vec<Feature>,
        /// The column that names the class.
        target: String,
    },
    /// Pictures.
    Pictures(PictureInput),
}

impl From<PictureInput> for ClassifierInput {
    fn from(input: PictureInput) -> Self {
        Self::Pictures(input)
    }
}

impl ClassifierInput {
    /// How pictures become input, where input is pictures.
    #[must_use]
    pub const fn pictures(&self) -> Option<PictureInput> {
        match self {
            Self::Pictures(input) => Some(*input),
            Self::Table { .. } => None,
        }
    }
}
