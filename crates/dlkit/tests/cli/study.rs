//! The studies: scripts that train many runs.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::setting::{Answer, Setting, repository};

/// Seven activations, with and without batch normalization.
const RUNS: usize = 14;

/// The script for one seed on the tiny data, with more arguments for the trainings.
fn study(setting: &Setting, more: &[&str]) -> Command {
    let mut command = Command::new(repository().join("scripts/mnist-activation-study.sh"));
    command
        .args(["--small", "--seeds", "1", "--jobs", "2", "--output"])
        .arg(setting.path("study"))
        .args(["--", "--set"])
        .arg(format!("data.path={}", setting.path("digits").display()))
        .args(more)
        .env("DLKIT", env!("CARGO_BIN_EXE_dlkit"));
    command
}

fn answer(command: &mut Command) -> Answer {
    command.output().unwrap().into()
}

fn lines_with(text: &str, part: &str) -> usize {
    text.lines().filter(|line| line.contains(part)).count()
}

#[test]
fn a_study_trains_what_is_not_finished() {
    let setting = Setting::new();
    let first = answer(&mut study(&setting, &[])).done();
    assert_eq!(lines_with(&first.stdout, "-seed1: test accuracy"), RUNS, "{first:#?}");
    assert!(setting.path("study/comparison/comparison.csv").is_file());

    let second = answer(&mut study(&setting, &[])).done();
    assert_eq!(lines_with(&second.stdout, ": finished before"), RUNS, "{second:#?}");

    // As after a power cut; the other is being trained by somebody else.
    for run in ["relu-seed1", "elu-batch-norm-seed1"] {
        let info = format!("study/{run}/run.json");
        setting.write(&info, setting.read(&info).replace("\"finished\"", "\"running\""));
    }
    let lock = setting.path("study/elu-batch-norm-seed1/.lock");
    let lock = OpenOptions::new().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let third = answer(&mut study(&setting, &[]));
    assert_eq!(third.code, Some(1), "{third:#?}");
    assert_eq!(lines_with(&third.stdout, ": finished before"), RUNS - 2, "{third:#?}");
    assert_eq!(lines_with(&third.stdout, "/relu-seed1: test accuracy"), 1, "{third:#?}");
    let left = "elu-batch-norm-seed1: another process is training it, left alone";
    assert!(third.stderr.contains(left), "{third:#?}");
    assert!(setting.read("study/relu-seed1/run.json").contains("\"finished\""));
}

#[test]
fn a_study_whose_runs_fail_says_so() {
    let setting = Setting::new();
    // Steps without bound leave no finite loss.
    let more = ["--set", "training.optimizer=sgd", "--set", "training.learning_rate=1e30"];
    let failed = answer(&mut study(&setting, &more));
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert_eq!(lines_with(&failed.stderr, "-seed1: failed, see "), RUNS, "{failed:#?}");
    assert!(failed.stderr.contains("no finished run"), "{failed:#?}");
}

#[test]
fn one_failed_run_leaves_the_others() {
    let setting = Setting::new();
    // A run of the study that was begun with a step without bound.
    let recipe = repository().join("configs/mnist/mlp-full.toml");
    let line = format!(
        "train --config {} --output study/prelu-seed1 --epochs 1 --set data.path={} --set \
         data.validation=0.1 --set \
         training.optimizer=sgd --set training.learning_rate=1e30",
        recipe.display(),
        setting.path("digits").display()
    );
    let diverged = setting.dlkit(&line);
    assert_eq!(diverged.code, Some(1), "{diverged:#?}");
    let study = answer(&mut study(&setting, &[]));
    assert_eq!(study.code, Some(1), "{study:#?}");
    assert_eq!(lines_with(&study.stdout, "-seed1: test accuracy"), RUNS - 1, "{study:#?}");
    assert_eq!(lines_with(&study.stderr, "/prelu-seed1: failed, see "), 1, "{study:#?}");
    assert!(study.stderr.contains("caused by: the training loss became NaN"), "{study:#?}");
    assert!(study.stdout.contains("prelu-seed1: failed"), "{study:#?}");
}

#[test]
fn a_study_that_is_stopped_leaves_runs_to_go_on_with() {
    let setting = Setting::new();
    // So many epochs that it cannot end by itself meanwhile, yet does if this test fails.
    let mut child = study(&setting, &["--set", "training.epochs=2000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let runs = ["study/relu-seed1", "study/relu-batch-norm-seed1"];
    let deadline = Instant::now() + Duration::from_mins(1);
    while !runs.iter().all(|run| setting.path(run).join("last").exists()) {
        assert!(child.try_wait().unwrap().is_none(), "the study ended too early");
        assert!(Instant::now() < deadline, "no checkpoints within a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let stopped = Answer::from(child.wait_with_output().unwrap());
    assert_eq!(stopped.code, Some(143), "{stopped:#?}");
    assert!(stopped.stderr.contains("the same command goes on"), "{stopped:#?}");
    for run in runs {
        let info = setting.read(&format!("{run}/run.json"));
        assert!(info.contains("\"outcome\": \"interrupted\""), "{info}");
    }
}

/// The script that compares penalties, tried out, with more arguments for the trainings.
fn penalties(setting: &Setting, more: &[&str]) -> Answer {
    let script = repository().join("scripts/regularization-study.sh");
    let mut command = Command::new(script);
    command.args(["--small", "--output"]).arg(setting.path("penalties")).arg("--").args(more);
    answer(command.env("DLKIT", env!("CARGO_BIN_EXE_dlkit")))
}

#[test]
fn the_study_of_penalties_prunes_and_compares() {
    let setting = Setting::new();
    let first = penalties(&setting, &[]).done();
    // Four penalties, and the pruned network with and without one.
    assert_eq!(lines_with(&first.stdout, "-seed1: test absolute error"), 6, "{first:#?}");
    for metric in ["test_total_absolute_error", "zero_weights"] {
        let table = setting.read(&format!("penalties/{metric}/comparison.csv"));
        assert!(table.lines().count() >= 5, "{table}");
    }
    for penalty in ["none", "l1", "l2", "elastic-net"] {
        assert!(setting.path(&format!("penalties/{penalty}-weights.gif")).is_file());
    }
    let second = penalties(&setting, &[]).done();
    assert_eq!(lines_with(&second.stdout, ": finished before"), 6, "{second:#?}");
}

#[test]
fn the_study_of_penalties_says_what_failed() {
    let setting = Setting::new();
    let failed = penalties(&setting, &["--set", "training.learning_rate=1e30"]);
    assert_eq!(failed.code, Some(1), "{failed:#?}");
    assert_eq!(lines_with(&failed.stderr, "-seed1: failed, see "), 4, "{failed:#?}");
}
