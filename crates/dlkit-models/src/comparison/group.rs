//! Groups of runs that differ in their seed only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use thiserror::Error;

use super::key::{LEFT_OUT, Values, differing_keys, values};
use super::measured::{ComparedRun, Metric};
use super::runs::FoundRun;
use crate::value::number::float;

/// Finished runs, grouped by what differs in their recipes and sorted, best first.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What they are compared by.
    pub metric: Metric,
    /// The keys that tell the groups apart.
    pub keys: Vec<String>,
    /// Keys that differ within a group: those a choice of keys leaves out.
    pub mixed: Vec<String>,
    /// The groups, best mean first.
    pub groups: Vec<Group>,
}

/// Runs of one recipe and several seeds.
#[derive(Clone, Debug)]
pub struct Group {
    /// The values of the keys that tell groups apart; `-` where a recipe has no such key.
    pub values: Vec<String>,
    /// The runs, by seed.
    pub runs: Vec<ComparedRun>,
    /// Mean of their figures.
    pub mean: f64,
    /// Standard deviation (divided by their number less one); none for one run.
    pub deviation: Option<f64>,
    /// The best of them.
    pub best: f64,
    /// Mean time of training in seconds.
    pub seconds: f64,
    /// Trained parameters of the networks: the least and the most.
    pub parameters: RangeInclusive<usize>,
    /// Difference to the first group, over pairs of runs with equal seeds and equal mixed keys.
    /// `None` for the first group and without such pairs.
    pub difference: Option<PairedDifference>,
}

/// The difference of two groups, pair by pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// Mean of the differences, run by run.
    pub mean: f64,
    /// Their standard deviation; none for one pair.
    pub deviation: Option<f64>,
    /// Number of pairs.
    pub pairs: usize,
}

/// Why runs cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ComparisonError {
    /// No run is finished.
    #[error("no finished run; wait for a run or name others")]
    NothingFinished,
    /// A metric some run has no figure for.
    #[error("--metric {metric}: {run} has no such metric; it has {}", .known.join(", "))]
    Metric {
        /// The metric.
        metric: String,
        /// The run.
        run: String,
        /// What it has.
        known: Vec<String>,
    },
    /// A key that never tells groups apart.
    #[error(
        "--by {key}: {} cannot separate groups: groups pool all seeds and identify data by its \
         content; the recipes differ in {}",
        LEFT_OUT.join(" and "),
        or_nothing(.differing)
    )]
    LeftOut {
        /// The key.
        key: String,
        /// Keys that differ.
        differing: Vec<String>,
    },
    /// A key no recipe has.
    #[error("--by {key}: no recipe has this key; they differ in {}", or_nothing(.differing))]
    Key {
        /// The key.
        key: String,
        /// Keys that differ.
        differing: Vec<String>,
    },
}

fn or_nothing(keys: &[String]) -> String {
    if keys.is_empty() { "nothing but the seed".to_owned() } else { keys.join(", ") }
}

impl Comparison {
    /// Compares the finished ones of `runs`, grouped by the keys `by` or else by every key that
    /// differs.
    ///
    /// # Errors
    /// No run is finished; the metric or a key does not exist.
    pub fn new(
        runs: &[FoundRun],
        by: &[String],
        metric: Option<&str>,
    ) -> Result<Self, ComparisonError> {
        let finished: Vec<&FoundRun> = runs.iter().filter(|run| run.is_finished()).collect();
        if finished.is_empty() {
            return Err(ComparisonError::NothingFinished);
        }
        let metric = Metric::new(metric.unwrap_or_else(|| usual_metric(&finished)));
        let recipes: Vec<Values> = values(&finished);
        let differing: Vec<String> = differing_keys(&recipes).into_iter().collect();
        if let Some(key) = by.iter().find(|key| LEFT_OUT.contains(&key.as_str())) {
            return Err(ComparisonError::LeftOut { key: key.clone(), differing });
        }
        if let Some(key) = by.iter().find(|key| !recipes.iter().any(|all| all.contains_key(*key))) {
            return Err(ComparisonError::Key { key: key.clone(), differing });
        }
        let keys = if by.is_empty() { differing } else { by.to_vec() };
        let mut members: BTreeMap<Vec<String>, Members> = BTreeMap::new();
        for (run, recipe) in finished.into_iter().zip(&recipes) {
            let group = members.entry(of_keys(recipe, &keys)).or_default();
            group.runs.push(run);
            group.recipes.push(recipe);
        }
        let mixed: BTreeSet<String> = members
            .values()
            .flat_map(|group| differing_keys(group.recipes.iter().copied()))
            .collect();
        let mut groups = members
            .into_iter()
            .map(|(values, group)| Group::new(values, &group, &mixed, &metric))
            .collect::<Result<Vec<_>, _>>()?;
        groups.sort_by(|left, right| {
            let order = left.mean.total_cmp(&right.mean);
            if metric.higher_is_better() { order.reverse() } else { order }
        });
        if let Some((first, others)) = groups.split_first_mut() {
            for group in others {
                group.difference = group.paired_with(first);
            }
        }
        Ok(Self { metric, keys, mixed: mixed.into_iter().collect(), groups })
    }
}

/// The runs of a group and their recipes.
#[derive(Default)]
struct Members<'a> {
    runs: Vec<&'a FoundRun>,
    recipes: Vec<&'a Values>,
}

/// The values of some keys; `-` where a recipe has no such key.
fn of_keys<'a>(recipe: &Values, keys: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    keys.into_iter().map(|key| recipe.get(key).map_or("-", String::as_str).to_owned()).collect()
}

/// The test accuracy or error where every run has one, else the validation loss, else the training loss.
fn usual_metric(runs: &[&FoundRun]) -> &'static str {
    let candidates = ["test_accuracy", "test_absolute_error", "validation_loss"];
    let all_have = |name: &&str| runs.iter().all(|run| Metric::new(*name).of(run).is_some());
    candidates.into_iter().find(all_have).unwrap_or("train_loss")
}

impl Group {
    fn new(
        values: Vec<String>,
        members: &Members<'_>,
        mixed: &BTreeSet<String>,
        metric: &Metric,
    ) -> Result<Self, ComparisonError> {
        let Members { runs, recipes } = members;
        let compared = |(run, recipe): (&&FoundRun, &&Values)| {
            let value = metric.of(run).ok_or_else(|| ComparisonError::Metric {
                metric: metric.name().to_owned(),
                run: run.path.display().to_string(),
                known: Metric::known(run),
            })?;
            let mixed = of_keys(recipe, mixed);
            Ok(ComparedRun { path: run.path.clone(), seed: run.info.seed, mixed, value })
        };
        let compared = runs.iter().zip(recipes).map(compared);
        let mut compared = compared.collect::<Result<Vec<_>, _>>()?;
        compared.sort_by(|left, right| left.pair().cmp(&right.pair()));
        let figures: Vec<f64> = compared.iter().map(|run| run.value).collect();
        let seconds: Vec<f64> = runs.iter().map(|run| run.info.seconds).collect();
        let better = |left: f64, right: f64| {
            if metric.higher_is_better() { left.max(right) } else { left.min(right) }
        };
        Ok(Self {
            values,
            mean: mean(&figures),
            deviation: deviation(&figures),
            best: figures.iter().copied().reduce(better).unwrap_or(f64::NAN),
            seconds: mean(&seconds),
            parameters: range(runs.iter().map(|run| run.info.parameters)),
            runs: compared,
            difference: None,
        })
    }

    /// Seeds of more than one run of the same recipe: such runs are no independent draws.
    #[must_use]
    pub fn repeated_seeds(&self) -> Vec<u64> {
        let repeated = self.runs.windows(2).filter(|pair| pair[0].pair() == pair[1].pair());
        let mut seeds: Vec<u64> = repeated.map(|pair| pair[0].seed).collect();
        seeds.dedup();
        seeds
    }

    /// Pairs are runs that are alike in all but what tells the groups apart.
    fn paired_with(&self, other: &Self) -> Option<PairedDifference> {
        let only = |runs: &[ComparedRun], run: &ComparedRun| {
            let mut alike = runs.iter().filter(|other| other.pair() == run.pair());
            alike.next().map(|run| run.value).filter(|_| alike.next().is_none())
        };
        let difference = |run| Some(only(&self.runs, run)? - only(&other.runs, run)?);
        let differences: Vec<f64> = self.runs.iter().filter_map(difference).collect();
        (!differences.is_empty()).then(|| PairedDifference {
            mean: mean(&differences),
            deviation: deviation(&differences),
            pairs: differences.len(),
        })
    }
}

fn range(values: impl Iterator<Item = usize> + Clone) -> RangeInclusive<usize> {
    values.clone().min().unwrap_or(0)..=values.max().unwrap_or(0)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / float(values.len())
}

fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / float(values.len() - 1)).sqrt())
}
