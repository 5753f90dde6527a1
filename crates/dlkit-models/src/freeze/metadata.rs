//! Metadata of a frozen file, besides the graph.

use std::collections::BTreeSet;
use std::path::PathBuf;

use prost::bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::hash::sha256_hex;
use crate::facts::color::ColorFacts;
use crate::facts::{ClassifierInput, Normalization, PictureInput, TaskFacts};
use crate::graph::onnx::Entry;
use crate::network::NetworkConfig;
use crate::recipe::{Experiment, Task};
use crate::training::Loss;

/// The format of the metadata; another number is another format.
const FORMAT: &str = "1";
/// The version of this dlkit.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The key of the checksum.
const CHECKSUM: &str = "dlkit.sha256";

/// Longest value that is read: the tables of some three thousand layers.
const LONGEST: usize = 1 << 18;
/// Longest version that is read.
const LONGEST_VERSION: usize = 64;

/// Metadata of a frozen file: everything besides the graph that is needed to use it without its
/// run. It contains no paths of the training machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metadata {
    /// Version of dlkit that froze the network.
    pub version: String,
    /// What was learned, and what inputs and outputs stand for.
    #[serde(flatten)]
    pub facts: TaskFacts,
    /// The loss of the training, which decides what outputs mean.
    pub loss: Loss,
    /// Probability from which on the second of two classes is predicted, where it is not the likelier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The network, as a recipe has it.
    pub network: NetworkConfig,
    /// SHA-256 of the recipe with every default written out, the path of its data left out.
    pub recipe_sha256: String,
    /// SHA-256 of all other entries and of the values of all initializers of the graph, in their
    /// order.
    pub sha256: String,
}

/// The `[network]` table alone, as it stands in a recipe.
#[derive(Serialize, Deserialize)]
struct NetworkTable<T> {
    network: T,
}

impl Metadata {
    /// What is known of a run's network; the hash of the weights is filled in when it is frozen.
    ///
    /// # Errors
    /// The recipe cannot be written as TOML.
    pub fn of_experiment(
        experiment: &Experiment,
        facts: TaskFacts,
    ) -> Result<Self, toml::ser::Error> {
        let config = experiment.config();
        let recipe = experiment.clone().with_data_path(PathBuf::new()).to_toml()?;
        Ok(Self {
            version: VERSION.to_owned(),
            facts,
            loss: config.training.loss,
            threshold: None,
            network: config.network.clone(),
            recipe_sha256: sha256_hex([recipe.as_bytes()]),
            sha256: String::new(),
        })
    }

    /// The same of a classifier with a threshold between its two classes.
    #[must_use]
    pub const fn deciding_at(mut self, threshold: Option<f64>) -> Self {
        self.threshold = threshold;
        self
    }

    /// In which entries this and another differ, versions aside.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let facts = self.facts.differences(&other.facts);
        let others = [
            ("loss", self.loss == other.loss),
            ("threshold", self.threshold == other.threshold),
            ("network", self.network == other.network),
            ("recipe_sha256", self.recipe_sha256 == other.recipe_sha256),
        ]
        .into_iter()
        .filter_map(|(name, same)| (!same).then_some(name));
        facts.into_iter().chain(others).collect()
    }

    /// The entries of the file but its checksum.
    pub(super) fn entries(&self) -> Result<Vec<Entry>, String> {
        let entry = |key: &str, value: String| Entry { key: key.to_owned(), value };
        let network = toml::to_string(&NetworkTable { network: &self.network });
        let mut entries = vec![
            entry("dlkit.format", FORMAT.to_owned()),
            entry("dlkit.version", self.version.clone()),
            entry("dlkit.task", json(&self.facts.task())?),
        ];
        match &self.facts {
            TaskFacts::Classification { classes, input } => {
                entries.push(entry("dlkit.classes", json(classes)?));
                match input {
                    ClassifierInput::Pictures(input) => entries.extend([
                        entry("dlkit.input.mean", json(&input.normalization.mean)?),
                        entry("dlkit.input.deviation", json(&input.normalization.deviation)?),
                        entry("dlkit.input.invert", json(&input.invert)?),
                    ]),
                    ClassifierInput::Table { features, target } => entries.extend([
                        entry("dlkit.features", json(features)?),
                        entry("dlkit.target", json(target)?),
                    ]),
                }
            }
            TaskFacts::Colorization(facts) => {
                for (name, value) in facts.entries()? {
                    entries.push(entry(&format!("dlkit.{name}"), value));
                }
            }
            TaskFacts::Regression { features, targets } => entries.extend([
                entry("dlkit.features", json(features)?),
                entry("dlkit.target", json(targets)?),
            ]),
        }
        if let Some(threshold) = self.threshold {
            entries.push(entry("dlkit.threshold", json(&threshold)?));
        }
        entries.extend([
            entry("dlkit.loss", json(&self.loss)?),
            entry("dlkit.network", network.map_err(|error| error.to_string())?),
            entry("dlkit.recipe_sha256", self.recipe_sha256.clone()),
        ]);
        match entries.iter().find(|entry| entry.value.len() > LONGEST) {
            Some(entry) => Err(format!("`{}` is longer than {LONGEST} bytes", entry.key)),
            None => Ok(entries),
        }
    }

    /// Whether entries are those of a frozen file at all.
    pub(super) fn is_in(entries: &[Entry]) -> bool {
        entries.iter().any(|entry| entry.key == "dlkit.format")
    }

    /// The version of dlkit that wrote the entries of a file, in a format this one reads.
    ///
    /// # Errors
    /// No version, another format.
    pub(super) fn version_in(entries: &[Entry]) -> Result<String, String> {
        let entries = Entries(entries);
        let format = entries.get("dlkit.format")?;
        let version = entries.get("dlkit.version")?.to_owned();
        let plain =
            |character: char| character.is_ascii_alphanumeric() || ".-+".contains(character);
        if version.len() > LONGEST_VERSION || !version.chars().all(plain) {
            return Err("its entry `dlkit.version` is not a version".to_owned());
        }
        if format != FORMAT {
            return Err(format!(
                "it has format {format}, written by dlkit {version}, but this version reads \
                 format {FORMAT}; use dlkit {version}, or freeze the run again"
            ));
        }
        Ok(version)
    }

    /// Reads and checks the entries of a file; those of others are left alone, and what a later
    /// version added has its default.
    ///
    /// # Errors
    /// The entry, what was found and what is allowed.
    pub(super) fn from_entries(entries: &[Entry]) -> Result<Self, String> {
        let version = Self::version_in(entries)?;
        let entries = Entries(entries);
        let network: NetworkTable<NetworkConfig> = toml::from_str(entries.get("dlkit.network")?)
            .map_err(|error| {
                format!("its entry `dlkit.network` is damaged: {}", error.message())
            })?;
        let loss: Loss = entries.json("dlkit.loss")?;
        loss.check().map_err(|problem| format!("its loss: {problem}"))?;
        let facts = match entries.json("dlkit.task")? {
            Task::Classification => classification(&entries)?,
            Task::Colorization => TaskFacts::Colorization(colorization(&entries)?),
            // Columns are checked with the network.
            Task::Regression => TaskFacts::Regression {
                features: entries.json("dlkit.features")?,
                targets: entries.json("dlkit.target")?,
            },
        };
        let threshold = threshold(&entries, &facts)?;
        Ok(Self {
            version,
            facts,
            loss,
            threshold,
            network: network.network,
            recipe_sha256: entries.hash("dlkit.recipe_sha256")?,
            sha256: entries.hash(CHECKSUM)?,
        })
    }
}

/// SHA-256 of all entries of a file, as they are written there, but that of the checksum, and of the
/// values of all initializers.
pub(super) fn checksum(entries: &[Entry], values: &[Bytes]) -> String {
    let entries = entries.iter().filter(|entry| entry.key != CHECKSUM);
    // Lengths keep the border between two parts where it was.
    let (heads, texts): (Vec<String>, Vec<&str>) = entries
        .map(|Entry { key, value }| (format!("{key} {} ", value.len()), value.as_str()))
        .unzip();
    let parts = heads.iter().zip(texts).flat_map(|(head, text)| [head.as_bytes(), text.as_bytes()]);
    sha256_hex(parts.chain(values.iter().map(Bytes::as_ref)))
}

/// The entry of the checksum of all others.
pub(super) fn checksum_entry(entries: &[Entry], values: &[Bytes]) -> Entry {
    Entry { key: CHECKSUM.to_owned(), value: checksum(entries, values) }
}

/// The facts of a classifier.
fn classification(entries: &Entries<'_>) -> Result<TaskFacts, String> {
    let classes: Vec<String> = entries.json("dlkit.classes")?;
    if classes.iter().any(|class| class.contains(char::is_control)) {
        return Err("its entry `dlkit.classes` contains control characters".to_owned());
    }
    let mut known = BTreeSet::new();
    if let Some(class) = classes.iter().find(|class| !known.insert(*class)) {
        return Err(format!("its entry `dlkit.classes` contains `{class}` twice"));
    }
    let input = if entries.has("dlkit.features") {
        // Columns are checked with the network.
        ClassifierInput::Table {
            features: entries.json("dlkit.features")?,
            target: entries.json("dlkit.target")?,
        }
    } else {
        picture_input(entries)?.into()
    };
    Ok(TaskFacts::Classification { classes, input })
}

fn picture_input(entries: &Entries<'_>) -> Result<PictureInput, String> {
    let mean: f64 = entries.json("dlkit.input.mean")?;
    let deviation: f64 = entries.json("dlkit.input.deviation")?;
    if !mean.is_finite() || !deviation.is_finite() || deviation <= 0.0 {
        return Err(format!(
            "the mean {mean} and deviation {deviation} of its input must be finite, and the \
             deviation above 0"
        ));
    }
    let normalization = Normalization { mean, deviation };
    Ok(PictureInput { normalization, invert: entries.json("dlkit.input.invert")? })
}

/// The threshold between two classes, if the file has one.
fn threshold(entries: &Entries<'_>, facts: &TaskFacts) -> Result<Option<f64>, String> {
    const KEY: &str = "dlkit.threshold";
    if !entries.has(KEY) {
        return Ok(None);
    }
    let value: f64 = entries.json(KEY)?;
    let decides = matches!(facts, TaskFacts::Classification { classes, .. } if classes.len() == 2);
    if decides && (0.0..=1.0).contains(&value) {
        return Ok(Some(value));
    }
    Err(format!("its entry `{KEY}` is {value}; only two classes have one, from 0 to 1"))
}

/// The facts of a colorizer.
fn colorization(entries: &Entries<'_>) -> Result<ColorFacts, String> {
    let facts = ColorFacts {
        bin_width: entries.json("dlkit.bin_width")?,
        bins: entries.json("dlkit.bins")?,
        prior: entries.json("dlkit.prior")?,
        lambda: entries.json("dlkit.lambda")?,
        temperature: entries.json("dlkit.temperature")?,
        balance: if entries.has("dlkit.balance") { entries.json("dlkit.balance")? } else { 1.0 },
        short_side: entries.json("dlkit.short_side")?,
    };
    facts.restored()?;
    // Some are for other programs, computed from these.
    for (name, value) in facts.entries()? {
        let key = format!("dlkit.{name}");
        if entries.0.iter().any(|entry| entry.key == key && entry.value != value) {
            return Err(format!("its entry `{key}` contradicts the other entries"));
        }
    }
    Ok(facts)
}

pub(super) fn json(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

struct Entries<'a>(&'a [Entry]);

impl<'a> Entries<'a> {
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|entry| entry.key == key)
    }

    fn get(&self, key: &str) -> Result<&'a str, String> {
        let mut found = self.0.iter().filter(|entry| entry.key == key);
        match (found.next(), found.next()) {
            (Some(entry), None) if entry.value.len() <= LONGEST => Ok(&entry.value),
            (Some(_), None) => Err(format!("its entry `{key}` is longer than {LONGEST} bytes")),
            (Some(_), Some(_)) => Err(format!("its entry `{key}` occurs twice")),
            (None, _) => Err(format!("its entry `{key}` is missing")),
        }
    }

    /// 64 digits.
    fn hash(&self, key: &str) -> Result<String, String> {
        let text = self.get(key)?;
        let is_hash = text.len() == 64 && text.chars().all(|digit| digit.is_ascii_hexdigit());
        if is_hash {
            Ok(text.to_owned())
        } else {
            Err(format!("its entry `{key}` is not a SHA-256"))
        }
    }

    fn json<T: DeserializeOwned>(&self, key: &str) -> Result<T, String> {
        serde_json::from_str(self.get(key)?)
            .map_err(|error| format!("its entry `{key}` is damaged: {error}"))
    }
}
