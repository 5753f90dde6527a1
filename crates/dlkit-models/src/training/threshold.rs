//! From which probability on the second of two classes is predicted.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::value::Problem;

/// From which probability on the second of two classes is predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ThresholdRule {
    /// From where the balanced accuracy on the validation part is highest.
    BalancedAccuracy,
    /// From where F1 of the second class on the validation part is highest.
    F1,
    /// From this probability on.
    At(f64),
}

const BALANCED_ACCURACY: &str = "balanced-accuracy";
const F1: &str = "f1";

impl ThresholdRule {
    pub(crate) fn check(self) -> Result<(), Problem> {
        match self {
            Self::At(value) if !(value > 0.0 && value < 1.0) => {
                let reason = format!("must be a probability above 0 and below 1, not {value}");
                Err(Problem::new("threshold", reason))
            }
            _ => Ok(()),
        }
    }
}

impl Serialize for ThresholdRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::BalancedAccuracy => serializer.serialize_str(BALANCED_ACCURACY),
            Self::F1 => serializer.serialize_str(F1),
            Self::At(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for ThresholdRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrNumber)
    }
}

struct NameOrNumber;

impl Visitor<'_> for NameOrNumber {
    type Value = ThresholdRule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"balanced-accuracy\", \"f1\" or a probability such as 0.3")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<ThresholdRule, E> {
        match name {
            BALANCED_ACCURACY => Ok(ThresholdRule::BalancedAccuracy),
            F1 => Ok(ThresholdRule::F1),
            _ => Err(E::invalid_value(Unexpected::Str(name), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<ThresholdRule, E> {
        Ok(ThresholdRule::At(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<ThresholdRule, E> {
        #[expect(clippy::cast_precision_loss, reason = "all but 0 and 1 are far out of range")]
        Ok(ThresholdRule::At(value as f64))
    }
}

impl JsonSchema for ThresholdRule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ThresholdRule".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "From which probability on the second of two classes is predicted.",
            "anyOf": [
                { "enum": [BALANCED_ACCURACY, F1] },
                { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            ],
        })
    }
}
