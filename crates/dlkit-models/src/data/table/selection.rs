//! Names of columns, written short or long.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

/// Columns that are the input: `"all"`, or a list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// All columns that have no other purpose.
    #[default]
    All,
    /// These, in this order.
    Named(Vec<String>),
}

/// How all columns are named in a recipe.
const ALL: &str = "all";

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => ALL.serialize(serializer),
            Self::Named(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(NamesVisitor("\"all\" or a list of column names"))? {
            Given::List(names) => Ok(Self::Named(names)),
            Given::One(name) if name == ALL => Ok(Self::All),
            Given::One(name) => Err(D::Error::invalid_value(
                Unexpected::Str(&name),
                &"\"all\" or a list of column names, such as [\"width\", \"height\"]",
            )),
        }
    }
}

impl JsonSchema for Selection {
    fn schema_name() -> Cow<'static, str> {
        "Selection".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "\"all\", or a list of column names.",
            "oneOf": [
                { "const": ALL },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}

/// One or several names: `"price"` or `["price", "rent"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [only] => only.serialize(serializer),
            names => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given =
            deserializer.deserialize_any(NamesVisitor("a column name or a list of them"))?;
        Ok(match given {
            Given::One(name) => Self(vec![name]),
            Given::List(names) => Self(names),
        })
    }
}

impl JsonSchema for Names {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A column name, or a list of them.",
            "oneOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            ],
        })
    }
}

enum Given {
    One(String),
    List(Vec<String>),
}

/// Reads a string or a list of strings; holds what is expected.
struct NamesVisitor(&'static str);

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Given;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Given, E> {
        Ok(Given::One(name.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Given, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = sequence.next_element()? {
            names.push(name);
        }
        Ok(Given::List(names))
    }
}
