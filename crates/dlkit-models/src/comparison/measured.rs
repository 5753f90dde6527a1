//! What a run is compared by.

use std::path::PathBuf;

use super::runs::FoundRun;

/// A metric of a run. Names such as `test_accuracy` mean the best checkpoint on the test part;
/// other names mean the best epoch in `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric(String);

impl Metric {
    /// The metric of that name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether higher is better.
    #[must_use]
    pub fn higher_is_better(&self) -> bool {
        let name = self.0.as_str();
        let zeros = ["zero_weights", "dead_neurons"].iter().any(|part| name.starts_with(part));
        let rising = ["accuracy", "auc", "f1", "precision", "psnr", "colourfulness", "r2"];
        zeros || name == "samples_per_second" || rising.iter().any(|end| name.ends_with(end))
    }

    /// The figure of a run.
    #[must_use]
    pub fn of(&self, run: &FoundRun) -> Option<f64> {
        if let Some(name) = self.0.strip_prefix("test_") {
            return run.info.test.get(name).copied();
        }
        let best = run.info.best?;
        let record = run.records.iter().find(|record| record.epoch == best.epoch)?;
        match self.name() {
            "learning_rate" => Some(record.learning_rate),
            "seconds" => Some(record.seconds),
            "samples_per_second" => Some(record.samples_per_second),
            name => record.metrics.get(name).copied(),
        }
    }

    /// The names a run has figures for.
    #[must_use]
    pub fn known(run: &FoundRun) -> Vec<String> {
        let test = run.info.test.keys().map(|name| format!("test_{name}"));
        let epochs = run.records.iter().flat_map(|record| record.metrics.keys().cloned());
        let always = ["learning_rate", "seconds", "samples_per_second"].map(str::to_owned);
        let mut names: Vec<String> = test.chain(epochs).chain(always).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A finished run in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedRun {
    /// Its directory.
    pub path: PathBuf,
    /// Its seed.
    pub seed: u64,
    /// The values of the keys that differ within groups.
    pub mixed: Vec<String>,
    /// Its figure.
    pub value: f64,
}

impl ComparedRun {
    /// What a run of another group must have as well to be a pair with this one.
    pub(super) fn pair(&self) -> (u64, &[String]) {
        (self.seed, &self.mixed)
    }
}
