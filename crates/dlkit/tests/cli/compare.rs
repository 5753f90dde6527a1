//! Runs compared.

use crate::setting::{SMALL, Setting};

#[test]
fn runs_are_grouped_by_what_differs_apart_from_the_seed() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    for (rate, seed) in [(0.001, 1), (0.001, 2), (0.01, 1), (0.01, 2), (0.01, 3)] {
        let set = format!("--set training.learning_rate={rate} --set seed={seed}");
        setting.dlkit(&format!("train --config r.toml {set} --output runs/{rate}-{seed}")).done();
    }
    let diverging = "--set training.optimizer=sgd --set training.learning_rate=1e20";
    let failed = setting.dlkit(&format!("train --config r.toml {diverging} --output runs/bad"));
    assert_eq!(failed.code, Some(1), "{failed:#?}");

    let json = setting.dlkit("compare runs --metric validation_loss --json").json();
    assert_eq!(json["keys"], serde_json::json!(["training.learning_rate"]));
    let groups = json["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "{json}");
    let (mut worst, mut total) = (f64::MIN, 0);
    for group in groups {
        let values: Vec<f64> = group["runs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["value"].as_f64().unwrap())
            .collect();
        total += values.len();
        let (low, high) = (values.iter().fold(f64::MAX, |a, b| a.min(*b)), values[0]);
        assert!((group["best"].as_f64().unwrap() - low).abs() < 1e-12 && high >= low);
        let mean = group["mean"].as_f64().unwrap();
        // Lower is better: the best group is first.
        assert!(mean >= worst);
        worst = mean;
    }
    assert_eq!(total, 5);
    // Seeds 1 and 2 are in both groups.
    let paired = |group: usize, seed: u64| {
        let runs = groups[group]["runs"].as_array().unwrap();
        runs.iter().find(|run| run["seed"] == seed).unwrap()["value"].as_f64().unwrap()
    };
    let expected = [1, 2].map(|seed| paired(1, seed) - paired(0, seed));
    let found = groups[1]["difference"].as_f64().unwrap();
    assert!((found - f64::midpoint(expected[0], expected[1])).abs() < 1e-12);
    assert_eq!(json["unfinished"][0]["run"], "runs/bad");

    let text = setting.dlkit("compare runs --output compared").done().stdout;
    assert!(text.starts_with("test_accuracy, best group first"), "{text}");
    assert!(text.contains("runs/bad: failed after 0 of 2 epochs"), "{text}");
    for name in ["comparison.csv", "comparison.md", "runs.csv", "train_loss.png"] {
        assert!(setting.path(&format!("compared/{name}")).is_file(), "{name}");
    }
    assert_eq!(setting.read("compared/runs.csv").lines().count(), 1 + 5);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --output run").done();
    let message = setting.dlkit("compare run --by network.activatoin").refused();
    assert!(message.contains("--by network.activatoin: no recipe has this key"), "{message}");
    let message = setting.dlkit("compare run --metric accuracy").refused();
    assert!(
        message.contains("run has no such figure; it has test_accuracy, test_loss"),
        "{message}"
    );
    let message = setting.dlkit("compare nowhere").refused();
    assert!(message.contains("no finished run to compare"), "{message}");
    assert!(message.contains("nowhere"), "{message}");
}
