//! Training pictures that are changed at random, and the pictures of them.

use serde_json::Value;

use crate::setting::{SMALL, Setting};

const EVERYTHING: &str = "[data.augmentation]\nflip_horizontal = 0.3\nshift = 2\nturn = 15\nzoom = 1.2\n\
    brightness = 0.1\ncontrast = 0.2\ncut_out = 0.2\n";

fn setting() -> Setting {
    let setting = Setting::new();
    setting.write(
        "r.toml",
        format!(
            "task = \"classification\"\n[data]\nkind = \"mnist\"\npath = \"digits\"\nvalidation = 0.25\n\
             {EVERYTHING}[network]\ninput = [1, 28, 28]\n{SMALL}\n[training]\nepochs = 4\nbatch_size = 16\n"
        ),
    );
    setting.write_recipe("plain.toml", SMALL, "");
    setting
}

fn weights(setting: &Setting, run: &str) -> Value {
    let checkpoint = setting.read(&format!("{run}/last"));
    let manifest = setting.read(&format!("{run}/{}/checkpoint.json", checkpoint.trim()));
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    manifest["files"]["model.bpk"].clone()
}

#[test]
fn neither_threads_nor_a_resumption_change_what_is_drawn() {
    let setting = setting();
    for threads in ["1", "2", "5"] {
        setting.dlkit(&format!("train r.toml --threads {threads} --output run{threads}")).done();
    }
    assert_eq!(weights(&setting, "run1"), weights(&setting, "run2"));
    assert_eq!(weights(&setting, "run1"), weights(&setting, "run5"));
    setting.dlkit("train r.toml --epochs 1 --output cut").done();
    setting.dlkit("train --resume cut --epochs 4").done();
    assert_eq!(weights(&setting, "run1"), weights(&setting, "cut"));
    setting.dlkit("train plain.toml --epochs 4 --output plain").done();
    assert_ne!(weights(&setting, "run1"), weights(&setting, "plain"));
}

#[test]
fn only_training_pictures_are_changed() {
    let setting = setting();
    // A rate that is too small to move a weight leaves the same network; biases leave zero, but by nothing
    // that any sum would show.
    let still =
        "--epochs 1 --set training.learning_rate=1e-30 --set training.optimizer=sgd --output";
    setting.dlkit(&format!("train r.toml {still} changed")).done();
    setting.dlkit(&format!("train plain.toml {still} plain")).done();
    let record = |run: &str| -> Value {
        serde_json::from_str(setting.read(&format!("{run}/metrics.jsonl")).trim()).unwrap()
    };
    let (changed, plain) = (record("changed"), record("plain"));
    assert_eq!(changed["validation_loss"], plain["validation_loss"]);
    assert_ne!(changed["train_loss"], plain["train_loss"]);
    for part in ["test", "train"] {
        let loss = |run: &str| {
            setting.dlkit(&format!("evaluate {run} --split {part} --json")).json()["loss"].clone()
        };
        assert_eq!(loss("changed"), loss("plain"), "{part}");
    }
}

#[test]
fn wrong_changes_are_refused() {
    let setting = setting();
    for (set, expected) in [
        ("turn=200", "`data.augmentation.turn` must be from 0 to 180 degrees, not 200"),
        ("flip_vertical=2", "`data.augmentation.flip_vertical` must be a share of the pictures"),
        ("flip_vertical=often", "a share of the pictures from 0 to 1, true or false"),
        ("shear=3", "unknown key `data.augmentation.shear`"),
        ("zoom=5", "`data.augmentation.zoom` must be from 1 (no zoom) to 4, not 5"),
    ] {
        let message =
            setting.dlkit(&format!("config check r.toml --set data.augmentation.{set}")).refused();
        assert!(message.contains(expected), "{set}: {message}");
    }
    setting.write(
        "table.toml",
        "task = \"regression\"\n\
         data = { kind = \"table\", path = \"t.csv\", features = [\"a\"], target = \"y\" }\n\
         [network]\ninput = [1]\nlayers = [{ type = \"dense\", units = 1 }]\n[training]\nloss = \"mse\"\n",
    );
    let message =
        setting.dlkit("config check table.toml --set data.augmentation.turn=10").refused();
    assert!(message.contains("`data.augmentation` changes pictures of classes"), "{message}");
}

#[test]
fn sheets_show_pictures_as_the_network_sees_them() {
    let setting = setting();
    let shown = setting
        .dlkit("data show --config plain.toml --samples 20 --output plain.png --json")
        .json();
    let classes: Vec<&str> = shown["pictures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|picture| picture["class"].as_str().unwrap())
        .collect();
    assert_eq!(classes[..4], ["0", "0", "1", "1"]);
    assert_eq!(classes.len(), 20);
    let sheet = image::open(setting.path("plain.png")).unwrap();
    // Ten in a row, each 110 wide and 12 apart, twice as large.
    assert_eq!(sheet.width(), 2 * (2 * 20 + 10 * 122 - 12));
    setting.dlkit("data show digits --config r.toml --augmented --output changed.png").done();
    let changed = image::open(setting.path("changed.png")).unwrap();
    assert_eq!(changed.width(), 2 * (2 * 20 + 8 * 122 - 12));
    // The second of a row differs from the first.
    let cell = |column: u32| changed.crop_imm(2 * (20 + column * 122), 2 * 68, 220, 220).to_rgb8();
    assert_ne!(cell(0), cell(1));
    assert_ne!(cell(1), cell(2));
}
