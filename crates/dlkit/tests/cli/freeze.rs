//! Networks frozen, verified, and used without the run they came from.

use std::fs;

use crate::setting::{SMALL, Setting, repository};

/// A convolution with batch normalization, a trained slope and two dense layers.
const LAYERS: &str = "layers = [{ type = \"conv2d\", filters = 4, kernel = 5, stride = 3, \
     batch_norm = true, activation = \"prelu\" }, { type = \"flatten\" }, \
     { type = \"dropout\", rate = 0.2 }, { type = \"dense\", units = 10 }]";

/// A setting with a run of these layers.
fn trained(layers: &str) -> Setting {
    let setting = Setting::new();
    setting.write_recipe("r.toml", layers, "learning_rate = 0.01");
    setting.dlkit("train --config r.toml --epochs 3 --output run --quiet").done();
    setting
}

/// Replaces bytes that occur once.
fn replace(setting: &Setting, file: &str, from: &[u8], to: &[u8]) {
    let mut bytes = fs::read(setting.path(file)).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
    fs::write(setting.path("changed.onnx"), bytes).unwrap();
}

#[test]
fn a_frozen_file_alone_does_what_the_run_does() {
    let setting = trained(LAYERS);
    let frozen = setting.dlkit("freeze run --output model.onnx --json").json();
    assert_eq!((&frozen["written"], &frozen["samples"]), (&true.into(), &20.into()));
    assert_eq!(frozen["outputs"][0]["name"], "dense1");
    assert_eq!(frozen["outputs"][1]["name"], "probabilities");
    assert!(frozen["outputs"][0]["relative"].as_f64().unwrap() < 1e-5, "{frozen}");

    let digits = repository().join("datasets/digits").display().to_string();
    let answers = |of: &str| {
        let mut predicted = setting.dlkit(&format!("predict {of} {digits} --top 10 --json")).json();
        let traced = setting.dlkit(&format!("trace {of} --input {digits} --json")).json();
        let evaluated =
            setting.dlkit(&format!("evaluate {of} --data digits --split test --json")).json();
        let figures = ["accuracy", "loss", "confusion"].map(|key| evaluated[key].clone());
        (predicted["predictions"].take(), traced["layers"].clone(), figures)
    };
    let of_run = answers("run");
    fs::rename(setting.path("model.onnx"), setting.path("alone.onnx")).unwrap();
    fs::rename(setting.path("run"), setting.path("gone")).unwrap();
    assert_eq!(answers("alone.onnx"), of_run);
    // The training phase is in the file, too.
    let line = format!("trace alone.onnx --input {digits} --phase train --compare test --json");
    let layers = setting.dlkit(&line).json()["layers"].take();
    assert!(layers[2]["largest_difference"].as_f64().unwrap() > 1e-3, "{layers}");
}

#[test]
fn probabilities_are_left_out_only_where_it_is_said() {
    let setting = trained(LAYERS);
    let digit = repository().join("datasets/digits/digit-7-test-0.png").display().to_string();
    let outputs = |options: &str| {
        let line = format!("freeze run --output model.onnx --force --json {options}");
        let frozen = setting.dlkit(&line).json();
        setting.dlkit("verify run model.onnx").done();
        let line = format!("predict model.onnx {digit} --top 10 --json");
        (
            frozen["outputs"].as_array().unwrap().len(),
            setting.dlkit(&line).json()["predictions"].take(),
        )
    };
    let (count, predictions) = outputs("");
    assert_eq!(count, 2);
    assert_eq!(outputs("--with-softmax"), (2, predictions.clone()));
    assert_eq!(outputs("--logits"), (1, predictions));
    let message = setting.dlkit("freeze run --output m.onnx --logits --with-softmax").refused();
    assert!(message.contains("cannot be used with"), "{message}");
    // Scores of a network that was trained by squared errors are no probabilities.
    setting.write_recipe("mse.toml", LAYERS, "loss = \"mse\"");
    setting.dlkit("train mse.toml --epochs 1 --output scores --quiet").done();
    let frozen = setting.dlkit("freeze scores --output scores.onnx --json").json();
    assert_eq!(frozen["outputs"].as_array().unwrap().len(), 1);
    for (option, expected) in [
        (
            "--logits",
            "--logits leaves out the softmax of a classifier that was trained by cross-entropy",
        ),
        ("--with-softmax", "does not output probabilities"),
    ] {
        let message = setting.dlkit(&format!("freeze scores --output s.onnx {option}")).refused();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_program_is_written_with_the_file_or_not_at_all() {
    let setting = trained(SMALL);
    fs::create_dir(setting.path("programs")).unwrap();
    let frozen =
        setting.dlkit("freeze run --output model.onnx --python programs/apply.py --json").json();
    assert_eq!(frozen["python"], "programs/apply.py");
    let program = setting.read("programs/apply.py");
    assert!(
        program.contains("MODEL = \"../model.onnx\"") && program.contains("from PIL"),
        "{program}"
    );
    let answer = setting.dlkit("freeze run --output n.onnx --python n.py --tolerance 0");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(!setting.path("n.onnx").exists() && !setting.path("n.py").exists());
    for (options, expected) in [
        ("--output n.onnx --python n.txt", "--python n.txt: the file name must end in .py"),
        ("--output n.onnx --python none/n.py", "no such directory"),
        ("--output n.onnx --python programs/apply.py", "already exists; choose another --python"),
        (
            "--output n.onnx --python run/run.json",
            "--python run/run.json: the file name must end in .py",
        ),
    ] {
        let message = setting.dlkit(&format!("freeze run {options}")).refused();
        assert!(message.contains(expected), "{expected}: {message}");
        assert!(!setting.path("n.onnx").exists());
    }
}

#[test]
fn nothing_is_left_where_verifying_fails() {
    let setting = trained(LAYERS);
    let answer = setting.dlkit("freeze run --output model.onnx --tolerance 0");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("nothing was written"), "{answer:#?}");
    let left = |setting: &Setting| {
        let entries = fs::read_dir(setting.path("")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains("onnx") || name.starts_with('.')).collect::<Vec<_>>()
    };
    assert!(left(&setting).is_empty(), "{:?}", left(&setting));

    fs::rename(setting.path("digits"), setting.path("moved")).unwrap();
    let message = setting.dlkit("freeze run --output model.onnx").refused();
    assert!(message.contains("digits"), "{message}");
    assert!(message.contains("no such file or directory"), "{message}");
    assert!(left(&setting).is_empty(), "{:?}", left(&setting));
    setting.dlkit("freeze run --output model.onnx --data moved").done();

    let refused = |output: &str| {
        setting.dlkit(&format!("freeze run --output {output} --data moved")).refused()
    };
    let message = refused("model.onnx");
    assert!(message.contains("already exists; choose another --output"), "{message}");
    // Nor is a link replaced that leads nowhere.
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", setting.path("link.onnx")).unwrap();
        assert!(refused("link.onnx").contains("link.onnx: file already exists"));
    }
    setting.dlkit("freeze run --output model.onnx --data moved --force").done();
    for output in ["model", "none/model.onnx", "moved"] {
        let message = setting.dlkit(&format!("freeze run --output {output}")).refused();
        assert!(message.contains(&format!("--output {output}: ")), "{message}");
    }
    let message = setting.dlkit("freeze run --output m.onnx --tolerance=-1").refused();
    assert!(message.contains("non-negative number"), "{message}");
}

#[test]
fn verify_names_the_layer_of_a_tampered_weight() {
    let setting = trained(LAYERS);
    setting.dlkit("freeze run --output model.onnx").done();
    let equal = setting.dlkit("verify run model.onnx --layers --json").json();
    assert_eq!(equal["equal"], true);
    assert_eq!(equal["layers"].as_array().unwrap().len(), 6);

    // The last bytes of the slope, which lie behind its name.
    let mut bytes = fs::read(setting.path("model.onnx")).unwrap();
    let name = b"conv1.activation.slope";
    let at = bytes.windows(name.len()).rposition(|window| window == name).unwrap();
    bytes[at + name.len() + 4] ^= 0x20;
    fs::write(setting.path("changed.onnx"), bytes).unwrap();
    for line in ["verify run changed.onnx", "verify run changed.onnx --layers"] {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(1), "{answer:#?}");
        let named = "different: the first layer that differs is `conv1.activation`";
        assert!(answer.stdout.contains(named), "{answer:#?}");
        assert!(answer.stdout.contains("the weights `conv1.activation.slope`"), "{answer:#?}");
    }
    let digit = repository().join("datasets/digits/digit-7-test-0.png");
    let message = setting.dlkit(&format!("predict changed.onnx {}", digit.display())).refused();
    assert!(message.contains("changed.onnx: changed since it was frozen"), "{message}");

    // A run of other weights, and one of another network.
    setting.dlkit("train --config r.toml --epochs 1 --set seed=1 --output other --quiet").done();
    let answer = setting.dlkit("verify other model.onnx");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("the first layer that differs is `conv1`"), "{answer:#?}");
    setting.write_recipe("small.toml", SMALL, "");
    setting.dlkit("train --config small.toml --epochs 1 --output small --quiet").done();
    let answer = setting.dlkit("verify small model.onnx");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(
        answer.stdout.contains("small are different networks from `flatten1` on"),
        "{answer:#?}"
    );
}

#[test]
fn files_that_are_no_frozen_network_are_refused() {
    let setting = trained(SMALL);
    setting.dlkit("freeze run --output model.onnx").done();
    let whole = fs::read(setting.path("model.onnx")).unwrap();
    let digit = repository().join("datasets/digits/digit-7-test-0.png").display().to_string();
    let refused = |expected: &str| {
        for command in ["predict changed.onnx", "trace changed.onnx --input", "verify run"] {
            let argument = if command == "verify run" { "changed.onnx" } else { &digit };
            let message = setting.dlkit(&format!("{command} {argument}")).refused();
            assert!(message.contains(expected), "{command}: {message}");
        }
    };
    setting.write("changed.onnx", "");
    refused("it is empty");
    setting.write("changed.onnx", &whole[..whole.len() / 2]);
    refused("not a readable ONNX file");
    setting.write("changed.onnx", "task = \"classification\"");
    refused("not a readable ONNX file");
    replace(&setting, "model.onnx", b"\x04Gemm", b"\x04Hemm");
    let message = setting.dlkit(&format!("predict changed.onnx {digit}")).refused();
    let reason = "its node `dense1` is `Hemm`; where this version of dlkit freezes";
    assert!(message.contains(reason), "{message}");
    // That is one of ours, and not the run.
    let answer = setting.dlkit("verify run changed.onnx");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains(reason), "{answer:#?}");
    assert!(answer.stdout.contains("the first layer that differs is `dense1`"), "{answer:#?}");
    let answer = setting.dlkit("verify run changed.onnx --json");
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&json["equal"], &json["first_different_layer"]), (&false.into(), &"dense1".into()));
    replace(&setting, "model.onnx", b"dlkit.format", b"other.format");
    refused("not frozen by dlkit");
    // Of a newer dlkit, or too large, verify cannot tell.
    replace(&setting, "model.onnx", b"dlkit.format\x12\x011", b"dlkit.format\x12\x012");
    refused("format 2, written by dlkit");
    replace(&setting, "model.onnx", b"bias = true", b"bais = true");
    refused("unknown field `bais`");
}

#[test]
fn what_a_frozen_file_does_not_have_is_refused() {
    let setting = trained(SMALL);
    setting.dlkit("freeze run --output model.onnx").done();
    let digit = repository().join("datasets/digits/digit-7-test-0.png").display().to_string();
    let message = setting.dlkit("evaluate model.onnx").refused();
    assert!(message.contains("give labeled data with --data DIR"), "{message}");
    let message = setting.dlkit("evaluate model.onnx --data digits --split validation").refused();
    assert!(message.contains("--split validation"), "{message}");
    let message = setting.dlkit("evaluate model.onnx --data nowhere").refused();
    assert!(message.contains("nowhere: no such"), "{message}");
    for (line, expected) in [
        (format!("predict none.onnx {digit}"), "none.onnx: cannot"),
        (format!("predict none {digit}"), "none: no such"),
        (format!("predict r.toml {digit}"), "r.toml: neither a run directory nor a frozen file"),
        ("evaluate r.toml".to_owned(), "r.toml: neither a run directory nor a frozen file"),
        (format!("predict model.onnx {digit} --checkpoint last"), "--checkpoint"),
        (format!("trace model.onnx --input {digit} --checkpoint last"), "--checkpoint"),
        ("evaluate model.onnx --data digits --checkpoint best".to_owned(), "--checkpoint"),
        ("inspect model.onnx --set seed=1".to_owned(), "--set changes recipes"),
        ("weights export r.toml --output w.npz --checkpoint best".to_owned(), "--checkpoint"),
        ("freeze model.onnx --output m.onnx".to_owned(), "model.onnx"),
    ] {
        let message = setting.dlkit(&line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
    // What is compared may be frozen where a run is not.
    let line = format!("trace run --checkpoint last --input {digit} --compare model.onnx");
    setting.dlkit(&line).done();
}

#[test]
fn changed_metadata_are_told_by_verify() {
    let setting = trained(SMALL);
    setting.dlkit("freeze run --output model.onnx").done();
    replace(&setting, "model.onnx", b"\"1\",\"2\"", b"\"2\",\"1\"");
    let answer = setting.dlkit("verify run changed.onnx");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("different: metadata `classes`, `sha256`\n"), "{answer:#?}");
}

#[test]
fn weights_of_a_frozen_file_are_those_of_its_run() {
    let setting = trained(LAYERS);
    setting.dlkit("freeze run --output model.onnx").done();
    for of in ["run", "model.onnx"] {
        setting.dlkit(&format!("weights export {of} --output {of}.npz")).done();
    }
    let bytes = |file: &str| fs::read(setting.path(file)).unwrap();
    assert_eq!(bytes("run.npz"), bytes("model.onnx.npz"));
}

/// A network whose outputs overflow, from weights that are finite.
#[test]
fn outputs_that_are_not_finite_are_told() {
    let setting = Setting::new();
    let layers = "activation = \"relu\"\nlayers = [{ type = \"flatten\" }, \
        { type = \"dense\", units = 4 }, { type = \"dense\", units = 10 }]";
    setting.write_recipe("r.toml", layers, "");
    setting.dlkit("weights export r.toml --output w.safetensors").done();
    let mut bytes = fs::read(setting.path("w.safetensors")).unwrap();
    // Every value is 3e38: eight bytes say how long the header is, values follow it.
    let header = 8 + usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    for value in bytes[header..].chunks_mut(4) {
        value.copy_from_slice(&3e38_f32.to_le_bytes());
    }
    fs::write(setting.path("w.safetensors"), bytes).unwrap();
    setting.dlkit("weights import r.toml --input w.safetensors --output run").done();
    let digit = repository().join("datasets/digits/digit-7-test-0.png");
    let answer = setting.dlkit(&format!("predict run {}", digit.display())).done();
    let warning = "infinite or undefined values for 1 picture";
    assert!(answer.stderr.contains(warning), "{answer:#?}");
    let answer = setting.dlkit("evaluate run").done();
    let warning = "warning: the network outputs infinite or undefined values";
    assert!(answer.stderr.contains(warning), "{answer:#?}");
    let answer = setting.dlkit("freeze run --output model.onnx");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("infinite or undefined values in `dense2`"), "{answer:#?}");
    assert!(!setting.path("model.onnx").exists());
}

#[test]
fn inspect_shows_what_any_onnx_file_holds() {
    let setting = trained(LAYERS);
    setting.dlkit("freeze run --output model.onnx").done();
    let text = setting.dlkit("inspect model.onnx").done().stdout;
    for line in [
        "input input: float32 [batch, 1, 28, 28]",
        "output dense1: float32 [batch, 10]",
        "conv1.activation = PRelu(conv1.batch_norm, conv1.activation.slope)",
        "dropout1 = Identity(flatten1)",
        "dlkit.task = \"classification\"",
        "conv1     conv2d 5x5, 4 filters, stride 3x3 + batch norm + prelu",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let json = setting.dlkit("inspect model.onnx --json").json();
    assert_eq!(json["inputs"][0]["shape"], serde_json::json!(["batch", "1", "28", "28"]));
    assert_eq!(json["layers"]["trainable_parameters"], 104 + 8 + 1 + 10 * 256 + 10);
    let dot = setting.dlkit("inspect model.onnx --format dot").done().stdout;
    assert!(dot.starts_with("digraph network {"), "{dot}");
    let weights = setting.dlkit("inspect model.onnx --weights conv1.activation --json").json();
    assert_eq!(weights["weights"][0]["name"], "conv1.activation.slope");

    // A file of another program, with an operator nobody knows.
    replace(&setting, "model.onnx", b"\x05PRelu", b"\x05\x1bFoo!");
    let json = setting.dlkit("inspect changed.onnx --json").json();
    assert_eq!(
        json["nodes"][2],
        "conv1.activation = \\u{1b}Foo!(conv1.batch_norm, conv1.activation.slope)"
    );
    assert!(json["layers"].is_null(), "{json}");
    let answer = setting.dlkit("inspect changed.onnx").done();
    assert!(answer.stderr.contains("its node `conv1.activation` is `\\u{1b}Foo!`"), "{answer:#?}");
    setting.write("changed.onnx", "no model");
    let message = setting.dlkit("inspect changed.onnx").refused();
    assert!(message.contains("not a readable ONNX file"), "{message}");
}
