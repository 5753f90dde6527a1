//! Classes that are rare: weights in training, thresholds, and the figures that tell.

use image::{GrayImage, Luma};
use serde_json::Value;

use crate::setting::Setting;

/// Pictures of two classes that overlap; `counts` of each in `train`, as many in `test`.
fn write_classes(setting: &Setting, directory: &str, counts: [u32; 2]) {
    for (part, salt) in [("train", 0), ("test", 5)] {
        for (class, count) in (0_u32..).zip(counts) {
            let path =
                setting.path(&format!("{directory}/{part}/{}", ["common", "rare"][class as usize]));
            std::fs::create_dir_all(&path).unwrap();
            for index in 0..count {
                let noise =
                    |x: u32, y: u32| (x * 37 + y * 91 + index * 53 + salt * 11 + x * y * 7) % 90;
                let bright = 60 + 40 * class + (index * 29 + salt) % 50;
                let picture = GrayImage::from_fn(6, 5, |x, y| {
                    let center = if (2..4).contains(&x) { bright } else { 40 };
                    Luma([u8::try_from(center + noise(x, y)).unwrap()])
                });
                picture.save(path.join(format!("{index}.png"))).unwrap();
            }
        }
    }
}

fn recipe(more: &str) -> String {
    format!(
        "task = \"classification\"\n\
         data = {{ kind = \"image-folder\", path = \"pictures\", validation = 0.3 }}\n\
         [network]\ninput = [1, 5, 6]\nlayers = [{{ type = \"flatten\" }}, {{ type = \"dense\", units = 2 }}]\n\
         [training]\nepochs = 6\nbatch_size = 16\nlearning_rate = 0.02\n{more}\n"
    )
}

fn setting() -> Setting {
    let setting = Setting::new();
    write_classes(&setting, "pictures", [120, 12]);
    setting.write("plain.toml", recipe(""));
    setting
}

fn evaluated(setting: &Setting, line: &str) -> Value {
    setting.dlkit(&format!("evaluate {line} --json")).json()
}

#[test]
fn weights_let_rare_classes_count() {
    let setting = setting();
    setting.dlkit("train plain.toml --output plain").done();
    setting.write("weighted.toml", recipe("class_weights = \"balanced\""));
    let answer = setting.dlkit("train weighted.toml --output weighted").done();
    assert!(answer.stdout.contains("class weights common 0.5"), "{answer:#?}");
    let recall = |run: &str| evaluated(&setting, run)["classes"][1]["recall"].as_f64().unwrap();
    assert!(recall("weighted") > recall("plain"), "{} {}", recall("weighted"), recall("plain"));
    // Weights of one change nothing but rounding.
    setting.write("ones.toml", recipe("class_weights = { rare = 1.0 }"));
    setting.dlkit("train ones.toml --output ones").done();
    let losses = |run: &str| {
        let lines = setting.read(&format!("{run}/metrics.jsonl"));
        let loss = |line: &str| {
            let record: Value = serde_json::from_str(line).unwrap();
            ["train_loss", "validation_loss"].map(|name| record[name].as_f64().unwrap())
        };
        lines.lines().map(loss).collect::<Vec<_>>()
    };
    for (ones, plain) in losses("ones").iter().flatten().zip(losses("plain").iter().flatten()) {
        assert!((ones - plain).abs() < 1e-3, "{ones} {plain}");
    }
    // Resumed, it is the same training.
    setting.dlkit("train weighted.toml --output cut --epochs 3").done();
    setting.dlkit("train --resume cut --epochs 6").done();
    assert_eq!(losses("cut"), losses("weighted"));
}

#[test]
fn weights_that_mean_nothing_are_refused() {
    let setting = setting();
    for (more, expected) in [
        ("class_weights = { seldom = 2 }", "no class `seldom`; its classes are common, rare"),
        (
            "class_weights = { rare = -1.0 }",
            "`training.class_weights.rare` must be a finite number, 0 or more",
        ),
        ("class_weights = { rare = 0, common = 0 }", "all training samples have weight 0"),
        ("class_weights = \"even\"", "\"balanced\" or a table of weights by class name"),
        ("class_weights = 3", "\"balanced\" or a table of weights by class name"),
        ("class_weights = {}", "names no class"),
        ("class_weights = \"balanced\"\nloss = \"mse\"", "weighs the loss \"cross-entropy\" only"),
        (
            "threshold = 1.0",
            "`training.threshold` must be a probability above 0 and below 1, not 1",
        ),
        ("threshold = \"best\"", "\"balanced-accuracy\", \"f1\" or a probability such as 0.3"),
        ("threshold = \"f1\"\nloss = \"mse\"", "training.threshold: needs probabilities"),
    ] {
        setting.write("wrong.toml", recipe(more));
        let message = setting.dlkit("train wrong.toml --output wrong").refused();
        assert!(message.contains(expected), "{more}: {message}");
        assert!(!setting.path("wrong").exists());
    }
    let line =
        "train plain.toml --output wrong --set training.threshold=f1 --set data.validation=0";
    let message = setting.dlkit(line).refused();
    assert!(message.contains("the validation part has no sample of `common`"), "{message}");
    setting.write_recipe("digits.toml", crate::setting::SMALL, "threshold = 0.3");
    let message = setting.dlkit("train digits.toml --output wrong").refused();
    assert!(message.contains("decides between two classes, but the data has 10"), "{message}");
    for key in ["class_weights=balanced", "threshold=0.3"] {
        setting.write(
            "line.toml",
            "task = \"regression\"\ndata = { kind = \"line\" }\n\
             network = { input = [1], layers = [{ type = \"dense\", units = 1 }] }\n\
             training = { loss = \"mse\" }\n",
        );
        let line = format!("config check line.toml --set training.{key}");
        let message = setting.dlkit(&line).refused();
        assert!(message.contains("has no effect on `task` \"regression\""), "{message}");
    }
}

#[test]
fn a_threshold_goes_where_the_network_goes() {
    let setting = setting();
    setting.write("threshold.toml", recipe("threshold = \"balanced-accuracy\""));
    setting.dlkit("train threshold.toml --output run").done();
    let info: Value = serde_json::from_str(&setting.read("run/run.json")).unwrap();
    let threshold = info["threshold"].as_f64().unwrap();
    assert!(threshold > 0.0 && threshold < 0.5, "{threshold}");
    let report = evaluated(&setting, "run");
    assert_eq!(report["threshold"].as_f64(), Some(threshold));
    setting.dlkit("train plain.toml --output plain").done();
    let plain = evaluated(&setting, "plain");
    assert!(plain["threshold"].is_null());
    for name in ["roc_auc", "average_precision", "brier_score", "calibration_error", "loss"] {
        assert_eq!(plain[name], report[name], "{name}");
    }
    let predicted_rare = |report: &Value| -> u64 {
        let rows = report["confusion"].as_array().unwrap();
        rows.iter().map(|row| row[1].as_u64().unwrap()).sum()
    };
    assert!(predicted_rare(&report) >= predicted_rare(&plain), "{report} {plain}");
    // No threshold is better on the validation part.
    let chosen = evaluated(&setting, "run --split validation")["balanced_accuracy"].as_f64();
    assert!(
        chosen >= evaluated(&setting, "plain --split validation")["balanced_accuracy"].as_f64()
    );
    // The frozen file decides alike, and so does predict.
    setting.dlkit("freeze run --output run.onnx").done();
    setting.dlkit("verify run run.onnx").done();
    let frozen = evaluated(&setting, "run.onnx --data pictures --split test");
    assert_eq!(frozen["confusion"], report["confusion"]);
    let predictions = |network: &str| {
        setting
            .dlkit(&format!("predict {network} pictures/test/common pictures/test/rare --json"))
            .json()
    };
    let (own, of_file) = (predictions("run"), predictions("run.onnx"));
    assert_eq!(own["predictions"], of_file["predictions"]);
    assert_eq!(own["threshold"].as_f64(), Some(threshold));
    let rare = own["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|each| each["class"] == "rare")
        .count();
    assert_eq!(rare as u64, predicted_rare(&report));
    let text = setting.dlkit("predict run pictures/test/rare").done().stdout;
    assert!(text.contains("rare from a probability of"), "{text}");
    // It belongs to the best checkpoint.
    assert!(evaluated(&setting, "run --checkpoint last --split test")["threshold"].is_null());
    let changed =
        setting.read("run/run.json").replace("\"threshold\": ", "\"threshold\": 0.9, \"old\": ");
    setting.write("run/run.json", changed);
    assert_eq!(setting.dlkit("verify run run.onnx").code, Some(1));
}

#[test]
fn curves_are_drawn_and_listed() {
    let setting = setting();
    setting.dlkit("train plain.toml --output run").done();
    let answer = setting.dlkit("evaluate run --split validation").done();
    for expected in [
        "balanced accuracy",
        "macro F1",
        "ROC AUC",
        "average precision",
        "calibration error",
        "Brier score",
    ] {
        assert!(answer.stdout.contains(expected), "{expected}: {answer:#?}");
    }
    for stem in ["confusion", "roc", "precision-recall", "reliability"] {
        assert!(setting.path(&format!("run/evaluation/{stem}-validation.png")).is_file(), "{stem}");
        assert!(setting.path(&format!("run/plots/{stem}-test.svg")).is_file(), "{stem}");
    }
    let page = setting.read("run/report.html");
    assert!(page.contains("Reliability of the probabilities") && page.contains("Test ROC AUC"));
    let json: Value =
        serde_json::from_str(&setting.read("run/evaluation/validation.json")).unwrap();
    assert_eq!(json["pictures"].as_array().unwrap().len(), 4);
    let compared = setting.dlkit("compare run --metric test_balanced_accuracy --json").json();
    assert!(compared.to_string().contains("test_balanced_accuracy"), "{compared}");
}
