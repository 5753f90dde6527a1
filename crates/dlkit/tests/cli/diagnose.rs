//! Runs asked why they do not learn.

use std::fs;

use crate::setting::{SMALL, Setting};

/// Ten dense layers, so that a sigmoid's gradient vanishes.
fn deep(activation: &str) -> String {
    let hidden = "{ type = \"dense\", units = 12 }, ".repeat(9);
    format!(
        "activation = \"{activation}\"\nlayers = [{{ type = \"flatten\" }}, {hidden}\
         {{ type = \"dense\", units = 10 }}]"
    )
}

#[test]
fn a_vanishing_gradient_is_found_and_drawn() {
    let setting = Setting::new();
    for activation in ["sigmoid", "relu"] {
        setting.write_recipe("r.toml", &deep(activation), "");
        let line = "train --config r.toml --set diagnostics.every=2 --output";
        setting.dlkit(&format!("{line} {activation}")).done();
    }
    let answer = setting.dlkit("diagnose sigmoid relu --output figures").done();
    let (sigmoid, relu) = answer.stdout.split_once("relu, epoch 2 of 2").unwrap();
    assert!(sigmoid.contains("- the gradient vanishes: at `dense1` it is"), "{answer:#?}");
    assert!(!relu.contains("vanishes"), "{answer:#?}");
    for name in ["gradient_norm", "weight_norm", "update_ratio", "dead_units"] {
        assert!(setting.path(&format!("figures/{name}.png")).is_file(), "{name}");
        assert!(setting.path(&format!("sigmoid/plots/{name}.svg")).is_file(), "{name}");
    }
    let header = setting.read("sigmoid/metrics.csv");
    assert!(header.lines().next().unwrap().contains(",gradient_norm.dense10,"), "{header}");

    let json = setting.dlkit("diagnose sigmoid --epoch 1 --json").json();
    let run = &json["runs"][0];
    assert_eq!((run["run"].as_str(), run["epoch"].as_u64()), (Some("sigmoid"), Some(1)));
    let norm = |layer: usize| run["layers"][layer]["gradient_norm"].as_f64().unwrap();
    assert_eq!(run["layers"][9]["layer"], "dense10");
    assert!(norm(0) < 1e-3 * norm(9), "{json}");

    let message = setting.dlkit("diagnose relu --epoch 3").refused();
    assert!(message.contains("--epoch 3: relu has epochs 1 to 2"), "{message}");
}

#[test]
fn a_training_that_diverged_is_diagnosed() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &deep("relu"), "optimizer = \"sgd\"\nlearning_rate = 1e4");
    let answer = setting.dlkit("train --config r.toml --output run --set diagnostics.every=1");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    let json = setting.dlkit("diagnose run --json").json();
    let symptoms: Vec<_> = json["runs"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["symptom"].as_str().unwrap())
        .collect();
    assert!(symptoms.contains(&"undefined") || symptoms.contains(&"large-updates"), "{json}");
    let text = setting.dlkit("diagnose run").done().stdout;
    assert!(text.starts_with("run, epoch 1 of 2, which diverged"), "{text}");
}

#[test]
fn a_run_that_was_cut_has_the_same_figures() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &deep("relu"), "");
    let line = "train --config r.toml --set diagnostics.every=2 --output";
    setting.dlkit(&format!("{line} whole")).done();
    setting.dlkit(&format!("{line} cut --epochs 1")).done();
    setting.dlkit("train --resume cut --epochs 2").done();
    let figures = |run: &str| {
        let text = setting.read(&format!("{run}/metrics.jsonl"));
        let lines = text.lines().map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            for name in ["seconds", "samples_per_second"] {
                line.as_object_mut().unwrap().remove(name).unwrap();
            }
            line.to_string()
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(figures("whole"), figures("cut"));
}

#[test]
fn damaged_figures_are_not_passed_over() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", &deep("relu"), "");
    setting.dlkit("train --config r.toml --set diagnostics.every=2 --output run").done();
    let whole = setting.read("run/metrics.jsonl");
    setting.write("run/metrics.jsonl", whole.replacen("{\"epoch\":1", "{\"epoch\"", 1));
    let message = setting.dlkit("diagnose run").refused();
    assert!(message.contains("metrics.jsonl: line 1 is damaged"), "{message}");
    setting.write("run/metrics.jsonl", "");
    let message = setting.dlkit("diagnose run").refused();
    assert!(message.contains("metrics.jsonl is empty or missing"), "{message}");
}

#[test]
fn measuring_does_not_change_the_training() {
    let setting = Setting::new();
    let layers = "activation = \"relu\"\nbatch_norm = true\nlayers = [{ type = \"flatten\" }, \
                  { type = \"dense\", units = 16 }, { type = \"dropout\", rate = 0.5 }, \
                  { type = \"dense\", units = 10 }]";
    setting.write_recipe("r.toml", layers, "");
    setting.dlkit("train --config r.toml --output plain").done();
    setting.dlkit("train --config r.toml --output measured --set diagnostics.every=1").done();
    let weights = |run: &str| {
        std::fs::read(setting.path(&format!("{run}/checkpoints/epoch-0002/model.bpk"))).unwrap()
    };
    assert!(weights("plain") == weights("measured"));

    let message = setting.dlkit("diagnose plain --epoch 1").refused();
    assert!(message.contains("--set diagnostics.every"), "{message}");
    for every in ["0", "-1"] {
        let line = format!("train --config r.toml --set diagnostics.every={every} --output zero");
        let message = setting.dlkit(&line).refused();
        assert!(message.contains("`diagnostics.every`"), "{message}");
        assert!(message.contains(&format!("not {every}")), "{message}");
    }
}

/// Runs a training without diagnostics and gives what stands out: symptoms and texts.
fn found(
    setting: &Setting,
    layers: &str,
    training: &str,
    overrides: &str,
) -> Vec<(String, String)> {
    setting.write_digits("digits", 400, 10);
    setting.write_recipe("r.toml", layers, training);
    let run = format!("run-{}", fs::read_dir(setting.path(".")).unwrap().count());
    setting.dlkit(&format!("train r.toml --epochs 5 --output {run} {overrides}")).done();
    let json = setting.dlkit(&format!("diagnose {run} --json")).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = json["runs"][0]["findings"].as_array().unwrap().iter();
    findings.map(|finding| (text(&finding["symptom"]), text(&finding["text"]))).collect()
}

#[test]
fn the_cause_is_named_without_diagnostics() {
    let setting = Setting::new();
    let normalized = format!("batch_norm = true\n{SMALL}");
    let sigmoid = SMALL.replace("relu", "sigmoid");
    for (layers, training, overrides, symptom, words) in [
        (SMALL, "", "--set data.deviation=0.004", "unscaled-inputs", "data.deviation = 0."),
        (&normalized, "", "--set training.batch_size=1", "batch-of-one", "training.batch_size"),
        (SMALL, "", "--set penalty.l1=0.5", "strong-penalty", "penalty.l1 = 0.005"),
        (SMALL, "warmup_epochs = 9000", "", "long-warm-up", "training.warmup_epochs"),
        (SMALL, "learning_rate = 1e-7", "", "low-learning-rate", "training.learning_rate = 1e-6"),
        (&sigmoid, "learning_rate = 30", "", "high-learning-rate", "training.learning_rate = 3"),
        (SMALL, "", "--set network.initializer=ones", "equal-units", "he-normal"),
    ] {
        let findings = found(&setting, layers, training, overrides);
        let (first, text) = findings.first().unwrap_or_else(|| panic!("{symptom}: nothing"));
        assert_eq!(first, symptom, "{findings:#?}");
        assert!(text.contains(words), "{text}");
    }
    let healthy = found(&setting, SMALL, "learning_rate = 0.01", "");
    assert_eq!(healthy, []);
}

#[test]
fn shuffled_labels_are_told_from_a_network_that_does_not_learn() {
    let setting = Setting::new();
    setting.write_digits("digits", 400, 10);
    let path = setting.path("digits/train-labels-idx1-ubyte");
    let mut labels = fs::read(&path).unwrap();
    // Each picture has the label of another, whose class is not known from its own.
    let own: Vec<u8> = labels[8..].to_vec();
    for (index, label) in labels[8..].iter_mut().enumerate() {
        *label = own[(index * index / 3 + index / 7) % own.len()];
    }
    setting.write("digits/train-labels-idx1-ubyte", labels);
    setting.write_recipe("r.toml", SMALL, "learning_rate = 0.01");
    setting.dlkit("train r.toml --output run").done();
    let answer = setting.dlkit("diagnose run").done();
    assert!(answer.stdout.contains("labels have nothing to do with the inputs"), "{answer:#?}");
}

#[test]
fn a_run_without_its_data_is_diagnosed_by_what_it_kept() {
    let setting = Setting::new();
    setting.write_digits("digits", 100, 10);
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --output run").done();
    fs::rename(setting.path("digits"), setting.path("elsewhere")).unwrap();
    let answer = setting.dlkit("diagnose run").done();
    assert!(answer.stdout.contains("the data was not looked at"), "{answer:#?}");
    assert!(answer.stdout.contains("training loss "), "{answer:#?}");
}
