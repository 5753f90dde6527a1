//! A small recipe and the account of its run, for tests.

use std::collections::BTreeMap;

use super::info::{Outcome, RunInfo, now};
use crate::facts::{Normalization, PictureInput, TaskFacts};
use crate::recipe::{Experiment, parse_experiment};

/// A network of 6 parameters on MNIST; `training` is the table of that name.
pub(crate) fn experiment(seed: u64, training: &str) -> Experiment {
    let recipe = format!(
        "task = \"classification\"\nseed = {seed}\ndata = {{ kind = \"mnist\", path = \"d\" }}\n\
         [network]\ninput = [2]\nlayers = [{{ type = \"dense\", units = 2 }}]\n\
         [training]\n{training}"
    );
    parse_experiment(&recipe, "recipe", &[]).unwrap()
}

/// The account of a run that has not begun.
pub(crate) fn info() -> RunInfo {
    let normalization = Normalization { mean: 0.0, deviation: 1.0 };
    RunInfo {
        version: String::new(),
        commands: Vec::new(),
        directory: String::new(),
        device: String::new(),
        threads: 0,
        seed: 0,
        started: now(),
        updated: now(),
        seconds: 0.0,
        outcome: Outcome::Imported,
        reason: None,
        init: None,
        epochs: 0,
        epochs_planned: 1,
        best: None,
        parameters: 6,
        stratified: true,
        samples: BTreeMap::new(),
        facts: TaskFacts::Classification {
            classes: vec!["a".into(), "b".into()],
            input: PictureInput { normalization, invert: false }.into(),
        },
        threshold: None,
        data_sha256: String::new(),
        test: BTreeMap::new(),
    }
}
