//! What a regression predicts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::column::Column;

/// The columns that a regression predicts, in the order of the outputs. One is written as a table, several
/// as a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets(pub Vec<Column>);

impl Targets {
    /// Their names, with commas.
    #[must_use]
    pub fn names(&self) -> String {
        self.0.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Column),
    Many(Vec<Column>),
}

impl Serialize for Targets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [only] => only.serialize(serializer),
            columns => columns.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Targets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(column) => Self(vec![column]),
            OneOrMany::Many(columns) => Self(columns),
        })
    }
}
