use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::key::{differing_keys, values};
use super::*;
use crate::run::fixture::{experiment, info};
use crate::run::{Best, EpochRecord, Outcome, RunDirectory, RunError, RunInfo};
use crate::value::number::float;

/// A finished run with a test accuracy; `training` is that table of its recipe.
fn run(name: &str, seed: u64, training: &str, accuracy: f64) -> FoundRun {
    let info = RunInfo {
        seed,
        seconds: 10.0 * accuracy,
        outcome: Outcome::Finished,
        best: Some(Best { epoch: 2, value: 0.5 }),
        threshold: None,
        data_sha256: "0123456789abcdef".to_owned(),
        test: BTreeMap::from([("accuracy".to_owned(), accuracy)]),
        ..info()
    };
    let record = |epoch: usize| EpochRecord {
        epoch,
        step: epoch,
        learning_rate: 0.5,
        seconds: 2.0,
        samples_per_second: 100.0,
        metrics: BTreeMap::from([("train_loss".to_owned(), 1.0 / accuracy / float(epoch))]),
    };
    let experiment = experiment(seed, training);
    FoundRun { path: name.into(), experiment, info, records: vec![record(1), record(2)] }
}

const SLOW: &str = "learning_rate = 0.001";
const FAST: &str = "learning_rate = 0.01";

/// Two seeds of each of two learning rates.
fn four() -> Vec<FoundRun> {
    vec![
        run("a", 2, SLOW, 0.6),
        run("b", 1, SLOW, 0.5),
        run("c", 1, FAST, 0.75),
        run("d", 2, FAST, 0.95),
    ]
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-12
}

#[test]
fn seeds_of_one_recipe_are_one_group_and_the_best_comes_first() {
    let comparison = Comparison::new(&four(), &[], None).unwrap();
    assert_eq!(comparison.metric.name(), "test_accuracy");
    assert_eq!(comparison.keys, ["training.learning_rate"]);
    assert!(comparison.mixed.is_empty());
    let [fast, slow] = &comparison.groups[..] else { panic!("two groups") };
    assert_eq!((&fast.values[..], &slow.values[..]), (&["0.01".into()][..], &["0.001".into()][..]));
    let paths = |group: &Group| group.runs.iter().map(|run| run.path.clone()).collect::<Vec<_>>();
    assert_eq!(
        (paths(fast), paths(slow)),
        (vec!["c".into(), "d".into()], vec!["b".into(), "a".into()])
    );
    assert!(near(fast.mean, 0.85) && near(fast.best, 0.95) && near(fast.seconds, 8.5));
    // Of two values, the deviation is their difference over the root of 2.
    assert!(near(fast.deviation.unwrap(), 0.2 / 2_f64.sqrt()));
    assert_eq!((fast.parameters.clone(), fast.difference), (6..=6, None));
    // Seed 1: 0.5 - 0.75, seed 2: 0.6 - 0.95.
    let difference = slow.difference.unwrap();
    assert!(near(difference.mean, -0.3) && near(difference.deviation.unwrap(), 0.1 / 2_f64.sqrt()));
    assert_eq!(difference.pairs, 2);
}

#[test]
fn a_loss_is_better_the_lower_it_is_at_the_best_epoch() {
    let comparison = Comparison::new(&four(), &[], Some("train_loss")).unwrap();
    let [fast, slow] = &comparison.groups[..] else { panic!("two groups") };
    // The loss of epoch 2, the best one, is half the inverse of the accuracy.
    assert!(near(fast.best, 0.5 / 0.95) && near(slow.best, 0.5 / 0.6));
}

#[test]
fn keys_left_out_of_a_choice_are_mixed_within_groups() {
    let mut runs = four();
    runs.push(run("e", 1, "learning_rate = 0.01\nbatch_size = 7", 0.7));
    let by = ["training.learning_rate".to_owned()];
    let comparison = Comparison::new(&runs, &by, None).unwrap();
    assert_eq!(comparison.mixed, ["training.batch_size"]);
    assert_eq!(comparison.groups.iter().map(|group| group.runs.len()).collect::<Vec<_>>(), [3, 2]);
    // Runs pair only with runs that are alike in the mixed key.
    assert_eq!(comparison.groups[1].difference.unwrap().pairs, 2);
    let all = Comparison::new(&runs, &[], None).unwrap();
    assert_eq!(all.keys, ["training.batch_size", "training.learning_rate"]);
    assert_eq!(all.groups.len(), 3);
}

#[test]
fn a_seed_trained_twice_is_named_and_not_paired() {
    let mut runs = four();
    runs.push(run("again", 1, SLOW, 0.4));
    let comparison = Comparison::new(&runs, &[], None).unwrap();
    let [fast, slow] = &comparison.groups[..] else { panic!("two groups") };
    assert_eq!((fast.repeated_seeds(), slow.repeated_seeds()), (vec![], vec![1]));
    let difference = slow.difference.unwrap();
    assert_eq!((difference.pairs, difference.deviation), (1, None));
    assert!(near(difference.mean, 0.6 - 0.95));
}

#[test]
fn runs_that_are_not_finished_are_passed_over() {
    let mut runs = four();
    runs[0].info.outcome = Outcome::Failed;
    runs[1].info.outcome = Outcome::StoppedEarly;
    let comparison = Comparison::new(&runs, &[], None).unwrap();
    assert_eq!(comparison.groups[1].runs.len(), 1);
    for run in &mut runs {
        run.info.outcome = Outcome::Interrupted;
    }
    let error = Comparison::new(&runs, &[], None).unwrap_err();
    assert_eq!(error, ComparisonError::NothingFinished);
}

#[test]
fn unknown_keys_and_metrics_are_refused_with_what_there_is() {
    let runs = four();
    let error = |by: &str| Comparison::new(&runs, &[by.to_owned()], None).unwrap_err();
    let differing = vec!["training.learning_rate".to_owned()];
    let key = "training.nope".to_owned();
    assert_eq!(error(&key), ComparisonError::Key { key, differing: differing.clone() });
    for key in ["seed", "data.path"] {
        let expected = ComparisonError::LeftOut { key: key.into(), differing: differing.clone() };
        assert_eq!(error(key), expected);
    }
    match Comparison::new(&runs, &[], Some("test_auc")).unwrap_err() {
        ComparisonError::Metric { metric, run, known } => {
            assert_eq!((&*metric, &*run), ("test_auc", "a"));
            assert!(known.contains(&"test_accuracy".to_owned()), "{known:?}");
            assert!(known.contains(&"train_loss".to_owned()), "{known:?}");
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_choice_is_one_value_with_the_constants_that_differ() {
    let optimizer = |text: &str| run("r", 1, &format!("optimizer = {text}"), 0.5);
    let runs = [
        optimizer("{ kind = \"adam\", beta_1 = 0.8 }"),
        optimizer("{ kind = \"adam\" }"),
        optimizer("{ kind = \"sgd\", momentum = 0.5 }"),
    ];
    let recipes = values(&runs.iter().collect::<Vec<_>>());
    let chosen: Vec<&str> = recipes.iter().map(|recipe| &*recipe["training.optimizer"]).collect();
    assert_eq!(chosen, ["adam beta_1 0.8", "adam beta_1 0.9", "sgd"]);
    assert_eq!(recipes[0]["data"], "01234567");
    assert!(!recipes[0].contains_key("seed") && !recipes[0].contains_key("data.path"));
    let differing: Vec<String> = differing_keys(&recipes).into_iter().collect();
    assert_eq!(differing, ["training.optimizer"]);
}

#[test]
fn data_is_told_apart_by_its_content_and_a_missing_key_differs() {
    let mut other = run("b", 1, "", 0.5);
    other.info.data_sha256 = "ffffffffffff".to_owned();
    let recipes = values(&[&run("a", 2, "", 0.5), &other]);
    assert_eq!(differing_keys(&recipes).into_iter().collect::<Vec<_>>(), ["data"]);
    let recipes = values(&[
        &run("a", 1, "", 0.5),
        &run("b", 1, "gradient_clipping = { kind = \"norm\", limit = 1.0 }", 0.5),
    ]);
    assert_eq!(
        differing_keys(&recipes).into_iter().collect::<Vec<_>>(),
        ["training.gradient_clipping"]
    );
    assert!(differing_keys(std::iter::empty()).is_empty());
}

fn create(path: &Path) {
    RunDirectory::create(path, &experiment(1, ""), &info()).unwrap();
}

#[test]
fn runs_are_found_in_folders_once_and_sorted() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    create(&at("group/b"));
    create(&at("group/a"));
    create(&at("c"));
    create(&at(".writing-d"));
    create(&at("1/2/3/4/5/deep"));
    let found = find_runs(&[at("c"), directory.path().to_owned(), at("group/../c")]).unwrap();
    let paths: Vec<PathBuf> = found.iter().map(|found| found.path.clone()).collect();
    assert_eq!(paths, [at("c"), at("group/a"), at("group/b")]);
    assert!(found.iter().all(|found| found.run.is_ok()));
    fs::create_dir(at("empty")).unwrap();
    for path in ["empty", "nowhere"] {
        assert!(matches!(find_runs(&[at(path)]), Err(RunError::NotARun { .. })), "{path}");
    }
}

#[test]
fn a_run_that_cannot_be_read_does_not_stop_the_others() {
    let directory = tempfile::tempdir().unwrap();
    create(&directory.path().join("good"));
    create(&directory.path().join("bad"));
    fs::write(directory.path().join("bad/run.json"), "{").unwrap();
    let found = find_runs(&[directory.path().to_owned()]).unwrap();
    assert!(
        matches!(&found[0].run, Err(RunError::Damaged { path, .. }) if path.ends_with("bad/run.json"))
    );
    let good = found[1].run.as_ref().unwrap();
    assert!(!good.is_finished() && good.records.is_empty());
}
