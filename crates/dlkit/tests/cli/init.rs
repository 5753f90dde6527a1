//! Trainings that start from the weights of another network.

use crate::setting::Setting;

/// A perceptron with this many units at the end.
fn layers(units: usize) -> String {
    format!(
        "batch_norm = true\nlayers = [{{ type = \"flatten\" }}, {{ type = \"dense\", units = 12 }}, \
         {{ type = \"dense\", units = {units} }}]"
    )
}

/// Folders of pictures of these classes, two of each.
fn write_classes(setting: &Setting, directory: &str, classes: &[&str]) {
    for (number, class) in (0_u8..).zip(classes) {
        for index in 0..6_u8 {
            let picture = image::GrayImage::from_fn(28, 28, |x, y| {
                image::Luma([u8::try_from((x * 3 + y * 5) % 90).unwrap() + 20 * number + index])
            });
            let path = setting.path(&format!("{directory}/{class}"));
            std::fs::create_dir_all(&path).unwrap();
            picture.save(path.join(format!("{index}.png"))).unwrap();
        }
    }
}

fn folder_recipe(setting: &Setting, name: &str, data: &str, units: usize) {
    setting.write(
        name,
        format!(
            "task = \"classification\"\n\
             data = {{ kind = \"image-folder\", path = \"{data}\", validation = 0.25 }}\n\
             [network]\ninput = [1, 28, 28]\n{}\n[training]\nepochs = 1\nbatch_size = 8\n",
            layers(units)
        ),
    );
}

fn weights(setting: &Setting, run: &str) -> serde_json::Value {
    let checkpoint = setting.read(&format!("{run}/last"));
    let manifest = setting.read(&format!("{run}/{}/checkpoint.json", checkpoint.trim()));
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    manifest["files"]["model.bpk"].clone()
}

#[test]
fn a_run_a_frozen_file_and_a_file_of_weights_start_a_training_alike() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &layers(10), "");
    setting.dlkit("train r.toml --output first").done();
    setting.dlkit("freeze first --output first.onnx").done();
    setting.dlkit("weights export first --output first.safetensors").done();
    for (init, output) in [("first", "a"), ("first.onnx", "b"), ("first.safetensors", "c")] {
        let command = format!("train r.toml --init {init} --output {output} --epochs 1");
        let answer = setting.dlkit(&command).done();
        let expected = format!("starts from {init}: 3 of 3 layers\n");
        assert!(answer.stdout.contains(&expected), "{answer:#?}");
        assert!(
            setting.read(&format!("{output}/run.json")).contains(&format!("\"init\": \"{init}\""))
        );
    }
    assert_eq!(weights(&setting, "a"), weights(&setting, "b"));
    assert_eq!(weights(&setting, "a"), weights(&setting, "c"));
    setting.dlkit("train r.toml --output drawn --epochs 1").done();
    assert_ne!(weights(&setting, "a"), weights(&setting, "drawn"));
    // Cut and resumed, it is the same training.
    setting.dlkit("train r.toml --init first --output whole --epochs 2").done();
    setting.dlkit("train --resume a --epochs 2").done();
    assert_eq!(weights(&setting, "whole"), weights(&setting, "a"));
}

#[test]
fn classes_are_found_by_name() {
    let setting = Setting::new();
    write_classes(&setting, "old", &["ant", "bee", "cat"]);
    write_classes(&setting, "new", &["bee", "cow"]);
    folder_recipe(&setting, "old.toml", "old", 3);
    folder_recipe(&setting, "new.toml", "new", 2);
    setting.dlkit("train old.toml --output old-run").done();
    let answer = setting.dlkit("train new.toml --init old-run --output new-run").done();
    assert!(
        answer.stdout.contains("starts from old-run: 3 of 3 layers, 1 of 2 outputs"),
        "{answer:#?}"
    );
}

#[test]
fn what_does_not_fit_is_named() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &layers(10), "");
    let wide = layers(10).replace("units = 12", "units = 13");
    setting.write_recipe("wide.toml", &wide.replace("batch_norm = true", "batch_norm = false"), "");
    setting.dlkit("train r.toml --output first").done();
    let message = setting.dlkit("train wide.toml --init first --output x").refused();
    assert!(
        message.contains(
            "--init first: no layer of the recipe has its weights there (weight `dense1.weight`: its \
             shape is [784, 12], but the network needs [784, 13])"
        ),
        "{message}"
    );
    assert!(!setting.path("x").exists());
    let message = setting.dlkit("train r.toml --init r.toml --output x").refused();
    assert!(message.contains("r.toml: neither a run directory nor a frozen file"), "{message}");
    let message = setting.dlkit("train r.toml --init none.onnx --output x").refused();
    assert!(message.contains("none.onnx"), "{message}");
    assert_eq!(setting.dlkit("train --resume first --init first").code, Some(2));
}

#[test]
fn a_run_without_its_first_weights_is_not_trained_from_others() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &layers(10), "");
    setting.dlkit("train r.toml --output first").done();
    setting.dlkit("train r.toml --init first --output cut --epochs 1").done();
    // As a kill leaves it that came before the first weights.
    std::fs::remove_dir_all(setting.path("cut/checkpoints")).unwrap();
    std::fs::create_dir(setting.path("cut/checkpoints")).unwrap();
    for file in ["cut/last", "cut/best", "cut/metrics.jsonl", "cut/metrics.csv"] {
        let _ = std::fs::remove_file(setting.path(file));
    }
    let info = setting.read("cut/run.json").replace("\"finished\"", "\"running\"");
    setting.write("cut/run.json", info);
    let message = setting.dlkit("train --resume cut").refused();
    assert!(
        message.contains("cut: its first weights, those of first, were not written"),
        "{message}"
    );
}
