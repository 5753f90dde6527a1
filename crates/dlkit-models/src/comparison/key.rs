//! What differs between recipes.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::runs::FoundRun;

/// The values of a recipe by dotted key, as `--set` names them.
pub(super) type Values = BTreeMap<String, String>;

/// Keys that do not distinguish recipes: groups pool all seeds, and the path of data says nothing
/// about its content.
pub(super) const LEFT_OUT: [&str; 2] = ["seed", "data.path"];
/// Stands for the data itself, by a few digits of its hash.
const DATA: &str = "data";

/// The values of the runs' recipes. A choice, such as an activation with its constants, is one
/// value: its kind and those constants that differ among runs of that kind.
pub(super) fn values(runs: &[&FoundRun]) -> Vec<Values> {
    let recipes: Vec<Recipe> = runs.iter().map(|run| Recipe::new(run)).collect();
    recipes
        .iter()
        .map(|recipe| {
            let choices = recipe.choices.iter().map(|(key, choice)| {
                let same_kind = recipes.iter().filter_map(|other| other.choices.get(key));
                let others: Vec<_> = same_kind.filter(|other| other.kind == choice.kind).collect();
                (key.clone(), choice.beside(&others))
            });
            recipe.plain.clone().into_iter().chain(choices).collect()
        })
        .collect()
}

/// A recipe by dotted key.
#[derive(Default)]
struct Recipe {
    plain: Values,
    choices: BTreeMap<String, Choice>,
}

/// A kind and its constants.
struct Choice {
    kind: String,
    constants: Values,
}

impl Recipe {
    fn new(run: &FoundRun) -> Self {
        let mut recipe = Self::default();
        if let Ok(value) = Value::try_from(run.experiment.config()) {
            recipe.take("", &value);
        }
        recipe.plain.retain(|key, _| !LEFT_OUT.contains(&key.as_str()));
        let digits = run.info.data_sha256.get(..8).unwrap_or_default();
        recipe.plain.insert(DATA.to_owned(), digits.to_owned());
        recipe
    }

    fn take(&mut self, prefix: &str, value: &Value) {
        let key = |part: &str| {
            if prefix.is_empty() { part.to_owned() } else { format!("{prefix}.{part}") }
        };
        match value {
            // The kind of the data decides which keys there are, but they count for themselves.
            Value::Table(table) if table.contains_key("kind") && prefix != DATA => {
                let constants = table.iter().filter(|(name, _)| *name != "kind");
                let choice = Choice {
                    kind: table.get("kind").map(text).unwrap_or_default(),
                    constants: constants.map(|(name, value)| (name.clone(), text(value))).collect(),
                };
                self.choices.insert(prefix.to_owned(), choice);
            }
            Value::Table(table) => {
                for (part, value) in table {
                    self.take(&key(part), value);
                }
            }
            Value::Array(array) if array.iter().any(Value::is_table) => {
                for (index, value) in array.iter().enumerate() {
                    self.take(&key(&index.to_string()), value);
                }
            }
            other => {
                self.plain.insert(prefix.to_owned(), text(other));
            }
        }
    }
}

impl Choice {
    fn beside(&self, others: &[&Self]) -> String {
        let constants = self.constants.iter().filter(|(name, value)| {
            others.iter().any(|other| other.constants.get(*name) != Some(*value))
        });
        let constants = constants.map(|(name, value)| format!("{name} {value}"));
        std::iter::once(self.kind.clone()).chain(constants).collect::<Vec<_>>().join(" ")
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The keys whose values are not the same in all recipes.
pub(super) fn differing_keys<'a>(
    recipes: impl IntoIterator<Item = &'a Values>,
) -> BTreeSet<String> {
    let recipes: Vec<&Values> = recipes.into_iter().collect();
    let keys: BTreeSet<&String> = recipes.iter().flat_map(|values| values.keys()).collect();
    let differs = |key: &&String| {
        let mut values = recipes.iter().map(|values| values.get(*key));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    keys.into_iter().filter(differs).cloned().collect()
}
