//! The same answer at every door: what exists is overwritten only with `--force`, a bad input among
//! several does not stop the others, failures are objects with `--json`. Every command that has the door is in
//! its table; `meaningless` has the options that are refused.

use std::fs;

use image::{GrayImage, Luma, RgbImage};
use serde_json::Value;

use crate::setting::{Answer, SMALL, Setting};

/// A table of three features; the target is their sum.
const TABLE: &str = "a,b,y\n0,1,1\n1,1,2\n2,1,3\n3,0,3\n1,4,5\n2,2,4\n0,3,3\n4,1,5\n";

impl Setting {
    /// A place with a run of each kind, frozen files, pictures, faces and a matrix.
    pub(crate) fn doors() -> Self {
        let setting = Self::new();
        setting.write_recipe("r.toml", SMALL, "weights_every = 1");
        let train = "train r.toml --quiet --set diagnostics.every=1 --output";
        for run in ["run", "other"] {
            setting.dlkit(&format!("{train} {run}")).done();
        }
        setting.dlkit("freeze run --output run.onnx --quiet").done();
        setting.write("table.csv", TABLE);
        setting.write(
            "table.toml",
            "task = \"regression\"\n\
             data = { kind = \"table\", path = \"table.csv\", features = [\"a\", \"b\"], target = \"y\" }\n\
             [network]\ninput = [2]\nlayers = [{ type = \"dense\", units = 1 }]\n\
             [training]\nloss = \"mse\"\nepochs = 1\nbatch_size = 4\n",
        );
        setting.dlkit("train table.toml --quiet --output numbers").done();
        for index in 1..=6_u32 {
            let gray =
                |x: u32, y: u32| Luma([u8::try_from((x * 7 * index + y * 3) % 256).unwrap()]);
            for name in ["faces", "people/ada", "people/eva"] {
                let path = setting.path(&format!("{name}/{index}.png"));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                GrayImage::from_fn(8, 6, gray).save(path).unwrap();
            }
            let photo = setting.path(&format!("{index}.png"));
            RgbImage::from_pixel(40, 32, [200, 90, 40].into()).save(photo).unwrap();
        }
        setting.write("bad.png", "no picture");
        setting.write("bad.csv", "a,c\n1,2\n");
        setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
        let fit = "eigenfaces fit faces --components 2 --no-figures --quiet";
        setting.dlkit(&format!("{fit} --output faces.safetensors")).done();
        setting
    }
}

fn object(answer: &Answer) -> Value {
    let object = serde_json::from_str(&answer.stdout);
    assert!(object.is_ok(), "{answer:#?}");
    object.unwrap()
}

/// Commands, and one of the files they write.
const WRITERS: [(&str, &str); 32] = [
    ("config init new.toml", "new.toml"),
    ("data show --config r.toml --output sheet.png", "sheet.png"),
    ("freeze run --output new.onnx", "new.onnx"),
    ("freeze run --output other.onnx --python new.py", "new.py"),
    ("weights export run --output new.npz", "new.npz"),
    ("weights plot run --output new.svg", "new.svg"),
    ("weights animate run --output new.gif", "new.gif"),
    ("inspect run --weights dense1 --output weights", "weights/dense1.weight.npy"),
    ("trace run --input 1.png --output values", "values/dense1.png"),
    ("diagnose run --output layers", "layers/gradient_norm.svg"),
    ("activations relu --output curves", "curves/relu.png"),
    ("compare run other --output compared", "compared/runs.csv"),
    (
        "crossval table.toml --set-grid training.learning_rate=0.1 --folds 2 --output folds",
        "folds/crossval.json",
    ),
    ("train r.toml --find-learning-rate --curve rates.png", "rates.png"),
    ("predict run 1.png --output predicted.csv", "predicted.csv"),
    ("predict numbers table.csv --output predicted.jsonl", "predicted.jsonl"),
    ("new table.csv --output proposed.toml", "proposed.toml"),
    ("evaluate run --output measured", "measured/confusion-test.svg"),
    ("evaluate run --predictions samples.csv", "samples.csv"),
    ("evaluate run --mistakes mistakes.png", "mistakes.png"),
    ("crossval table.toml --folds 2 --predictions folds.jsonl", "folds.jsonl"),
    ("evaluate run.onnx --data digits --output frozen", "frozen/all.json"),
    ("colorize 1.png 2.png --output colors --sheet 1", "colors/2-sheet.png"),
    ("colorize --palette palette.svg", "palette.png"),
    ("homography 1.png --matrix m.json --output warped.png", "warped.png"),
    ("homography --points 0,0,0,0;9,1,9,0;8,7,9,9;1,6,0,9 --save-matrix new.json", "new.json"),
    ("homography 1.png 2.png --matrix m.json --output warps", "warps/2.png"),
    ("homography --matrix m.json --map 1,2,3,4 --output mapped.csv", "mapped.csv"),
    ("eigenfaces fit faces --components 2 --output new.safetensors", "new-figures/mean.png"),
    ("eigenfaces reconstruct faces.safetensors faces --output rebuilt", "rebuilt/1-1-k1.png"),
    ("eigenfaces evaluate people --folds 2 --output told", "told/confusion-cosine.svg"),
    ("eigenfaces recognize faces.safetensors 1.png --csv asked.csv", "asked.csv"),
];

#[test]
fn existing_files_are_overwritten_only_with_force() {
    let setting = Setting::doors();
    for (line, file) in WRITERS {
        setting.dlkit(line).done();
        setting.write(file, "mine");
        let answer = setting.dlkit(&format!("{line} --json"));
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        let error = object(&answer)["error"].as_str().unwrap().to_owned();
        assert!(error.contains("already exist") && error.contains("--force"), "{line}: {error}");
        assert_eq!(setting.read(file), "mine", "{line}");
        setting.dlkit(&format!("{line} --force")).done();
        assert_ne!(fs::read(setting.path(file)).unwrap(), b"mine", "{line}");
    }
    // Runs are never overwritten.
    setting.dlkit("weights export run --output w.npz --force").done();
    for line in [
        "train r.toml --output other",
        "prune run --output other",
        "weights import r.toml --input w.npz --output other",
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains("other: already exists"), "{line}: {message}");
    }
    // What a run keeps of itself is renewed freely.
    for _ in 0..2 {
        setting.dlkit("evaluate run").done();
        setting.dlkit("evaluate run --output run/evaluation").done();
    }
}

#[test]
fn inputs_are_never_overwritten() {
    let setting = Setting::doors();
    setting.dlkit("trace run --input 1.png --output values").done();
    let before = fs::read(setting.path("values/input.npy")).unwrap();
    for (line, file) in [
        ("trace run --input values/input.npy --output values --force", "values/input.npy"),
        ("colorize 1.png --output 1.png --force", "1.png"),
        ("homography 1.png --matrix m.json --output 1.png --force", "1.png"),
        ("homography 1.png 2.png --matrix m.json --output . --force", "1.png"),
        ("eigenfaces reconstruct faces.safetensors faces --output faces --force", "faces"),
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(file), "{line}: {message}");
    }
    assert_eq!(fs::read(setting.path("values/input.npy")).unwrap(), before);
}

#[test]
fn runs_and_data_are_never_overwritten() {
    let setting = Setting::doors();
    setting.write("data/crossval.csv", TABLE);
    setting.write("data/all.json", TABLE);
    setting.dlkit("evaluate run").done();
    let folds =
        "crossval table.toml --set data.path=data/crossval.csv --set-grid seed=1,2 --folds 2";
    for (line, file, reason) in [
        ("config init run/config.toml --force", "run/config.toml", "belongs to the run"),
        ("weights export run --output run/checkpoints/a.npz", "run/checkpoints/a.npz", "the run"),
        (
            "homography --points 0,0,0,0;9,1,9,0;8,7,9,9;1,6,0,9 --save-matrix run/run.json --force",
            "run/run.json",
            "belongs to the run",
        ),
        ("inspect run --weights dense1 --output run/weights", "run/weights/x", "the run"),
        (
            "evaluate run --data digits --output run/evaluation",
            "run/evaluation/all.json",
            "the run",
        ),
        ("evaluate other --output run/evaluation --force", "run/evaluation/test.json", "the run"),
        ("config init run/config.toml", "run/config.toml", "belongs to the run"),
        (&format!("{folds} --output data --force"), "data/crossval.csv", "an input file"),
        (
            "evaluate numbers --data data/all.json --output data --force",
            "data/all.json",
            "an input",
        ),
        ("evaluate run --data digits --output digits/train/new", "digits/train/new", "lies in"),
        ("train r.toml --output digits/train/new", "digits/train/new", "lies in"),
        ("data show --config r.toml --output digits/new.png", "digits/new.png", "lies in"),
    ] {
        let before = fs::read(setting.path(file)).ok();
        let message = setting.dlkit(line).refused();
        assert!(message.contains(reason), "{line}: {message}");
        assert_eq!(fs::read(setting.path(file)).ok(), before, "{line}");
    }
    setting.dlkit("evaluate run").done();
}

#[test]
fn a_part_of_a_runs_data_is_the_same_wherever_the_data_lies() {
    let setting = Setting::doors();
    let rows = |line: &str| {
        let text = format!("{line} --json");
        setting.dlkit(&text).json()["samples"].as_u64().unwrap()
    };
    for (run, data) in [("run", "digits"), ("numbers", "table.csv")] {
        for part in ["train", "test"] {
            let own = rows(&format!("evaluate {run} --split {part}"));
            assert_eq!(rows(&format!("evaluate {run} --split {part} --data {data}")), own, "{run}");
        }
    }
}

/// Commands that take several inputs: the line with `IN`, two good inputs, a bad one.
const SEVERAL: [(&str, [&str; 2], &str); 10] = [
    ("predict run IN", ["1.png", "2.png"], "bad.png"),
    ("predict run.onnx IN", ["1.png", "2.png"], "bad.png"),
    ("predict numbers IN", ["table.csv", "table.csv"], "bad.csv"),
    ("trace run --input IN", ["1.png", "2.png"], "bad.png"),
    ("colorize IN --force", ["1.png", "2.png"], "bad.png"),
    ("eigenfaces recognize faces.safetensors IN", ["faces/1.png", "faces/2.png"], "bad.png"),
    ("eigenfaces reconstruct faces.safetensors IN", ["faces/1.png", "faces/2.png"], "bad.png"),
    ("diagnose IN", ["run", "other"], "digits"),
    ("compare IN", ["run", "other"], "digits"),
    ("predict run IN", ["1.png", "faces"], "nowhere.png"),
];

#[test]
fn a_bad_input_does_not_stop_the_others() {
    let setting = Setting::doors();
    for (line, [first, second], bad) in SEVERAL {
        let joined = |inputs: &[&str]| {
            let list = inputs.join(if line.contains("--input") { "," } else { " " });
            format!("{} --json", line.replace("IN", &list))
        };
        setting.dlkit(&joined(&[first, second])).done();
        let answer = setting.dlkit(&joined(&[first, bad, second]));
        assert_eq!(answer.code, Some(1), "{line}: {answer:#?}");
        assert!(answer.stderr.contains(bad), "{line}: {answer:#?}");
        let json = object(&answer);
        assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{line}: {json}");
        assert!(json["errors"][0]["file"].as_str().unwrap().contains(bad), "{line}: {json}");
        assert!(json["errors"][0]["error"].is_string() && json["error"].is_null(), "{json}");
        let answer = setting.dlkit(&joined(&[bad]));
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(object(&answer)["error"].as_str().unwrap().contains(bad), "{line}: {answer:#?}");
        let answer = setting.dlkit(&joined(&[bad, "none.png"]));
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(object(&answer)["error"].is_string(), "{line}: {answer:#?}");
    }
    // Folders of faces.
    for folder in ["people/ada", "people/eva"] {
        setting.write(&format!("{folder}/bad.png"), "no picture");
    }
    for line in [
        "eigenfaces evaluate people --folds 2 --json",
        "eigenfaces fit people --components 2 --no-figures --output p.safetensors --json",
    ] {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(1), "{answer:#?}");
        assert_eq!(object(&answer)["errors"].as_array().unwrap().len(), 2, "{answer:#?}");
        assert_eq!(object(&answer)["pictures"], 12, "{answer:#?}");
    }
}

#[test]
fn every_failure_is_an_object_with_json() {
    let setting = Setting::doors();
    for line in [
        "train none.toml",
        "train --resume none",
        "evaluate none",
        "predict none 1.png",
        "colorize none.png",
        "crossval none.toml --set-grid seed=1",
        "prune none --output new",
        "freeze none --output new.onnx",
        "verify none run.onnx",
        "inspect none",
        "trace none --input 1.png",
        "compare none",
        "diagnose none",
        "activations nothing",
        "homography --matrix none",
        "eigenfaces fit none --output new.safetensors",
        "eigenfaces recognize none 1.png",
        "eigenfaces locate none 1.png",
        "eigenfaces reconstruct none 1.png",
        "eigenfaces evaluate none",
        "weights plot none --output new.svg",
        "weights animate none --output new.gif",
        "weights export none --output new.npz",
        "weights import none --input none.npz --output new",
        "config check none",
        "config show none",
        "config init none/new.toml",
        "data show --config none --output new.png",
        "data verify none",
        "devices --none",
        "completions none",
        "train --json --epochs",
        "none",
    ] {
        let answer = setting.dlkit(&format!("{line} --json"));
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(object(&answer)["error"].is_string(), "{line}: {answer:#?}");
        assert!(!answer.stderr.is_empty(), "{line}");
    }
}

#[test]
fn a_recipe_and_its_data_are_named_alike_everywhere() {
    let setting = Setting::doors();
    setting.write_digits("elsewhere", 40, 10);
    for (line, run) in [("train r.toml", "a"), ("train --config r.toml", "b")] {
        let line = format!("{line} --data elsewhere --epochs 1 --output {run} --quiet");
        setting.dlkit(&line).done();
        let info: Value = serde_json::from_str(&setting.read(&format!("{run}/run.json"))).unwrap();
        assert_eq!(info["samples"]["test"], 10);
        assert!(setting.read(&format!("{run}/config.toml")).contains("elsewhere"));
    }
    // A comma list takes no more than its own word.
    let traced = setting.dlkit("trace --input 1.png,2.png --layer input,dense1 run --json").json();
    assert_eq!(traced["inputs"], serde_json::json!(["1.png", "2.png"]));
    assert_eq!(traced["layers"].as_array().unwrap().len(), 2);
    let line = "eigenfaces reconstruct --components 1,2 faces.safetensors faces/1.png --json";
    let rebuilt = setting.dlkit(line).json();
    assert_eq!(rebuilt["pictures"][0]["errors"].as_array().unwrap().len(), 2);
}
