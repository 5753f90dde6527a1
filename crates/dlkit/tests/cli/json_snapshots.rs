//! The object that every command prints with `--json`. Keys and texts are kept. Numbers become `#`,
//! because processors may differ in them; long arrays are cut after their first element.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::setting::Setting;
use crate::snapshots::{masked_word, without_paths};

/// Commands that print an object with `--json`, and their exit codes.
const COMMANDS: [(&str, i32); 35] = [
    ("train r.toml --output new", 0),
    ("train none.toml", 2),
    ("evaluate run", 0),
    ("evaluate numbers --split train", 0),
    ("evaluate run.onnx --data digits", 0),
    ("predict run 1.png bad.png", 1),
    ("predict numbers table.csv", 0),
    ("colorize 1.png bad.png --short-side 16 --output colors", 1),
    ("colorize --palette palette", 0),
    ("crossval table.toml --set-grid training.learning_rate=0.1,0.01 --folds 2", 0),
    ("prune run --output pruned", 0),
    ("freeze run --output new.onnx", 0),
    ("verify run run.onnx", 0),
    ("verify numbers run.onnx", 1),
    ("inspect r.toml", 0),
    ("inspect run.onnx", 0),
    ("inspect run --weights dense1", 0),
    ("trace run --input 1.png", 0),
    ("compare run other", 0),
    ("diagnose run", 0),
    ("activations relu -1 0 1", 0),
    ("homography 1.png --points 0,0,0,0;9,1,9,0;8,7,9,9;1,6,0,9 --output w.png --canvas 9x9", 0),
    ("homography 1.png --matrix m.json --output warped.png", 0),
    ("eigenfaces fit faces --components 2 --output new.safetensors", 0),
    ("eigenfaces recognize faces.safetensors faces/1.png bad.png", 1),
    ("eigenfaces reconstruct faces.safetensors faces/1.png", 0),
    ("eigenfaces evaluate people --folds 2", 0),
    ("weights plot run --output new.svg", 0),
    ("weights animate run --output new.gif", 0),
    ("weights export run --output new.npz", 0),
    ("weights import r.toml --input new.npz --output imported", 0),
    ("config check r.toml", 0),
    ("config init new.toml", 0),
    ("data verify digits", 0),
    ("devices", 0),
];

#[test]
fn objects() {
    let setting = Setting::doors();
    for (line, code) in COMMANDS {
        let answer = setting.dlkit(&format!("{line} --json"));
        assert_eq!(answer.code, Some(code), "{answer:#?}");
        let mut object: Value = serde_json::from_str(&answer.stdout).unwrap();
        if line == "devices" {
            // These depend on the build and the machine.
            object["adapters"] = "...".into();
            for device in object["devices"].as_array_mut().unwrap() {
                device["built_in"] = "...".into();
            }
        }
        let text = serde_json::to_string_pretty(&masked(&object)).unwrap();
        let name = line.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
        let shown = format!("$ dlkit {line} --json\n{}", without_paths(&setting, &text));
        insta::assert_snapshot!(name, shown);
    }
}

/// The value with numbers replaced and long arrays cut.
fn masked(value: &Value) -> Value {
    match value {
        Value::Number(_) => "#".into(),
        Value::String(text) => {
            text.split(' ').map(|word| masked_word(word, true)).collect::<Vec<_>>().join(" ").into()
        }
        Value::Array(values) if values.len() > 3 => vec![masked(&values[0]), "...".into()].into(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| (key.clone(), masked(value));
            let sorted: BTreeMap<String, Value> = fields.iter().map(field).collect();
            sorted.into_iter().collect()
        }
        other => other.clone(),
    }
}
