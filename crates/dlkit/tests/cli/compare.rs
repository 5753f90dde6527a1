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
        message.contains("run has no such metric; it has learning_rate, samples_per_second"),
        "{message}"
    );
    let message = setting.dlkit("compare run --by seed").refused();
    assert!(
        message.contains("--by seed: seed and data.path do not tell groups apart"),
        "{message}"
    );
    for (path, reason) in [("nowhere", "it is not there"), ("digits", "config.toml")] {
        let expected = format!("{path} is no run directory: {reason}");
        let message = setting.dlkit(&format!("compare {path}")).refused();
        assert!(message.contains(&expected), "{message}");
        let answer = setting.dlkit(&format!("compare run {path}"));
        assert_eq!(answer.code, Some(1), "{answer:#?}");
        assert!(answer.stderr.contains(&expected), "{answer:#?}");
    }
    setting.write("run/run.json", setting.read("run/run.json").replace("finished", "running"));
    let message = setting.dlkit("compare run").refused();
    assert!(message.contains("no finished run to compare"), "{message}");
}

#[test]
fn a_run_named_by_two_paths_counts_once() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --output runs/a").done();
    let json = setting.dlkit("compare ./runs runs runs/../runs/a --json").json();
    let runs = json["groups"][0]["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1, "{json}");
    assert_eq!(runs[0]["run"], "./runs/a");
}

#[test]
fn what_makes_figures_doubtful_is_noted() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    for (name, units) in [("a", 16), ("b", 16), ("c", 8)] {
        let set = format!("--set network.layers.1.units={units}");
        setting.dlkit(&format!("train --config r.toml {set} --output runs/{name}")).done();
    }
    let by = "compare runs --by training.epochs --output compared";
    let text = setting.dlkit(by).done().stdout;
    assert!(text.contains("note: runs within a group also differ in network.layers"), "{text}");
    assert!(text.contains("several runs of seed 42: runs/a, runs/b, runs/c"), "{text}");
    assert!(text.contains("6,370 to 12,730"), "{text}");
    let markdown = setting.read("compared/comparison.md");
    assert!(
        markdown.contains("Note: runs within a group also differ in network.layers"),
        "{markdown}"
    );

    let json = setting.dlkit(&format!("{by} --json --force")).json();
    assert_eq!(json["groups"][0]["repeated_seeds"], serde_json::json!([42]));
    assert_eq!(json["groups"][0]["least_parameters"], 784 * 8 + 8 + 8 * 10 + 10);
    assert_eq!(json["groups"][0]["most_parameters"], 784 * 16 + 16 + 16 * 10 + 10);
    assert_eq!(json["also_differ"].as_array().unwrap().len(), 1, "{json}");
    let stored: serde_json::Value =
        serde_json::from_str(&setting.read("compared/comparison.json")).unwrap();
    assert_eq!(stored, json);

    let json = setting.dlkit("compare runs --json").json();
    assert_eq!(json["also_differ"], serde_json::json!([]));
}

#[test]
fn groups_by_one_key_are_paired_within_the_others() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    for activation in ["relu", "tanh"] {
        for (rate, seeds) in [(0.001, 1..=2), (0.03, 1..=1)] {
            for seed in seeds {
                let set = format!("--set training.learning_rate={rate} --set seed={seed}");
                let set = format!("{set} --set network.activation={activation}");
                let output = format!("runs/{activation}-{rate}-{seed}");
                setting.dlkit(&format!("train --config r.toml {set} --output {output}")).done();
            }
        }
    }
    let line = "compare runs --by network.activation --metric validation_loss --json";
    let json = setting.dlkit(line).json();
    let groups = json["groups"].as_array().unwrap();
    let value = |group: usize, end: &str| {
        let runs = groups[group]["runs"].as_array().unwrap();
        let of_end = |run: &&serde_json::Value| run["run"].as_str().unwrap().ends_with(end);
        runs.iter().find(of_end).unwrap()["value"].as_f64().unwrap()
    };
    let differences = ["0.001-1", "0.001-2", "0.03-1"].map(|end| value(1, end) - value(0, end));
    let expected = differences.iter().sum::<f64>() / 3.0;
    assert_eq!(groups[1]["pairs"], 3);
    assert!((groups[1]["difference"].as_f64().unwrap() - expected).abs() < 1e-12, "{json}");
    assert_eq!(groups[1]["repeated_seeds"], serde_json::json!([]));
    // Every run is in a pair, so this is also the difference of the means.
    let means = [0, 1].map(|group: usize| groups[group]["mean"].as_f64().unwrap());
    assert!((means[1] - means[0] - expected).abs() < 1e-12);
}

/// Trains a small regression with a loss.
fn regression(setting: &Setting, loss: &str, output: &str) {
    let rows: Vec<String> =
        (0..24_u32).map(|row| format!("{},{}", row % 7, 2 * (row % 7))).collect();
    setting.write("t.csv", format!("x,y\n{}\n", rows.join("\n")));
    setting.write(
        "t.toml",
        "task = \"regression\"\n\
         data = { kind = \"table\", path = \"t.csv\", features = [\"x\"], target = \"y\" }\n\
         [network]\ninput = [1]\nlayers = [{ type = \"dense\", units = 1 }]\n\
         [training]\nepochs = 1\nbatch_size = 4\n",
    );
    setting.dlkit(&format!("train t.toml --set training.loss={loss} --output {output}")).done();
}

#[test]
fn unlike_figures_are_not_ranked_together() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --output runs/digits").done();
    regression(&setting, "mse", "runs/squares");
    regression(&setting, "mae", "runs/distances");
    let json = setting.dlkit("compare runs --json --output compared").json();
    let found: Vec<_> = json["comparisons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comparison| {
            let runs = comparison["groups"].as_array().unwrap().len();
            (comparison["runs_of"].as_str().unwrap(), comparison["metric"].as_str().unwrap(), runs)
        })
        .collect();
    let expected =
        [("classification", "test_accuracy", 1), ("regression", "test_absolute_error", 2)];
    assert_eq!(found, expected);
    assert!(setting.path("compared/classification-runs.csv").is_file());
    assert!(setting.path("compared/regression-train_loss.svg").is_file());
    // Losses of two kinds have no order.
    let text =
        setting.dlkit("compare runs/squares runs/distances --metric train_loss").done().stdout;
    for loss in ["mae", "mse"] {
        let head = |line: &&str| {
            line.starts_with(loss) && line.ends_with(": train_loss, best group first")
        };
        assert_eq!(text.lines().filter(head).count(), 1, "{text}");
    }
}

#[test]
fn networks_that_differ_are_one_column() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --output runs/small").done();
    let layers = "layers = [{ type = \"conv2d\", filters = 2, kernel = 5, stride = 4 }, \
        { type = \"flatten\" }, { type = \"dense\", units = 10 }]";
    setting.write_recipe("c.toml", layers, "");
    setting.dlkit("train c.toml --output runs/convolution").done();
    let text = setting.dlkit("compare runs").done().stdout;
    let head: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().take(3).collect();
    assert_eq!(head, ["run", "network", "runs"]);
    for run in ["small  ", "convolution  "] {
        assert!(text.lines().any(|line| line.starts_with(run)), "{text}");
    }
    assert!(text.contains("note: network differs in network.layers.0."), "{text}");
    let json = setting.dlkit("compare runs --json").json();
    assert!(json["keys"].as_array().unwrap().len() > 4, "{json}");
}
