//! How much the samples of each class count.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::value::Problem;
use crate::value::number::float;
use crate::value::range::not_negative;

/// How much the samples of each class count in the cross-entropy: the loss of a batch is the sum of each
/// sample's loss times the weight of its class, over the sum of these weights.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// Every class counts as much as any other: `n / (k count)` for `n` training samples of `k` classes,
    /// `count` of them of the class (King and Zeng, 2001).
    Balanced,
    /// Weights by name; a class that is not named has weight 1.
    Named(BTreeMap<String, f64>),
}

/// The weights that follow the data.
const BALANCED: &str = "balanced";
/// What a recipe may say.
const ALLOWED: &str = "\"balanced\" or a table of weights by class name, such as { rare = 4.0 }";

impl ClassWeights {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let Self::Named(weights) = self else { return Ok(()) };
        if weights.is_empty() {
            return Err(Problem::new(
                "class_weights",
                format!("names no class; give {ALLOWED}, or remove it"),
            ));
        }
        weights.iter().try_for_each(|(class, &weight)| {
            not_negative(class, weight).map_err(|problem| problem.within("class_weights"))
        })
    }

    /// The weight of each class by `names`, of which there are `counts` training samples.
    ///
    /// # Errors
    /// A weight of a class that the data does not have; no training sample has a weight.
    pub(crate) fn of(&self, names: &[String], counts: &[usize]) -> Result<Vec<f64>, String> {
        let weights: Vec<f64> = match self {
            Self::Balanced => balanced(counts),
            Self::Named(given) => {
                if let Some(unknown) = given.keys().find(|class| !names.contains(class)) {
                    return Err(format!(
                        "training.class_weights: the data has no class `{unknown}`; its classes are {}",
                        names.join(", ")
                    ));
                }
                names.iter().map(|name| given.get(name).copied().unwrap_or(1.0)).collect()
            }
        };
        if weights.iter().zip(counts).all(|(&weight, &count)| weight == 0.0 || count == 0) {
            return Err(
                "training.class_weights: all training samples have weight 0; give at least \
                        one of their classes a weight above 0"
                    .to_owned(),
            );
        }
        Ok(weights)
    }
}

/// A class without samples has the weight 1, which only label smoothing uses.
fn balanced(counts: &[usize]) -> Vec<f64> {
    let total: usize = counts.iter().sum();
    let present = counts.iter().filter(|count| **count > 0).count();
    let weight = |&count: &usize| match count {
        0 => 1.0,
        _ => float(total) / (float(present) * float(count)),
    };
    counts.iter().map(weight).collect()
}

impl Serialize for ClassWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Balanced => serializer.serialize_str(BALANCED),
            Self::Named(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrWeights)
    }
}

struct NameOrWeights;

impl<'de> Visitor<'de> for NameOrWeights {
    type Value = ClassWeights;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(ALLOWED)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<ClassWeights, E> {
        if name == BALANCED {
            return Ok(ClassWeights::Balanced);
        }
        Err(E::invalid_value(Unexpected::Str(name), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClassWeights, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(ClassWeights::Named)
    }
}

impl JsonSchema for ClassWeights {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClassWeights".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How much the samples of each class count in the cross-entropy.",
            "anyOf": [
                { "const": BALANCED },
                { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 } },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["common", "rare"].map(str::to_owned).to_vec()
    }

    /// Of `sklearn.utils.class_weight.compute_class_weight("balanced", classes=np.unique(y), y=y)` for y of
    /// 153 zeros and 7 ones, and of 3, 5 and 2.
    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        for (counts, expected) in [
            (vec![153, 7], vec![0.522_875_816_993_464, 11.428_571_428_571_429]),
            (
                vec![3, 5, 2],
                vec![1.111_111_111_111_111_2, 0.666_666_666_666_666_6, 1.666_666_666_666_666_7],
            ),
            (vec![153, 0, 7], vec![0.522_875_816_993_464, 1.0, 11.428_571_428_571_429]),
        ] {
            let names: Vec<String> = (0..counts.len()).map(|class| class.to_string()).collect();
            let found = ClassWeights::Balanced.of(&names, &counts).unwrap();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    #[test]
    fn classes_that_are_not_named_count_once() {
        let named = |text: &str| {
            let table: BTreeMap<String, f64> = toml::from_str(text).unwrap();
            ClassWeights::Named(table)
        };
        assert_eq!(named("rare = 4.0").of(&names(), &[3, 5]).unwrap(), [1.0, 4.0]);
        let message = named("seldom = 4.0").of(&names(), &[3, 5]).unwrap_err();
        assert!(message.ends_with("no class `seldom`; its classes are common, rare"), "{message}");
        let message = named("common = 0.0").of(&names(), &[3, 0]).unwrap_err();
        assert!(message.contains("all training samples have weight 0"), "{message}");
        assert!(named("common = 0.0").of(&names(), &[3, 1]).is_ok());
        let message = named("rare = -1.0").check().unwrap_err().to_string();
        assert_eq!(message, "`class_weights.rare` must be a finite number, 0 or more, not -1");
        assert!(named("").check().unwrap_err().to_string().contains("names no class"));
    }
}
