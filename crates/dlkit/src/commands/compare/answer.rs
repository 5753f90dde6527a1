//! The JSON object of `compare`.

use dlkit_models::comparison::{Comparison, Group};
use serde::Serialize;

use super::runs::{Alike, Unfinished};
use crate::arguments::Failures;

/// The comparison, or several if the runs are of several kinds.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    comparison: Option<ComparisonAnswer<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comparisons: Vec<ComparisonAnswer<'a>>,
    unfinished: &'a [Unfinished],
    pub(super) files: Vec<String>,
    #[serde(flatten)]
    failures: &'a Failures,
}

#[derive(Serialize)]
struct ComparisonAnswer<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    runs_of: &'a str,
    metric: &'a str,
    keys: &'a [String],
    also_differ: &'a [String],
    groups: Vec<GroupAnswer<'a>>,
}

#[derive(Serialize)]
struct GroupAnswer<'a> {
    values: &'a [String],
    mean: f64,
    deviation: Option<f64>,
    best: f64,
    seconds: f64,
    least_parameters: usize,
    most_parameters: usize,
    difference: Option<f64>,
    difference_deviation: Option<f64>,
    pairs: usize,
    repeated_seeds: Vec<u64>,
    runs: Vec<RunAnswer>,
}

#[derive(Serialize)]
struct RunAnswer {
    run: String,
    seed: u64,
    value: f64,
}

impl<'a> Answer<'a> {
    pub(super) fn new(
        alike: &'a [Alike],
        unfinished: &'a [Unfinished],
        failures: &'a Failures,
    ) -> Self {
        let mut comparisons: Vec<_> = alike.iter().map(comparison_answer).collect();
        let comparison = if comparisons.len() == 1 { comparisons.pop() } else { None };
        Self { comparison, comparisons, unfinished, files: Vec::new(), failures }
    }
}

fn comparison_answer(Alike { name, comparison }: &Alike) -> ComparisonAnswer<'_> {
    let Comparison { metric, keys, mixed, groups } = comparison;
    ComparisonAnswer {
        runs_of: name,
        metric: metric.name(),
        keys,
        also_differ: mixed,
        groups: groups.iter().map(group_answer).collect(),
    }
}

fn group_answer(group: &Group) -> GroupAnswer<'_> {
    GroupAnswer {
        values: &group.values,
        mean: group.mean,
        deviation: group.deviation,
        best: group.best,
        seconds: group.seconds,
        least_parameters: *group.parameters.start(),
        most_parameters: *group.parameters.end(),
        difference: group.difference.map(|difference| difference.mean),
        difference_deviation: group.difference.and_then(|difference| difference.deviation),
        pairs: group.difference.map_or(0, |difference| difference.pairs),
        repeated_seeds: group.repeated_seeds(),
        runs: group
            .runs
            .iter()
            .map(|run| RunAnswer {
                run: run.path.display().to_string(),
                seed: run.seed,
                value: run.value,
            })
            .collect(),
    }
}
