//! Sizes over height and width, written `3` or `[3, 5]`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// A size over `[height, width]`; one number stands for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Size along the height.
    pub height: usize,
    /// Size along the width.
    pub width: usize,
}

impl Pair {
    /// The same size in both directions.
    #[must_use]
    pub const fn square(size: usize) -> Self {
        Self { height: size, width: size }
    }

    /// `[height, width]`, in Burn's order.
    #[must_use]
    pub const fn to_array(self) -> [usize; 2] {
        [self.height, self.width]
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}", self.height, self.width)
    }
}

impl Serialize for Pair {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.height == self.width {
            self.height.serialize(serializer)
        } else {
            self.to_array().serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairVisitor)
    }
}

struct PairVisitor;

impl<'de> Visitor<'de> for PairVisitor {
    type Value = Pair;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a non-negative integer or [height, width]")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Pair, E> {
        usize::try_from(value)
            .map(Pair::square)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Pair, E> {
        usize::try_from(value)
            .map(Pair::square)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(value), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Pair, A::Error> {
        let mut next = |position| {
            sequence
                .next_element::<usize>()?
                .ok_or_else(|| A::Error::invalid_length(position, &"[height, width]"))
        };
        let pair = Pair { height: next(0)?, width: next(1)? };
        if sequence.next_element::<usize>()?.is_some() {
            return Err(A::Error::invalid_length(3, &"[height, width]"));
        }
        Ok(pair)
    }
}

impl JsonSchema for Pair {
    fn schema_name() -> Cow<'static, str> {
        "Pair".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One number for both directions, or [height, width].",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "array", "items": { "type": "integer", "minimum": 0 },
                  "minItems": 2, "maxItems": 2 },
            ],
        })
    }
}
