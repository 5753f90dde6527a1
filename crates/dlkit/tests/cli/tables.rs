//! Tables of users: classes, several targets, texts, missing cells, other separators, recipes from data.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use crate::setting::{Setting, repository};

impl Setting {
    /// Copies a table of the repository.
    fn copy_case(&self, name: &str) {
        let from = match name {
            "iris.csv" => repository().join("datasets/iris/iris.csv"),
            _ => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name),
        };
        fs::copy(from, self.path(name)).unwrap();
    }

    /// Trains the recipe that `dlkit new` writes for a table.
    fn train_new(&self, table: &str, options: &str) {
        self.dlkit(&format!("new {table} --output r.toml --force {options}")).done();
        let _ = fs::remove_dir_all(self.path("run"));
        self.dlkit("train r.toml --output run --quiet").done();
    }
}

/// Iris (Fisher 1936): scikit-learn and PyTorch find 97.9 % over five seeds; one flower of 30 is 3.3 %.
#[test]
fn a_table_is_classified_by_the_recipe_that_new_writes() {
    let setting = Setting::new();
    setting.copy_case("iris.csv");
    setting.train_new("iris.csv", "");
    let report = setting.dlkit("evaluate run --json").json();
    assert_eq!(report["samples"], 30);
    assert!(report["accuracy"].as_f64().unwrap() > 0.9, "{report}");
    // Each of the three classes has its third of each part.
    let supports: Vec<&Value> =
        report["classes"].as_array().unwrap().iter().map(|class| &class["support"]).collect();
    assert_eq!(supports, [10, 10, 10]);
    setting.dlkit("freeze run --output iris.onnx").done();
    let predict =
        |network: &str| setting.dlkit(&format!("predict {network} iris.csv --json")).json();
    let (run, frozen) = (predict("run"), predict("iris.onnx"));
    assert_eq!(run["predictions"], frozen["predictions"]);
    assert_eq!(run["predictions"][149]["row"], 150);
    let all = setting.dlkit("evaluate iris.onnx --data iris.csv --json").json();
    assert_eq!(all["samples"], 150);
    let said = setting.dlkit("inspect iris.onnx").done().stdout;
    assert!(said.contains("species") || said.contains("setosa"), "{said}");
}

/// What is written differently is the same table, to the last digit of what is learned.
#[test]
fn separators_decimal_commas_and_encodings_make_no_difference() {
    let setting = Setting::new();
    let rows: Vec<[f64; 3]> = (0..40_u8)
        .map(|row| [f64::from(row % 7) + 0.5, f64::from(row) / 4.0, f64::from(row % 7) * 2.5])
        .collect();
    let line = |row: &[f64; 3]| row.map(|value| value.to_string()).join(",");
    let plain = rows.iter().map(line).collect::<Vec<_>>().join("\n");
    let plain = format!("größe,b,y\n{plain}\n");
    let german = plain.replace(',', ";").replace('.', ",");
    let german: Vec<u8> =
        german.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap()).collect();
    setting.write("plain.csv", &plain);
    setting.write("german.csv", german);
    setting
        .write("tabs.csv", format!("\u{feff}{}", plain.replace(',', "\t").replace('\n', "\r\n")));
    setting.train_new("plain.csv", "");
    let expected = setting.dlkit("predict run plain.csv --json").json();
    for (file, said) in
        [("german.csv", "decimal commas, windows-1252"), ("tabs.csv", "separated by tabs")]
    {
        let answer = setting.dlkit(&format!("predict run {file} --json")).done();
        assert!(answer.stderr.contains(said), "{answer:#?}");
        let found: Value = serde_json::from_str(&answer.stdout).unwrap();
        for (row, expected) in expected["predictions"].as_array().unwrap().iter().enumerate() {
            assert_eq!(found["predictions"][row]["value"], expected["value"], "{file}");
        }
        let resumed = setting.dlkit(&format!("evaluate run --split test --data {file} --json"));
        assert_eq!(resumed.json()["samples"], 8, "{file}");
    }
}

#[test]
fn missing_cells_follow_the_rule_of_the_recipe() {
    let setting = Setting::new();
    setting.copy_case("missing.csv");
    setting.copy_case("semicolon_comma.csv");
    setting.dlkit("new missing.csv --output r.toml").done();
    assert!(setting.read("r.toml").contains("missing = \"median\""));
    let error = setting.dlkit("train r.toml --set data.missing=error").refused();
    for part in ["line 2, column `age`: the cell is empty", "data.missing = \"mean\""] {
        assert!(error.contains(part), "{error}");
    }
    for rule in ["mean", "median"] {
        let train = format!("train r.toml --set data.missing={rule} --epochs 2 --output {rule}");
        setting.dlkit(&train).done();
        setting.dlkit(&format!("predict {rule} missing.csv")).done();
    }
    let error = setting.dlkit("train r.toml --set data.missing=indicator").refused();
    assert!(error.contains("set network.input = ["), "{error}");
    setting.train_new("semicolon_comma.csv", "--target price");
}

#[test]
fn rows_that_cannot_be_used_are_skipped_and_said() {
    let setting = Setting::new();
    setting.copy_case("iris.csv");
    setting.train_new("iris.csv", "");
    let names = setting.read("iris.csv").lines().next().unwrap().to_owned();
    let bad = format!("{names}\n5.1,3.5,1.4,0.2,x\n5.1,wide,1.4,0.2,x\n1,2\n6.3,3.3,6,2.5,y\n");
    setting.write("bad.csv", bad);
    let answer = setting.dlkit("predict run bad.csv --json");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    for part in ["2 rows skipped", "line 3, column", "line 4: 2 cells"] {
        assert!(answer.stderr.contains(part), "{part}: {answer:#?}");
    }
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let rows: Vec<&Value> =
        json["predictions"].as_array().unwrap().iter().map(|row| &row["row"]).collect();
    assert_eq!(rows, [1, 4]);
}

#[test]
fn predictions_are_files() {
    let setting = Setting::new();
    setting.copy_case("iris.csv");
    setting.train_new("iris.csv", "");
    let answer = setting.dlkit("predict run iris.csv --top 2 --output p.csv").done();
    assert!(answer.stdout.contains("150 predictions, written: p.csv"), "{answer:#?}");
    let table = setting.read("p.csv");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("file,row,class,probability,class_2,probability_2"));
    assert!(lines.next().unwrap().starts_with("iris.csv,1,setosa,0.9"), "{table}");
    assert_eq!(lines.count(), 149);
    setting.dlkit("predict run iris.csv --output p.jsonl").done();
    let first: Value =
        serde_json::from_str(setting.read("p.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!((&first["row"], &first["class"]), (&Value::from(1), &Value::from("setosa")));
    for (line, reason) in [
        ("predict run iris.csv --output p.txt", "must end in .csv or .jsonl"),
        ("predict run iris.csv --output iris.csv --force", "iris.csv"),
        ("predict run iris.csv --force", "--force overwrites the file of --output"),
        ("predict run iris.csv --invert", "--invert is for networks that take pictures"),
        ("predict run iris.csv --decimal x", "--decimal: must be"),
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(reason), "{line}: {message}");
    }
}

#[test]
fn a_table_comes_from_standard_input() {
    let setting = Setting::new();
    setting.copy_case("iris.csv");
    setting.train_new("iris.csv", "");
    let with_input = |arguments: &[&str]| {
        let mut child = setting
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(setting.read("iris.csv").as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = with_input(&["predict", "run", "-", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["predictions"].as_array().unwrap().len(), 150);
    assert!(with_input(&["data", "verify", "-"]).status.success());
}

/// Texts, dates and booleans are inputs; several targets are predicted together.
#[test]
fn texts_dates_and_several_targets_are_learned() {
    let setting = Setting::new();
    let rows = (0..60_u32)
        .map(|row| {
            let color = ["red", "green", "blue"][row as usize % 3];
            let (open, day) = (if row % 2 == 0 { "yes" } else { "no" }, row % 28 + 1);
            let price = row % 3 * 10 + row % 2;
            format!("{color},{open},2024-03-{day:02},{price},{}\n", price + day)
        })
        .collect::<Vec<_>>()
        .concat();
    setting.write("shop.csv", format!("color,open,day,price,rent\n{rows}"));
    setting.train_new("shop.csv", "--target price,rent");
    let report = setting.dlkit("evaluate run --json").json();
    assert_eq!(report["target"], "price, rent");
    assert_eq!(report["targets"].as_array().unwrap().len(), 2);
    assert!(report["r2"].as_f64().unwrap() > 0.5, "{report}");
    setting.dlkit("freeze run --output shop.onnx").done();
    let predict =
        |network: &str| setting.dlkit(&format!("predict {network} shop.csv --json")).json();
    let (run, frozen) = (predict("run"), predict("shop.onnx"));
    assert_eq!(run["predictions"], frozen["predictions"]);
    assert_eq!(run["predictions"][0]["values"].as_array().unwrap().len(), 2);
    setting.write("new.csv", "color,open,day\nviolet,yes,2024-03-01\nred,no,2024-03-02\n");
    let answer = setting.dlkit("predict run new.csv");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("\"violet\" is not one of blue, green, red"), "{answer:#?}");
    let info = setting.read("run/run.json");
    assert!(info.contains("\"categories\"") && info.contains("\"date\""), "{info}");
}

/// Rows of a group are in one part: none of its rows is measured by a network that saw others.
#[test]
fn rows_of_a_group_stay_together() {
    let setting = Setting::new();
    let rows = (0..120_u32)
        .map(|row| format!("{},p{},{}\n", row % 10, row / 6, ["a", "b"][(row / 6 % 2) as usize]))
        .collect::<Vec<_>>()
        .concat();
    setting.write("patients.csv", format!("x,patient,class\n{rows}"));
    setting.dlkit("new patients.csv --target class --output r.toml").done();
    let train =
        "train r.toml --epochs 1 --set data.group=patient --set network.input=[1] --output run";
    setting.dlkit(train).done();
    for part in ["train", "validation", "test"] {
        let report = setting.dlkit(&format!("evaluate run --split {part} --json")).json();
        assert_eq!(report["samples"].as_u64().unwrap() % 6, 0, "{report}");
    }
    let error = setting.dlkit("train r.toml --set data.group=doctor").refused();
    assert!(error.contains("no column `doctor`; its columns are x, patient, class"), "{error}");
}

#[test]
fn classes_too_small_for_a_part_are_named() {
    let setting = Setting::new();
    let rows = (0..40_u32)
        .map(|row| format!("{row},{}\n", ["a", "b"][(row % 2) as usize]))
        .collect::<Vec<_>>()
        .concat();
    setting.write("rare.csv", format!("x,class\n{rows}7.5,rare\n"));
    setting.dlkit("new rare.csv --target class --output r.toml").done();
    let answer = setting.dlkit("train r.toml --epochs 1 --output run").done();
    assert!(
        answer.stderr.contains("no samples in the validation part of the classes"),
        "{answer:#?}"
    );
    assert!(answer.stderr.contains("rare (1)"), "{answer:#?}");
}

#[test]
fn verify_shows_the_columns_of_a_table() {
    let setting = Setting::new();
    setting.copy_case("missing.csv");
    let said = setting.dlkit("data verify missing.csv").done().stdout;
    assert!(said.contains("kind = \"table\"") && said.contains("age"), "{said}");
    setting.write("ragged.csv", "a,b\n1,2\n3\n4,5,6\n");
    let answer = setting.dlkit("data verify ragged.csv");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("line 3: 1 cells, but the first line names 2 columns"));
}
