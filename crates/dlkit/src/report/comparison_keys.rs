//! Columns for the keys that distinguish groups of runs.

use std::fmt::Write;

use dlkit_models::comparison::Comparison;

/// Maximum number of key columns; further keys share one column.
const MOST_COLUMNS: usize = 4;
/// Networks that differ in more keys share one column, with a letter for each network.
const MOST_LAYER_KEYS: usize = 2;
/// Keys that belong to a layer.
const LAYERS: &str = "network.layers.";

/// Keys with their own column, and keys that share one.
pub(super) struct KeyColumns {
    shown: Vec<usize>,
    folded: Vec<usize>,
    /// Letter of each group; groups with the same letter agree in the folded keys.
    letters: Vec<String>,
}

impl KeyColumns {
    /// Chooses the columns of a comparison. Folds keys of layers if there are many, then the keys beyond the
    /// maximum number of columns.
    pub(super) fn new(comparison: &Comparison) -> Self {
        let keys = &comparison.keys;
        let is_layer = |index: &usize| keys[*index].starts_with(LAYERS);
        let (layers, mut shown): (Vec<usize>, Vec<usize>) = (0..keys.len()).partition(is_layer);
        let mut folded = Vec::new();
        if layers.len() > MOST_LAYER_KEYS {
            folded = layers;
        } else {
            shown.extend(layers);
            shown.sort_unstable();
        }
        if shown.len() > MOST_COLUMNS {
            folded.extend(shown.split_off(MOST_COLUMNS));
        }
        folded.sort_unstable();
        let mut kinds: Vec<Vec<&String>> = Vec::new();
        let mut letters = Vec::new();
        for group in &comparison.groups {
            let kind: Vec<&String> = folded.iter().map(|index| &group.values[*index]).collect();
            let known = kinds.iter().position(|other| *other == kind);
            let place = known.unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            letters.push(letter_of(place));
        }
        Self { shown, folded, letters }
    }

    /// Names of the columns.
    pub(super) fn heads(&self, comparison: &Comparison) -> impl Iterator<Item = String> + use<> {
        let mut heads: Vec<String> =
            self.shown.iter().map(|index| comparison.keys[*index].clone()).collect();
        heads.extend(self.folded_name(comparison).map(str::to_owned));
        heads.into_iter()
    }

    /// Cells of a group.
    pub(super) fn values(&self, comparison: &Comparison, group: usize) -> Vec<String> {
        let values = &comparison.groups[group].values;
        let mut cells: Vec<String> =
            self.shown.iter().map(|index| values[*index].clone()).collect();
        if !self.folded.is_empty() {
            cells.push(self.letters[group].clone());
        }
        cells
    }

    /// Name of a group: the last part of each key with its value.
    pub(super) fn name(&self, comparison: &Comparison, group: usize) -> String {
        let values = &comparison.groups[group].values;
        let mut parts: Vec<String> = Vec::new();
        for index in &self.shown {
            let (key, value) = (&comparison.keys[*index], &values[*index]);
            let last = key.rsplit('.').next().unwrap_or(key);
            let is_plain = value == "true" || value == "false" || value.parse::<f64>().is_ok();
            parts.push(if is_plain { format!("{last} {value}") } else { value.clone() });
        }
        if let Some(name) = self.folded_name(comparison) {
            parts.push(format!("{name} {}", self.letters[group]));
        }
        if parts.is_empty() { "all runs".to_owned() } else { parts.join(", ") }
    }

    /// Note on the folded keys.
    pub(super) fn note(&self, comparison: &Comparison) -> Option<String> {
        const NAMED: usize = 3;
        let name = self.folded_name(comparison)?;
        let keys: Vec<&str> =
            self.folded.iter().map(|index| comparison.keys[*index].as_str()).collect();
        let mut named = keys.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if keys.len() > NAMED {
            // Writing to a string never fails.
            let _ = write!(named, " and {} more", keys.len() - NAMED);
        }
        Some(format!(
            "{name} differs in {named}; --json lists all values, and --by KEY gives a key its own column"
        ))
    }

    fn folded_name(&self, comparison: &Comparison) -> Option<&'static str> {
        let keys = || self.folded.iter().map(|index| &comparison.keys[*index]);
        match keys().next() {
            None => None,
            Some(_) if keys().all(|key| key.starts_with("network.")) => Some("network"),
            Some(_) => Some("recipe"),
        }
    }
}

/// Letters A to Z, then numbers.
fn letter_of(place: usize) -> String {
    match u8::try_from(place) {
        Ok(place @ 0..26) => char::from(b'A' + place).to_string(),
        _ => (place + 1).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use dlkit_models::comparison::{Group, Metric};

    use super::*;

    fn comparison(keys: &[&str], groups: &[&[&str]]) -> Comparison {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let group = |values: &&[&str]| Group {
            values: owned(values),
            runs: Vec::new(),
            mean: 0.5,
            deviation: None,
            best: 0.5,
            seconds: 1.0,
            parameters: 1..=1,
            difference: None,
        };
        Comparison {
            metric: Metric::new("train_loss"),
            keys: owned(keys),
            mixed: Vec::new(),
            groups: groups.iter().map(group).collect(),
        }
    }

    #[test]
    fn other_networks_are_one_column() {
        let keys =
            ["network.layers.0.type", "network.layers.0.units", "network.layers.1.units", "seed"];
        let groups: [&[&str]; 3] =
            [&["dense", "8", "4", "1"], &["conv2d", "-", "4", "1"], &["dense", "8", "4", "2"]];
        let comparison = comparison(&keys, &groups);
        let columns = KeyColumns::new(&comparison);
        assert_eq!(columns.heads(&comparison).collect::<Vec<_>>(), ["seed", "network"]);
        let values = [0, 1, 2].map(|group| columns.values(&comparison, group).join(" "));
        assert_eq!(values, ["1 A", "1 B", "2 A"]);
        assert_eq!(columns.name(&comparison, 1), "seed 1, network B");
        let note = columns.note(&comparison).unwrap();
        assert!(note.starts_with("network differs in network.layers.0.type, "), "{note}");
    }

    #[test]
    fn few_keys_have_a_column_each_and_many_are_folded() {
        let few = comparison(&["network.layers.0.units", "a"], &[&["8", "x"]]);
        let columns = KeyColumns::new(&few);
        assert_eq!(columns.heads(&few).collect::<Vec<_>>(), few.keys);
        assert_eq!(columns.note(&few), None);
        let many = comparison(&["a", "b", "c", "d", "e", "f"], &[&["1", "2", "3", "4", "5", "6"]]);
        let columns = KeyColumns::new(&many);
        assert_eq!(columns.heads(&many).collect::<Vec<_>>(), ["a", "b", "c", "d", "recipe"]);
        assert!(columns.note(&many).unwrap().starts_with("recipe differs in e, f; "));
    }
}
