//! What is wrong with a recipe: everything, as far as one error does not follow from another.

use toml::{Table, Value};

use super::experiment::{Experiment, ExperimentConfig};
use super::locate::{Failure, locate};
use crate::network::{LayerSpec, NetworkError};
use crate::value::explain::{explain, is_missing_key};

/// A key that is unknown, missing, of the wrong type or out of range.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// The key; of a missing one, the table that lacks it.
    pub(super) key: String,
    pub(super) message: String,
    /// The layers before the failing one, if the network does not fit together.
    pub(super) before: Vec<LayerSpec>,
    is_missing: bool,
}

impl From<NetworkError> for Fault {
    fn from(error: NetworkError) -> Self {
        let (key, message) = (error.problem.key.clone(), error.problem.to_string());
        Self { key, message, before: error.before, is_missing: false }
    }
}

/// The experiment of a recipe.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn experiment_of(recipe: &Table) -> Result<Experiment, Fault> {
    Ok(Experiment::new(config_of(recipe)?)?)
}

fn config_of(recipe: &Table) -> Result<ExperimentConfig, Fault> {
    deserialize(recipe.clone()).map_err(|failure| {
        let path = locate(recipe, &failure, |table| deserialize(table).map(drop));
        let (key, message) = explain(&path, &failure.message);
        let message = misplaced(recipe, &key).unwrap_or(message);
        Fault { key, message, before: Vec::new(), is_missing: is_missing_key(&failure.message) }
    })
}

/// The reason why a key that other data has means nothing here.
fn misplaced(recipe: &Table, key: &str) -> Option<String> {
    let kind = recipe.get("data")?.get("kind")?.as_str()?;
    let reason = match (key, kind) {
        ("data.augmentation", "photos") => {
            "photos have keys of their own: data.flip, data.zoom, data.stretch and data.lightness_jitter"
        }
        ("data.augmentation", "table" | "line") => "rows are learned from as they are; remove it",
        _ => return None,
    };
    Some(format!(
        "`{key}` changes pictures of classes (data.kind = \"image-folder\" or \"mnist\"); {reason}"
    ))
}

fn deserialize(table: Table) -> Result<ExperimentConfig, Failure> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        Failure { path, message: error.inner().message().to_owned() }
    })
}

/// The tables of a recipe; each is looked through for itself.
const TABLES: [&str; 6] = ["data", "colorization", "network", "training", "penalty", "diagnostics"];
/// A table of each kind that a recipe must have, without an error.
const SOUND: &str = "task = \"regression\"\ndata = { kind = \"line\" }\n\
     network = { input = [1], layers = [{ type = \"flatten\" }] }";
/// Most faults of one table.
const MOST: usize = 20;

/// All faults of a recipe whose first one is known, and those of each table for itself.
pub(super) fn all_faults(recipe: &Table, first: Fault) -> Vec<Fault> {
    let sound: Table = toml::from_str(SOUND).unwrap_or_default();
    let mut outside = recipe.clone();
    for name in TABLES {
        if let (Some(_), Some(table)) = (outside.remove(name), sound.get(name)) {
            outside.insert(name.to_owned(), table.clone());
        }
    }
    let mut faults = faults_of(outside, None);
    for name in TABLES {
        let Some(table) = recipe.get(name) else { continue };
        let mut alone = sound.clone();
        alone.insert(name.to_owned(), table.clone());
        faults.extend(faults_of(alone, Some(name)));
    }
    // The first may be that of several tables together; what it says of its key counts.
    faults.retain(|fault| fault.key != first.key);
    faults.push(first);
    faults
}

/// The faults of a table: what is wrong is taken out, until the rest is right.
fn faults_of(mut recipe: Table, table: Option<&str>) -> Vec<Fault> {
    let (mut faults, mut taken): (Vec<Fault>, Vec<String>) = (Vec::new(), Vec::new());
    while faults.len() < MOST {
        let config = match config_of(&recipe) {
            Ok(config) => config,
            Err(fault) => {
                let follows =
                    fault.is_missing && taken.iter().any(|key| above(key) == fault.key.as_str());
                let key = fault.key.clone();
                if !follows {
                    faults.push(fault);
                }
                if !take_out(&mut recipe, &key, table) {
                    break;
                }
                taken.push(key);
                continue;
            }
        };
        // Layers that were changed need not fit together, and outside of tables only names and types count.
        if table.is_none() || (table == Some("network") && !taken.is_empty()) {
            break;
        }
        let Err(error) = Experiment::check_tables(&config) else { break };
        let fault = Fault::from(error);
        let key = fault.key.clone();
        faults.push(fault);
        if !take_out(&mut recipe, &key, table) {
            break;
        }
        taken.push(key);
    }
    faults
}

/// The table of a key such as `network.layers[1].units`.
fn above(key: &str) -> &str {
    key.rfind(['.', '[']).map_or("", |end| &key[..end])
}

/// Takes a key out of a recipe; a layer is replaced by one without keys, so that others keep their places.
/// False where that cannot be done, or nothing would be left of the table.
fn take_out(recipe: &mut Table, key: &str, table: Option<&str>) -> bool {
    let dotted = key.replace('[', ".").replace(']', "");
    let Some((path, last)) = dotted.rsplit_once('.') else {
        return table.is_none() && recipe.remove(&dotted).is_some();
    };
    let mut segments = path.split('.');
    let first = segments.next().and_then(|name| recipe.get_mut(name));
    let place = segments.try_fold(first, |place, segment| match place? {
        Value::Table(table) => Some(table.get_mut(segment)),
        Value::Array(array) => Some(array.get_mut(segment.parse::<usize>().ok()?)),
        _ => None,
    });
    match place.flatten() {
        Some(Value::Table(table)) => table.remove(last).is_some(),
        Some(Value::Array(layers)) if path == "network.layers" => {
            let layer = last.parse().ok().and_then(|index: usize| layers.get_mut(index));
            let Some(layer) = layer else { return false };
            let sound = Table::from_iter([("type".to_owned(), Value::from("flatten"))]);
            // The same fault again would never end.
            let changes = *layer != Value::Table(sound.clone());
            *layer = Value::Table(sound);
            changes
        }
        _ => false,
    }
}
