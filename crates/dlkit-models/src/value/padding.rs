//! Padding, written `"valid"`, `"same"`, `1` or `[1, 2]`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::value::pair::Pair;

/// Zeros around a map before a convolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// None.
    #[default]
    Valid,
    /// Zeros that keep the size at stride 1; an odd zero goes to the bottom and the right.
    Same,
    /// A number of pixels on each side.
    Pixels(Pair),
}

impl Serialize for Padding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Valid => serializer.serialize_str("valid"),
            Self::Same => serializer.serialize_str("same"),
            Self::Pixels(pixels) => pixels.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Padding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PaddingVisitor)
    }
}

struct PaddingVisitor;

impl<'de> Visitor<'de> for PaddingVisitor {
    type Value = Padding;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("\"valid\", \"same\", a number of pixels or [height, width]")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Padding, E> {
        match name {
            "valid" => Ok(Padding::Valid),
            "same" => Ok(Padding::Same),
            other => Err(E::unknown_variant(other, &["valid", "same"])),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Padding, E> {
        Pair::deserialize(value.into_deserializer()).map(Padding::Pixels)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Padding, E> {
        Pair::deserialize(value.into_deserializer()).map(Padding::Pixels)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Padding, A::Error> {
        Pair::deserialize(serde::de::value::SeqAccessDeserializer::new(sequence))
            .map(Padding::Pixels)
    }
}

impl JsonSchema for Padding {
    fn schema_name() -> Cow<'static, str> {
        "Padding".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let pixels = generator.subschema_for::<Pair>();
        json_schema!({ "anyOf": [{ "enum": ["valid", "same"] }, pixels] })
    }
}
