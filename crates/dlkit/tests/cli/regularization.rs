//! Penalties, pruning, cross-validation and pictures of weights.

use std::fs;

use crate::setting::{Setting, repository};

/// A small network on a line, with one key after another changed.
fn train_line(setting: &Setting, output: &str, more: &str) {
    let recipe = repository().join("configs/regression/l1.toml");
    let line = format!("train --config {} --epochs 3 --output {output} {more}", recipe.display());
    setting.dlkit(&line).done();
}

#[test]
fn a_pruned_run_computes_the_same_and_is_a_run_like_any_other() {
    let setting = Setting::new();
    setting.write_recipe(
        "recipe.toml",
        "layers = [{ type = \"conv2d\", filters = 4, kernel = 5, stride = 3, activation = \"relu\", \
         batch_norm = true }, { type = \"flatten\" }, { type = \"dense\", units = 64, activation = \
         \"relu\" }, { type = \"dense\", units = 10 }]",
        "optimizer = \"adam\"\nlearning_rate = 0.01",
    );
    setting
        .dlkit("train --config recipe.toml --set penalty.l1=0.02 --epochs 4 --output run")
        .done();
    let pruned = setting.dlkit("prune run --output small --json").json();
    assert_eq!(pruned["written"], true);
    assert!(pruned["largest_difference"].as_f64().unwrap() <= 1e-6, "{pruned:#}");
    let units = |when: &str, place: usize| pruned[when]["neurons"][place].as_u64().unwrap();
    assert!(units("after", 1) < units("before", 1), "{pruned:#}");
    assert!(pruned["after"]["bytes"].as_u64() < pruned["before"]["bytes"].as_u64());
    assert_eq!(pruned["after"]["test"]["accuracy"], pruned["before"]["test"]["accuracy"]);

    // It is evaluated, frozen and trained on.
    let accuracy =
        |run: &str| setting.dlkit(&format!("evaluate {run} --json")).json()["accuracy"].clone();
    assert_eq!(accuracy("small"), accuracy("run"));
    setting.dlkit("freeze run --output run.onnx").done();
    setting.dlkit("freeze small --output small.onnx").done();
    let size = |file: &str| fs::metadata(setting.path(file)).unwrap().len();
    assert!(size("small.onnx") < size("run.onnx"));
    assert_eq!(accuracy("small.onnx --data digits"), accuracy("run"));
    setting.dlkit("train --resume small --epochs 1").done();
    let again = setting.dlkit("prune run --output small").refused();
    assert!(again.contains("small: already exists"), "{again}");
}

#[test]
fn a_threshold_may_change_outputs_and_is_checked() {
    let setting = Setting::new();
    train_line(&setting, "run", "--set penalty.l1=0");
    let pruned = setting.dlkit("prune run --output small --threshold 10 --json").json();
    assert_eq!(pruned["after"]["neurons"], serde_json::json!([1, 1, 1, 1]));
    assert!(pruned["largest_difference"].as_f64().unwrap() > 1e-6, "{pruned:#}");
    for threshold in ["-1", "NaN", "much"] {
        let message =
            setting.dlkit(&format!("prune run --output b --threshold={threshold}")).refused();
        assert!(message.contains("non-negative number"), "{message}");
    }
    assert!(!setting.path("b").exists());
}

#[test]
fn penalties_out_of_range_are_refused() {
    let setting = Setting::new();
    let recipe = repository().join("configs/regression/none.toml");
    for (key, value) in [("l1", "-0.1"), ("l1", "nan"), ("l2", "inf"), ("l2", "1e300")] {
        let set = format!("--set penalty.{key}={value}");
        let line = format!("train --config {} {set} --output run", recipe.display());
        let message = setting.dlkit(&line).refused();
        assert!(message.contains(&format!("penalty.{key}")), "{message}");
        assert!(message.contains("must be from 0 to 1e6"), "{message}");
    }
    assert!(!setting.path("run").exists());
}

#[test]
fn weights_are_drawn_and_animated() {
    let setting = Setting::new();
    train_line(&setting, "run", "--set training.weights_every=1");
    setting.dlkit("weights plot run --output weights.svg").done();
    let svg = setting.read("weights.svg");
    assert!(svg.contains("dense2: 10 to 10, ") && svg.contains("dense4: 10 to 1, "));
    setting.dlkit("weights plot run --output weights.png").done();
    assert!(fs::read(setting.path("weights.png")).unwrap().starts_with(b"\x89PNG"));
    let taken = setting.dlkit("weights plot run --output weights.png").refused();
    assert!(taken.contains("--force"), "{taken}");
    let ending = setting.dlkit("weights plot run --output weights.jpg").refused();
    assert!(ending.contains("the file name must end in .svg or .png"), "{ending}");

    let shown = setting.dlkit("weights animate run --output a.gif --seconds 2 --json").json();
    assert_eq!(shown["epochs"], serde_json::json!([0, 1, 2, 3]));
    assert_eq!(shown["seconds_per_frame"], 0.5);
    assert!(fs::read(setting.path("a.gif")).unwrap().starts_with(b"GIF89a"));
    let shown = setting.dlkit("weights animate run --output b.gif --frames 2 --json").json();
    assert_eq!(shown["epochs"], serde_json::json!([0, 3]));
    let fast = setting.dlkit("weights animate run --output c.gif --seconds 0.01").refused();
    assert!(fast.contains("give fewer --frames or more --seconds"), "{fast}");

    train_line(&setting, "forgetful", "");
    let message = setting.dlkit("weights animate forgetful --output d.gif").refused();
    assert!(message.contains("--set training.weights_every=1"), "{message}");
}

#[test]
fn kept_weights_of_a_run_that_went_on_are_those_of_one_that_was_not_cut() {
    let setting = Setting::new();
    train_line(&setting, "whole", "--set training.weights_every=2");
    let recipe = repository().join("configs/regression/l1.toml");
    let line = format!(
        "train --config {} --epochs 1 --output cut --set training.weights_every=2",
        recipe.display()
    );
    setting.dlkit(&line).done();
    setting.dlkit("train --resume cut --epochs 3").done();
    for epoch in [0, 2, 3] {
        let kept = |run: &str| {
            fs::read(setting.path(&format!("{run}/weights/epoch-000{epoch}.safetensors"))).unwrap()
        };
        assert_eq!(kept("whole"), kept("cut"), "epoch {epoch}");
    }
}

#[test]
fn cross_validation_finds_the_penalty_that_does_no_harm() {
    let setting = Setting::new();
    let recipe = repository().join("configs/regression/none.toml");
    let line = format!(
        "crossval --config {} --set-grid penalty.l1=0,0.001,1000 --folds 3 --set training.epochs=8 \
         --set data.outliers=0 --output cv --json",
        recipe.display()
    );
    let found = setting.dlkit(&line).json();
    assert_eq!(found["metric"], "absolute_error");
    let values = found["values"].as_array().unwrap();
    assert_eq!(values.len(), 3);
    for value in values {
        let scores: Vec<f64> = value["scores"]
            .as_array()
            .unwrap()
            .iter()
            .map(|score| score.as_f64().unwrap())
            .collect();
        assert_eq!(scores.len(), 3);
        let mean = scores.iter().sum::<f64>() / 3.0;
        assert!((value["mean"].as_f64().unwrap() - mean).abs() < 1e-9);
    }
    // Without any weight the prediction is a constant.
    assert_ne!(found["best"], "1000", "{found:#}");
    assert_ne!(found["one_standard_error"], "1000", "{found:#}");
    for name in ["crossval.csv", "crossval.json", "crossval.svg", "crossval.png"] {
        assert!(setting.path(&format!("cv/{name}")).is_file(), "{name}");
    }
    assert_eq!(setting.read("cv/crossval.csv").lines().count(), 4);
    assert_eq!(setting.dlkit(&format!("{line} --force")).json()["values"], found["values"]);
}

#[test]
fn cross_validation_refuses_what_it_cannot_do() {
    let setting = Setting::new();
    let recipe = repository().join("configs/regression/none.toml");
    let refused = |more: &str| {
        let line = format!("crossval --config {} {more}", recipe.display());
        setting.dlkit(&line).refused()
    };
    let message = refused("--set-grid penalty.l1=0,-1");
    assert!(message.contains("penalty.l1"), "{message}");
    let message = refused("--set-grid penalty.l1");
    assert!(message.contains("not of the form KEY=V1,V2"), "{message}");
    let message = refused("--set-grid penalty.l1=0,1 --folds 1");
    assert!(message.contains("--folds"), "{message}");
    let message = refused("--set-grid penalty.l1=0,1 --folds 41");
    assert!(message.contains("must be from 2 to 40"), "{message}");
    let message =
        refused("--set-grid penalty.l1=0 --set training.epochs=1 --metric accuracy --folds 2");
    assert!(message.contains("--metric accuracy"), "{message}");
    let message = refused("--set-grid penalty.l1=0 --set training.early_stopping.patience=3");
    assert!(message.contains("training.early_stopping"), "{message}");
}

#[test]
fn cross_validation_names_values_that_diverge() {
    let setting = Setting::new();
    let recipe = repository().join("configs/regression/none.toml");
    let line = format!(
        "crossval --config {} --set-grid training.learning_rate=0.001,1e20 --folds 2 --set \
         training.epochs=2 --simpler smaller",
        recipe.display()
    );
    let answer = setting.dlkit(&line);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(
        answer.stdout.contains("training.learning_rate = 1e20 failed: fold 1: "),
        "{answer:#?}"
    );
    assert!(answer.stdout.contains("best"), "{answer:#?}");
}
