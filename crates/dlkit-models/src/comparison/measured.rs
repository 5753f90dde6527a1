//! What a run is compared by.

use std::path::PathBuf;

use super::runs::FoundRun;

/// A figure of a run: `test_accuracy` and the like are those of the best checkpoint on the test
/// part, others those of the best epoch in `metrics.jsonl`.
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

    /// Whether more is better.
    #[must_use]
    pub fn higher_is_better(&self) -> bool {
        let name = self.0.as_str();
        let zeros = ["zero_weights", "dead_neurons"].iter().any(|part| name.starts_with(part));
        zeros || name.ends_with("accuracy") || ["samples_per_second", "test_r2"].contains(&name)
    }

    /// The figure of a run.
    #[must_use]
    pub fn of(&self, run: &FoundRun) -> Option<f64> {
        if let Some(name) = self.0.strip_prefix("test_") {
            return run.info.test.get(name).copied();
        }
        let best = run.info.best?;
        let record = run.records.iter().find(|record| record.epoch == best.epoch)?;
        record.metrics.get(&self.0).copied()
    }

    /// The names a run has figures for.
    #[must_use]
    pub fn known(run: &FoundRun) -> Vec<String> {
        let test = run.info.test.keys().map(|name| format!("test_{name}"));
        let epochs = run.records.iter().flat_map(|record| record.metrics.keys().cloned());
        let mut names: Vec<String> = test.chain(epochs).collect();
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
    /// Its figure.
    pub value: f64,
}
