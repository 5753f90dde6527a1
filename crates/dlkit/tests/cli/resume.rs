//! A training that was cut gives the same weights, bit for bit, as one that was not.

#[cfg(unix)]
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::setting::{SMALL, Setting};

/// Everything that draws or remembers: dropout, batch norm, randomized slopes, on maps and vectors.
const DRAWING: &str = "activation = { kind = \"rrelu\", mode = \"framework\" }\nbatch_norm = true\n\
    layers = [{ type = \"conv2d\", filters = 4, kernel = 3 }, { type = \"max-pool2d\", size = 2 }, \
    { type = \"flatten\" }, { type = \"dropout\", rate = 0.3 }, { type = \"dense\", units = 16 }, \
    { type = \"dense\", units = 10 }]";

const TRAINING: &str = "schedule = { kind = \"exponential\", factor = 0.9 }\nwarmup_epochs = 1.5\n\
    gradient_clipping = { kind = \"norm\", limit = 1.0 }";

/// The SHA-256 of weights and schedule after the last epoch. The optimizer's file holds its tensors
/// in varying order; a wrong one would show in the weights of the next epoch.
fn weights(setting: &Setting, run: &str) -> [serde_json::Value; 2] {
    let checkpoint = setting.read(&format!("{run}/last"));
    let manifest = setting.read(&format!("{run}/{}/checkpoint.json", checkpoint.trim()));
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let hashes = ["model.bpk", "scheduler.bpk"].map(|file| manifest["files"][file].clone());
    assert!(hashes.iter().all(serde_json::Value::is_string), "{manifest}");
    hashes
}

#[test]
fn resumed_equals_uninterrupted_bit_for_bit() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", DRAWING, TRAINING);
    setting.dlkit("train --config r.toml --epochs 6 --output whole").done();
    setting.dlkit("train --config r.toml --epochs 3 --output cut").done();
    assert_ne!(weights(&setting, "whole"), weights(&setting, "cut"));
    setting.dlkit("train --resume cut --epochs 6").done();
    assert_eq!(weights(&setting, "whole"), weights(&setting, "cut"));
    // No epoch is skipped or doubled, and the figures are the same too.
    let figures = |run: &str| -> Vec<(u64, f64, f64)> {
        let lines = setting.read(&format!("{run}/metrics.jsonl"));
        let figure = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let number = |key: &str| value[key].as_f64().unwrap();
            (value["epoch"].as_u64().unwrap(), number("train_loss"), number("validation_loss"))
        };
        lines.lines().map(figure).collect()
    };
    assert_eq!(figures("whole"), figures("cut"));
    assert_eq!(figures("cut").len(), 6);
}

#[test]
fn a_rate_that_waits_for_a_plateau_is_resumed_where_it_was() {
    let setting = Setting::new();
    let plateau =
        "schedule = { kind = \"plateau\", patience = 0, minimum_change = 0.5, factor = 0.5 }";
    setting.write_recipe("r.toml", SMALL, plateau);
    setting.dlkit("train --config r.toml --epochs 6 --output whole").done();
    setting.dlkit("train --config r.toml --epochs 3 --output cut").done();
    setting.dlkit("train --resume cut --epochs 6").done();
    assert_eq!(weights(&setting, "whole"), weights(&setting, "cut"));
    let rate = |line: &str| -> f64 {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["learning_rate"].as_f64().unwrap()
    };
    let rates: Vec<f64> = setting.read("cut/metrics.jsonl").lines().map(rate).collect();
    assert!(rates.iter().any(|rate| (rate - 0.0005).abs() < 1e-12), "{rates:?}");
    assert!(rates.windows(2).all(|pair| pair[1] <= pair[0]), "{rates:?}");
    let line = "config check r.toml --set training.monitor=last-epoch";
    let message = setting.dlkit(line).refused();
    assert!(
        message.contains("`training.monitor` is \"last-epoch\", which always improves"),
        "{message}"
    );
}

#[test]
fn a_run_killed_in_the_middle_of_an_epoch_goes_on_bit_for_bit() {
    let setting = Setting::new();
    setting.write_digits("digits", 2_000, 20);
    setting.write_recipe("r.toml", DRAWING, TRAINING);
    setting.dlkit("train --config r.toml --epochs 8 --output whole").done();
    let mut child = setting
        .command(&["train", "--config", "r.toml", "--epochs", "8", "--output", "killed"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_checkpoint(&mut child, &setting, "killed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(setting.read("killed/run.json").contains("\"outcome\": \"running\""));
    let answer = setting.dlkit("train --resume killed").done();
    assert!(!answer.stdout.contains("epoch 1/8"), "{answer:#?}");
    assert_eq!(weights(&setting, "whole"), weights(&setting, "killed"));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let setting = Setting::new();
    setting.write_digits("digits", 300, 20);
    setting.write_recipe("r.toml", DRAWING, TRAINING);
    for threads in ["1", "2", "5"] {
        setting
            .dlkit(&format!("train --config r.toml --threads {threads} --output threads{threads}"))
            .done();
    }
    assert_eq!(weights(&setting, "threads1"), weights(&setting, "threads2"));
    assert_eq!(weights(&setting, "threads1"), weights(&setting, "threads5"));
}

#[test]
fn a_finished_run_has_nothing_to_do() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --output run").done();
    let before = weights(&setting, "run");
    let answer = setting.dlkit("train --resume run").done();
    assert!(
        answer.stdout.starts_with("nothing to do: run is already trained for 2 epochs"),
        "{answer:#?}"
    );
    assert_eq!(before, weights(&setting, "run"));
    let message = setting.dlkit("train --resume run --epochs 1").refused();
    assert!(message.contains("--epochs 1: run is already trained for 2"), "{message}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_cleanly_and_says_how_to_go_on() {
    let setting = Setting::new();
    setting.write_digits("digits", 2_000, 20);
    setting.write_recipe("r.toml", DRAWING, TRAINING);
    let mut child = setting
        .command(&["train", "--config", "r.toml", "--epochs", "50", "--output", "run"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_a_checkpoint(&mut child, &setting, "run");
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    // By the signal itself, so that the loop of a shell ends as well; it calls that 130.
    assert_eq!(output.status.signal(), Some(2));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("resume with: dlkit train --resume run"), "{stdout}");
    assert!(setting.read("run/run.json").contains("\"outcome\": \"interrupted\""));
    // Going on gives what an uncut training gives.
    let epochs = setting.read("run/metrics.jsonl").lines().count() + 1;
    let shorter = setting.read("run/config.toml").replace("epochs = 50", "epochs = 1");
    setting.write("run/config.toml", shorter);
    setting.dlkit(&format!("train --resume run --epochs {epochs}")).done();
    setting.dlkit(&format!("train --config r.toml --epochs {epochs} --output uncut")).done();
    assert_eq!(weights(&setting, "run"), weights(&setting, "uncut"));
}

/// Waits until the first checkpoint is there; the child must still be training then.
fn wait_for_a_checkpoint(child: &mut std::process::Child, setting: &Setting, run: &str) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !setting.path(&format!("{run}/last")).exists() {
        assert!(child.try_wait().unwrap().is_none(), "the training ended too early");
        assert!(Instant::now() < deadline, "no checkpoint within a minute");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A finished run of three epochs.
fn finished() -> Setting {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --epochs 3 --output run").done();
    setting
}

fn say_it_failed(setting: &Setting) {
    let failed = "\"failed\",\n  \"reason\": \"the disk was full\"";
    let info = setting.read("run/run.json").replace("\"finished\"", failed);
    setting.write("run/run.json", info);
}

#[test]
fn what_a_crash_left_undone_at_the_end_is_done_by_resuming() {
    let setting = finished();
    let before = weights(&setting, "run");
    std::fs::remove_file(setting.path("run/report.html")).unwrap();
    std::fs::remove_file(setting.path("run/best")).unwrap();
    std::fs::remove_file(setting.path("run/last")).unwrap();
    say_it_failed(&setting);
    let answer = setting.dlkit("train --resume run").done();
    assert!(answer.stdout.contains("test accuracy"), "{answer:#?}");
    assert!(!answer.stdout.contains("epoch 1/3"), "{answer:#?}");
    assert!(setting.path("run/report.html").is_file());
    let info = setting.read("run/run.json");
    assert!(info.contains("\"outcome\": \"finished\"") && !info.contains("disk"), "{info}");
    let last = setting.path("run/checkpoints/epoch-0003/checkpoint.json");
    let manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(last).unwrap()).unwrap();
    assert_eq!(manifest["files"]["model.bpk"], before[0]);
}

#[test]
fn figures_without_a_checkpoint_are_trained_again() {
    let setting = finished();
    setting.dlkit("train --config r.toml --epochs 4 --output uncut").done();
    let metrics = setting.read("run/metrics.jsonl");
    let torn = metrics.clone() + &metrics.lines().last().unwrap().replace(":3,", ":4,") + "\n{\"ep";
    setting.write("run/metrics.jsonl", torn);
    setting.dlkit("train --resume run --epochs 4").done();
    let resumed = setting.read("run/metrics.jsonl");
    assert!(resumed.starts_with(&metrics), "rows of finished epochs stay what they were");
    assert_eq!(resumed.lines().count(), 4);
    assert_eq!(weights(&setting, "run"), weights(&setting, "uncut"));
}

#[test]
fn what_others_put_among_the_checkpoints_stays() {
    let setting = finished();
    setting.write("run/checkpoints/keep-me/note.txt", "mine");
    setting.write("run/checkpoints/.DS_Store", "theirs");
    setting.write("run/checkpoints/.epoch-0009.partial/model.bpk", "left by a crash");
    setting.dlkit("train --resume run --epochs 4").done();
    assert_eq!(setting.read("run/checkpoints/keep-me/note.txt"), "mine");
    assert!(setting.path("run/checkpoints/.DS_Store").exists());
    assert!(!setting.path("run/checkpoints/.epoch-0009.partial").exists());
}

#[test]
fn a_run_goes_on_where_its_data_lies_now_but_not_on_other_data() {
    let setting = finished();
    std::fs::rename(setting.path("digits"), setting.path("moved")).unwrap();
    let message = setting.dlkit("train --resume run --epochs 4").refused();
    assert!(message.contains("--data DIR"), "{message}");
    setting.write_digits("digits", 90, 20);
    let message = setting.dlkit("train --resume run --epochs 4").refused();
    assert!(message.contains("not the data that run was trained on"), "{message}");
    setting.dlkit("train --resume run --epochs 4 --data moved").done();
}

#[test]
fn a_run_that_is_being_trained_is_left_alone() {
    let setting = Setting::new();
    setting.write_digits("digits", 2_000, 20);
    setting.write_recipe("r.toml", DRAWING, TRAINING);
    let mut child = setting
        .command(&["train", "--config", "r.toml", "--epochs", "500", "--output", "run", "-q"])
        .spawn()
        .unwrap();
    wait_for_a_checkpoint(&mut child, &setting, "run");
    let recipe = setting.read("run/config.toml");
    let message = setting.dlkit("train --resume run --epochs 777").refused();
    assert!(message.contains("run: another process is training"), "{message}");
    assert_eq!(setting.read("run/config.toml"), recipe);
    child.kill().unwrap();
    child.wait().unwrap();
}
