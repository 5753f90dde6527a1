//! Layers that keep their weights.

use serde_json::Value;

use crate::setting::Setting;

const LAYERS: &str = "batch_norm = true\nactivation = { kind = \"prelu\" }\n\
    layers = [{ type = \"conv2d\", filters = 4, kernel = 3 }, { type = \"max-pool2d\", size = 2 }, \
    { type = \"flatten\" }, { type = \"dense\", units = 8 }, { type = \"dense\", units = 10 }]";

/// What moves weights besides gradients: decay, penalty, moments.
const TRAINING: &str = "optimizer = { kind = \"adamw\", weight_decay = 0.1 }\n\
    freeze = [\"conv*\"]\n[penalty]\nl1 = 0.01\nscope = \"all\"\n[diagnostics]\nevery = 1\n";

fn setting() -> Setting {
    let setting = Setting::new();
    setting.write_recipe("first.toml", LAYERS, "");
    setting.write_recipe("frozen.toml", LAYERS, TRAINING);
    setting.dlkit("train first.toml --output first").done();
    setting
}

/// The weights of a checkpoint by name, as hexadecimal SHA-256 would be too short to tell which.
fn weights(setting: &Setting, run: &str, checkpoint: &str) -> Vec<(String, Vec<u8>)> {
    let file = format!("{run}-{checkpoint}");
    setting
        .dlkit(&format!("inspect {run} --weights conv1 --checkpoint {checkpoint} --output {file}"))
        .done();
    let mut weights: Vec<(String, Vec<u8>)> = std::fs::read_dir(setting.path(&file))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "npy"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    weights.sort();
    weights
}

#[test]
fn frozen_layers_keep_weights_and_statistics() {
    let setting = setting();
    let answer = setting.dlkit("train frozen.toml --init first --output tuned --epochs 3").done();
    let expected = "frozen layers: conv1, conv1.batch_norm, conv1.activation";
    assert!(answer.stdout.contains(expected), "{answer:#?}");
    let (before, after) = (weights(&setting, "first", "best"), weights(&setting, "tuned", "last"));
    assert!(before.len() >= 6, "{before:?}");
    assert_eq!(before, after);
    // The others learn.
    let free = setting.dlkit("train first.toml --init first --output free --epochs 3").done();
    assert!(!free.stdout.contains("frozen"));
    assert_ne!(before, weights(&setting, "free", "last"));
    let losses = setting.read("tuned/metrics.jsonl");
    let loss =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["train_loss"].as_f64().unwrap();
    let losses: Vec<f64> = losses.lines().map(loss).collect();
    assert!(losses[2] < losses[0], "{losses:?}");
    // Resumed, it is the same training.
    setting.dlkit("train frozen.toml --init first --output cut --epochs 1").done();
    setting.dlkit("train --resume cut --epochs 3").done();
    let manifest = |run: &str| {
        let checkpoint = setting.read(&format!("{run}/last"));
        let manifest = setting.read(&format!("{run}/{}/checkpoint.json", checkpoint.trim()));
        serde_json::from_str::<Value>(&manifest).unwrap()["files"]["model.bpk"].clone()
    };
    assert_eq!(manifest("cut"), manifest("tuned"));
}

#[test]
fn inspect_marks_frozen_layers() {
    let setting = setting();
    setting.dlkit("train frozen.toml --output run --epochs 1").done();
    for network in ["frozen.toml", "run"] {
        let text = setting.dlkit(&format!("inspect {network}")).done().stdout;
        assert_eq!(text.matches("(frozen)").count(), 1, "{text}");
        let summary = setting.dlkit(&format!("inspect {network} --json")).json();
        assert_eq!(summary["layers"][0]["frozen"], true, "{summary}");
        // A kernel of 3x3 for each of 4 filters, 4 biases, 2 x 4 of batch normalization, a slope, 2 x 4 statistics.
        assert_eq!(summary["layers"][0]["trainable_parameters"], 0);
        assert_eq!(summary["layers"][0]["fixed_parameters"], 36 + 4 + 8 + 1 + 8);
    }
    let text = setting.dlkit("inspect first.toml").done().stdout;
    assert!(!text.contains("frozen"), "{text}");
}

#[test]
fn names_of_no_layer_are_refused() {
    let setting = setting();
    let message = |names: &str| {
        let answer = setting.command(&[
            "config",
            "check",
            "first.toml",
            "--set",
            &format!("training.freeze={names}"),
        ]);
        let mut answer = answer;
        crate::setting::Answer::from(answer.output().unwrap()).refused()
    };
    let text = message("[\"conv1\", \"cnov*\"]");
    assert!(
        text.contains(
            "`training.freeze` names no layer with weights by \"cnov*\"; those of the network are conv1, \
             conv1.batch_norm, conv1.activation, dense1"
        ),
        "{text}"
    );
    assert!(message("[\"flatten1\"]").contains("names no layer with weights by \"flatten1\""));
    assert!(message("[\"*\"]").contains("leaves nothing to train"));
}
