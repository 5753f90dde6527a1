//! Finds the key an error comes from.

use toml::{Table, Value};

use crate::value::explain::is_missing_key;

/// The keys by which a table says what it is.
const TAGS: [&str; 2] = ["type", "kind"];

/// Why a recipe cannot be read: a path (empty for the whole recipe) and serde's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) path: String,
    pub(super) message: String,
}

/// The path of the key a failure comes from.
///
/// serde reads a table with a tag as a whole, so a failure inside it carries only the path of the
/// outermost such table. The key at fault is the one without which the failure is gone.
pub(super) fn locate(
    recipe: &Table,
    failure: &Failure,
    read: impl Fn(Table) -> Result<(), Failure>,
) -> String {
    let mut path = failure.path.clone();
    while let Some(key) = key_at_fault(recipe, &path, failure, &read) {
        path = format!("{path}.{key}");
    }
    path
}

fn key_at_fault(
    recipe: &Table,
    path: &str,
    failure: &Failure,
    read: impl Fn(Table) -> Result<(), Failure>,
) -> Option<String> {
    let mut copy = recipe.clone();
    let table = table_at(&mut copy, path)?;
    if !TAGS.iter().any(|tag| table.contains_key(*tag)) {
        return None;
    }
    // Without another key that is required as well, the missing one would no longer be the first.
    let only_tables = is_missing_key(&failure.message);
    let keys: Vec<String> = table
        .iter()
        .filter(|(key, value)| !TAGS.contains(&key.as_str()) && (value.is_table() || !only_tables))
        .map(|(key, _)| key.clone())
        .collect();
    keys.into_iter().find(|key| {
        let mut without = recipe.clone();
        if let Some(table) = table_at(&mut without, path) {
            table.remove(key);
        }
        read(without).err().as_ref() != Some(failure)
    })
}

fn table_at<'a>(recipe: &'a mut Table, path: &str) -> Option<&'a mut Table> {
    let dotted = path.replace('[', ".").replace(']', "");
    let mut segments = dotted.split('.');
    let mut place = recipe.get_mut(segments.next()?)?;
    for segment in segments {
        place = match place {
            Value::Table(table) => table.get_mut(segment)?,
            Value::Array(array) => array.get_mut(segment.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    place.as_table_mut()
}
