//! What commands print and write.

use crate::setting::{SMALL, Setting, repository};

#[test]
fn train_evaluate_and_predict_agree() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "learning_rate = 0.01");
    let trained = setting.dlkit("train --config r.toml --epochs 20 --output run --json").json();
    assert_eq!(trained["outcome"], "finished");
    assert_eq!(trained["epochs"], 20);
    let accuracy = trained["accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.9, "bars are easy to tell apart: {accuracy}");
    for file in [
        "config.toml",
        "run.json",
        "metrics.jsonl",
        "metrics.csv",
        "best",
        "last",
        "report.html",
        "plots/loss.png",
        "plots/loss.svg",
        "plots/accuracy.png",
        "plots/confusion-test.png",
    ] {
        assert!(setting.path(&format!("run/{file}")).is_file(), "{file}");
    }
    let evaluated = setting.dlkit("evaluate run --json").json();
    assert_eq!(evaluated["accuracy"], trained["accuracy"]);
    assert_eq!(evaluated["loss"], trained["loss"]);
    assert_eq!(evaluated["samples"], 20);
    assert!(setting.path("run/evaluation/confusion-test.png").is_file());

    // The same digits as pictures, one folder per class, give the same answers.
    write_pictures(&setting, "pictures");
    let predicted = setting.dlkit("predict run pictures/test --top 3 --json").json();
    let predictions = predicted["predictions"].as_array().unwrap();
    assert_eq!((predictions.len(), &predicted["score_kind"]), (20, &"probability".into()));
    let right = predictions
        .iter()
        .filter(|prediction| {
            let class = prediction["class"].as_str().unwrap();
            prediction["file"].as_str().unwrap().contains(&format!("/{class}/"))
        })
        .count();
    assert_eq!(right, right_of(accuracy));
    assert_eq!(predictions[0]["top"].as_array().unwrap().len(), 3);
}

/// How many of the 20 test digits an accuracy stands for.
fn right_of(accuracy: f64) -> usize {
    (0..=20_u8).find(|right| (f64::from(*right) / 20.0 - accuracy).abs() < 1e-9).unwrap().into()
}

/// The tiny digits as PNG files in `train/CLASS/` and `test/CLASS/`.
fn write_pictures(setting: &Setting, directory: &str) {
    for (part, prefix) in [("train", "train"), ("test", "t10k")] {
        let images =
            std::fs::read(setting.path(&format!("digits/{prefix}-images-idx3-ubyte"))).unwrap();
        for (index, pixels) in images[16..].chunks(784).enumerate() {
            let picture = image::GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
            let path = setting.path(&format!("{directory}/{part}/{}/{index}.png", index % 10));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            picture.save(path).unwrap();
        }
    }
}

#[test]
fn an_image_folder_trains_like_the_same_digits_in_idx_files() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    write_pictures(&setting, "pictures");
    let answer = setting.dlkit(
        "train --config r.toml --set data.kind=image-folder --set data.path=pictures \
         --set data.validation=0 --output run --json",
    );
    assert_eq!(answer.json()["outcome"], "finished");
    let evaluated = setting.dlkit("evaluate run --data pictures --split train --json").json();
    assert_eq!(evaluated["samples"], 80);
    let verified = setting.dlkit("data verify pictures --json").json();
    assert_eq!(verified["kind"], "image-folder");
    assert_eq!(verified["parts"][0]["sizes"]["1x28x28"], 80);
}

#[test]
fn a_run_goes_on_in_a_numbered_directory_when_its_name_is_taken() {
    let setting = Setting::new();
    setting.write_recipe("recipes/r.toml", SMALL, "");
    for name in ["recipes-r", "recipes-r-2"] {
        setting.dlkit("train --config recipes/r.toml --epochs 1").done();
        assert!(setting.path("runs").join(name).is_dir(), "{name}");
    }
}

#[test]
fn runs_started_together_take_different_names() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let arguments = ["train", "--config", "r.toml", "--epochs", "1", "--quiet"];
    let children: Vec<_> = (0..3).map(|_| setting.command(&arguments).spawn().unwrap()).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(std::fs::read_dir(setting.path("runs")).unwrap().count(), 3);
}

#[test]
fn output_through_a_pipe_is_plain_lines() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let answer = setting.dlkit("train --config r.toml --output run").done();
    assert!(answer.stderr.is_empty(), "{answer:#?}");
    assert!(!answer.stdout.contains('\u{1b}') && !answer.stdout.contains('\r'), "{answer:#?}");
    let epochs = answer.stdout.lines().filter(|line| line.starts_with("epoch ")).count();
    assert_eq!(epochs, 2, "{answer:#?}");
    let quiet = setting.dlkit("evaluate run --quiet").done();
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:#?}");
}

#[test]
fn one_override_changes_the_whole_network() {
    let setting = Setting::new();
    let recipe = repository().join("configs/mnist/mlp.toml");
    let check = |set: &str| {
        setting.dlkit(&format!("config check {} --json {set}", recipe.display())).json()
    };
    let plain = check("");
    assert_eq!(plain["parameters"], 938_634);
    // A PReLU trains one slope per hidden layer.
    assert_eq!(check("--set network.activation=prelu")["parameters"], 938_636);
    assert_eq!(check("--set network.batch_norm=false")["parameters"], 936_330);
    let shown = setting
        .dlkit(&format!("config show {} --set network.activation=elu", recipe.display()))
        .done();
    assert!(shown.stdout.contains("[network.activation]\nkind = \"elu\"\nalpha = 1.0"));
}

#[test]
fn the_schema_describes_recipes() {
    let setting = Setting::new();
    let schema: serde_json::Value =
        serde_json::from_str(&setting.dlkit("config schema").done().stdout).unwrap();
    assert_eq!(schema["title"], "ExperimentConfig");
    assert!(schema["properties"]["network"].is_object());
}

#[test]
fn early_stopping_stops_and_says_so() {
    let setting = Setting::new();
    setting.write_recipe(
        "r.toml",
        SMALL,
        "early_stopping = { patience = 1, minimum_change = 1000.0 }",
    );
    let answer = setting.dlkit("train --config r.toml --epochs 9 --output run").done();
    assert!(answer.stdout.contains("stopped early after epoch 3"), "{answer:#?}");
    let again = setting.dlkit("train --resume run").done();
    assert!(again.stdout.contains("raise --epochs"), "{again:#?}");
}

#[test]
fn devices_and_completions_answer() {
    let setting = Setting::new();
    let devices = setting.dlkit("devices --json --threads 1").json();
    assert_eq!((&devices["default"], &devices["threads"]), (&"flex".into(), &1.into()));
    assert!(setting.dlkit("completions bash").done().stdout.contains("_dlkit"));
}
