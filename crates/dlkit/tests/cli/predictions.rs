//! What is predicted for each sample: tables, sheets of mistakes, predictions out of fold, groups of pictures.

use std::collections::BTreeMap;

use image::{GrayImage, Luma};
use serde_json::Value;

use crate::setting::{SMALL, Setting};

/// A table of lines with the names of its first one.
type Lines = Vec<BTreeMap<String, String>>;

impl Setting {
    fn lines(&self, file: &str) -> Lines {
        let mut reader = csv::Reader::from_path(self.path(file)).unwrap();
        reader.deserialize().map(|line| line.unwrap()).collect()
    }

    /// A table of two classes that lie apart; the labels of some rows are flipped.
    fn write_separable(&self, name: &str, flipped: &[usize]) {
        let line = |row: usize| {
            let class = row % 2;
            let noise = |step: usize| f64::from(u8::try_from((row * step) % 17).unwrap()) / 17.0;
            let center = if class == 0 { -2.0 } else { 2.0 };
            let label = if flipped.contains(&(row + 1)) { 1 - class } else { class };
            let label = ["left", "right"][label];
            format!("{},{},{label}\n", center + noise(7), center - noise(5))
        };
        let rows: String = (0..80).map(line).collect();
        self.write(name, format!("a,b,side\n{rows}"));
        self.write(
            &name.replace(".csv", ".toml"),
            format!(
                "task = \"classification\"\n\
                 data = {{ kind = \"table\", path = \"{name}\", target = \"side\", test = 0 }}\n\
                 [network]\ninput = [2]\nlayers = [{{ type = \"dense\", units = 2 }}]\n\
                 [training]\nepochs = 20\nbatch_size = 8\nlearning_rate = 0.02\nloss = \"cross-entropy\"\n"
            ),
        );
    }
}

fn number(line: &BTreeMap<String, String>, name: &str) -> f64 {
    line[name].parse().unwrap()
}

fn mean(lines: &Lines, name: &str) -> f64 {
    let sum: f64 = lines.iter().map(|line| number(line, name)).sum();
    sum / f64::from(u32::try_from(lines.len()).unwrap())
}

/// The lines of the file give the figures that are reported.
#[test]
fn each_sample_has_its_truth_prediction_and_loss() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "loss = \"cross-entropy\"");
    setting.dlkit("train r.toml --output run --quiet").done();
    let report = setting.dlkit("evaluate run --predictions samples.csv --json").json();
    assert_eq!(report["predictions"], "samples.csv");
    let lines = setting.lines("samples.csv");
    assert_eq!(lines.len(), 20);
    let right = lines.iter().filter(|line| line["truth"] == line["prediction"]).count();
    let accuracy = report["accuracy"].as_f64().unwrap();
    assert!((accuracy * 20.0 - f64::from(u32::try_from(right).unwrap())).abs() < 1e-9);
    assert!((mean(&lines, "loss") - report["loss"].as_f64().unwrap()).abs() < 1e-12);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(line["index"], index.to_string());
        assert!(line["file"].ends_with("t10k-images-idx3-ubyte"), "{line:?}");
        let truth = number(line, &format!("probability_{}", line["truth"]));
        assert!((number(line, "loss") + truth.ln()).abs() < 1e-5, "{line:?}");
    }
    // The same values under the same names.
    setting.dlkit("evaluate run --predictions samples.jsonl").done();
    let first = setting.read("samples.jsonl").lines().next().unwrap().to_owned();
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["index"], 0);
    assert_eq!(first["loss"].to_string(), lines[0]["loss"]);
    assert_eq!(first.as_object().unwrap().len(), lines[0].len());
}

#[test]
fn rows_are_named_by_row_and_line() {
    let setting = Setting::new();
    let row = |x: u32| format!("{},{x},{}\n", f64::from(x) / 2.0, 1.5 * f64::from(x));
    let rows: String = (0..30).map(row).collect();
    // A blank line is no row.
    setting.write("t.csv", format!("x,y,z\n\n{rows}"));
    setting.dlkit("new t.csv --target y,z --output t.toml").done();
    setting.dlkit("train t.toml --output run --epochs 2 --quiet").done();
    let report = setting.dlkit("evaluate run --data t.csv --predictions t-all.csv --json").json();
    let lines = setting.lines("t-all.csv");
    assert_eq!(lines.len(), 30);
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(
            (line["row"].clone(), line["line"].clone()),
            ((index + 1).to_string(), (index + 3).to_string())
        );
        assert!((number(line, "truth_z") - 1.5 * number(line, "truth_y")).abs() < 1e-9);
    }
    assert!((mean(&lines, "loss") - report["loss"].as_f64().unwrap()).abs() < 1e-9);
    // The test part of the run is some of these rows, with the same predictions.
    setting.dlkit("evaluate run --predictions t-test.csv").done();
    let test = setting.lines("t-test.csv");
    assert!((1..30).contains(&test.len()));
    for line in &test {
        let row: usize = line["row"].parse().unwrap();
        assert_eq!(line["truth_y"], lines[row - 1]["truth_y"]);
        assert!(
            (number(line, "prediction_y") - number(&lines[row - 1], "prediction_y")).abs() < 1e-3
        );
    }
    let message = setting.dlkit("evaluate run --mistakes worst.png").refused();
    assert!(message.contains("takes tables") && message.contains("--predictions"), "{message}");
}

#[test]
fn the_pictures_of_highest_loss_are_drawn() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --output run --quiet").done();
    let answer = setting.dlkit("evaluate run --mistakes worst.png --json").json();
    assert_eq!(answer["mistakes"], "worst.png");
    let sheet = image::open(setting.path("worst.png")).unwrap().to_luma8();
    // Twenty pictures of 200 pixels in five columns.
    assert_eq!(sheet.width(), 5 * 216 + 16);
    assert!(sheet.height() > 4 * 200 && sheet.height() < 4 * 320);
    for (line, expected) in [
        ("evaluate run --mistakes worst.jpg", "must end in .png"),
        ("evaluate run --predictions worst.txt", "must end in .csv or .jsonl"),
        ("evaluate run --mistakes run/plots/loss.png", "belongs to the run"),
        ("evaluate run --mistakes none/worst.png", "no such directory"),
        ("evaluate run --mistakes worst.png", "already exists"),
        ("evaluate run --mistakes digits/worst.png", "lies in the input folder"),
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
}

/// Confident learning: the flipped labels are found, and nothing else.
#[test]
fn flipped_labels_are_found_out_of_fold() {
    let setting = Setting::new();
    let flipped = [5, 24, 51, 70];
    setting.write_separable("flipped.csv", &flipped);
    let answer =
        setting.dlkit("crossval flipped.toml --folds 4 --predictions oof.csv --json").json();
    assert_eq!(answer["suspected_label_errors"], 4);
    let lines = setting.lines("oof.csv");
    let rows: Vec<usize> = lines.iter().map(|line| line["row"].parse().unwrap()).collect();
    assert_eq!(rows, (1..=80).collect::<Vec<_>>());
    let suspects: Vec<usize> = lines
        .iter()
        .filter(|line| line["label_error"] == "true")
        .map(|line| line["row"].parse().unwrap())
        .collect();
    assert_eq!(suspects, flipped);
    for line in lines.iter().filter(|line| line["label_error"] == "true") {
        assert_ne!(line["likelier_label"], line["truth"]);
        assert_eq!(line["likelier_label"], line["prediction"]);
    }
    let folds: BTreeMap<&str, usize> = lines.iter().fold(BTreeMap::new(), |mut counts, line| {
        *counts.entry(line["fold"].as_str()).or_default() += 1;
        counts
    });
    assert_eq!(folds.values().copied().collect::<Vec<_>>(), [20; 4]);
    let said =
        setting.dlkit("crossval flipped.toml --folds 4 --predictions oof.csv --force").done();
    assert!(said.stdout.contains("suspected label errors: 4 of 80 samples"), "{said:#?}");
}

#[test]
fn a_crossvalidated_recipe_has_the_threshold_it_asks_for() {
    let setting = Setting::new();
    setting.write_separable("sides.csv", &[]);
    let accuracy = |more: &str| {
        let line = format!("crossval sides.toml --folds 4 --json --set training.epochs=8 {more}");
        let answer = setting.dlkit(&line).json();
        answer["values"][0]["mean"].as_f64().unwrap()
    };
    // Nearly all are predicted to be on the left: half are.
    assert!(accuracy("--set training.threshold=0.9999") < 0.6);
    assert!(accuracy("--set training.threshold=balanced-accuracy") > 0.9);
    let line = "crossval sides.toml --set training.threshold=f1 --set data.validation=0";
    let message = setting.dlkit(line).refused();
    assert!(message.contains("no sample of `left` to choose it on"), "{message}");
}

/// Four pictures of each of ten patients; the brightness of a picture is its patient's.
#[test]
fn pictures_of_a_group_stay_together() {
    let setting = Setting::new();
    for patient in 0..10_u8 {
        for index in 0..4_u8 {
            let class = if patient % 2 == 0 { "well" } else { "ill" };
            let path = setting.path(&format!("scans/{class}/patient{patient}_{index}.png"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            GrayImage::from_pixel(6, 5, Luma([20 * patient + index])).save(path).unwrap();
        }
    }
    let recipe = |group: &str| {
        format!(
            "task = \"classification\"\n\
             data = {{ kind = \"image-folder\", path = \"scans\", validation = 0.3, group = '{group}' }}\n\
             [network]\ninput = [1, 5, 6]\nlayers = [{{ type = \"flatten\" }}, {{ type = \"dense\", units = 2 }}]\n\
             [training]\nepochs = 1\nbatch_size = 8\n"
        )
    };
    setting.write("scans.toml", recipe("patient([0-9]+)_"));
    setting.dlkit("crossval scans.toml --folds 5 --predictions oof.csv").done();
    let patient = |line: &BTreeMap<String, String>| {
        let name = line["file"].rsplit('/').next().unwrap().to_owned();
        name.split('_').next().unwrap().to_owned()
    };
    let mut folds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in setting.lines("oof.csv") {
        folds.entry(patient(&line)).or_default().push(line["fold"].clone());
    }
    assert_eq!(folds.len(), 10);
    for (patient, folds) in &folds {
        assert!(
            folds.len() == 4 && folds.iter().all(|fold| *fold == folds[0]),
            "{patient} {folds:?}"
        );
    }
    setting.dlkit("train scans.toml --output run --quiet").done();
    setting.dlkit("evaluate run --split validation --predictions validation.csv").done();
    let validation = setting.lines("validation.csv");
    let patients: std::collections::BTreeSet<String> = validation.iter().map(patient).collect();
    assert_eq!(validation.len(), 4 * patients.len());
    assert!((2..=5).contains(&patients.len()), "{patients:?}");
    for (group, expected) in [
        ("subject([0-9]+)", "matches none of the 40 pictures, such as ill/patient1_0.png"),
        ("patient[0-8]_", "does not match 4 of the 40 pictures, such as ill/patient9_0.png"),
        ("patient(", "`data.group` must be a regular expression"),
        ("^(.)", "the 2 groups of samples that stay together"),
    ] {
        setting.write("wrong.toml", recipe(group));
        let message = setting.dlkit("crossval wrong.toml --folds 3").refused();
        let fits =
            message.contains(expected) || (group == "^(.)" && message.contains("from 2 to 2"));
        assert!(fits, "{group}: {message}");
    }
    setting.write_recipe("digits.toml", SMALL, "");
    let line = "config check digits.toml --set data.group=(.)";
    assert!(setting.dlkit(line).refused().contains("IDX files do not have"));
}
