//! Weights carried to other programs and back.

use crate::setting::{SMALL, Setting, repository};

const NETWORK: &str = "activation = \"prelu\"\nbatch_norm = true\nlayers = [{ type = \"conv2d\", \
    filters = 3, kernel = 5, stride = 2 }, { type = \"flatten\" }, { type = \"dense\", units = 10 }]";

#[test]
fn exported_weights_come_back_as_a_run() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", NETWORK, "");
    setting.dlkit("train --config r.toml --output run").done();
    let digits = repository().join("datasets/digits");
    let predict = |run: &str| {
        setting.dlkit(&format!("predict {run} {} --json", digits.display())).json()["predictions"]
            .to_string()
    };
    for (network, file, output) in
        [("run", "w.safetensors", "from-run"), ("r.toml", "w.npz", "from-recipe")]
    {
        let listed = setting.dlkit(&format!("weights export run --output {file} --json")).json();
        assert_eq!(listed["weights"][2]["name"], "conv1.batch_norm.gamma");
        setting.dlkit(&format!("weights import {network} --input {file} --output {output}")).done();
        assert_eq!(predict(output), predict("run"), "{output}");
        let info: serde_json::Value =
            serde_json::from_str(&setting.read(&format!("{output}/run.json"))).unwrap();
        assert_eq!((&info["outcome"], &info["epochs"]), (&"imported".into(), &0.into()));
        assert!(setting.path(&format!("{output}/report.html")).is_file());
    }
    let text = setting.dlkit("train --resume from-run").done().stdout;
    assert!(text.contains("epoch 2/2"), "{text}");
    assert_ne!(predict("from-run"), predict("run"));
}

#[test]
fn weights_that_do_not_fit_are_refused_and_leave_nothing() {
    let setting = Setting::new();
    setting.write_recipe("small.toml", SMALL, "");
    setting.dlkit("weights export small.toml --output w.npz").done();
    let refused = |line: &str, expected: &str| {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(expected), "{line}: {message}");
        assert!(!setting.path("new").exists(), "{line}");
    };
    let import = "weights import small.toml --output new --input";
    refused(
        &format!("{import} w.npz --set network.layers.1.units=17"),
        "`dense1.weight` has the shape [784, 16], the network's has [784, 17]",
    );
    refused(
        &format!("{import} w.npz --set network.batch_norm=true"),
        "the weight `dense1.batch_norm.gamma` of shape [16] is missing",
    );
    setting.write("broken.safetensors", "{}");
    refused(&format!("{import} broken.safetensors"), "is no intact .safetensors file");
    refused(&format!("{import} nowhere.npz"), "cannot read nowhere.npz");
    refused(&format!("{import} w.pt"), "w.pt: the name must end in .safetensors or .npz");
    refused("weights export small.toml --output new", "must end in .safetensors or .npz");
    setting.dlkit(&format!("{import} w.npz")).done();
    let message = setting.dlkit(&format!("{import} w.npz")).refused();
    assert!(message.contains("new already exists"), "{message}");
}

#[test]
fn weights_of_another_network_are_refused_before_they_are_read() {
    let setting = Setting::new();
    setting.write_recipe("small.toml", SMALL, "");
    for (change, file, expected) in [
        (
            "network.layers.1.name=other",
            "named.npz",
            "error: named.npz: the network has no weight `other.weight`; it has dense1.weight",
        ),
        (
            "network.layers.1.units=1000",
            "wide.safetensors",
            "error: wide.safetensors: it has more than",
        ),
    ] {
        setting.dlkit(&format!("weights export small.toml --output {file} --set {change}")).done();
        let import = format!("weights import small.toml --output new --input {file}");
        let message = setting.dlkit(&import).refused();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn exporting_replaces_a_file_only_when_told_to() {
    let setting = Setting::new();
    setting.write_recipe("small.toml", SMALL, "");
    setting.write("w.npz", "mine");
    let export = "weights export small.toml --output";
    let message = setting.dlkit(&format!("{export} w.npz")).refused();
    assert!(message.contains("w.npz already exists; choose another --output"), "{message}");
    assert!(message.contains("--force"), "{message}");
    assert_eq!(setting.read("w.npz"), "mine");
    setting.dlkit(&format!("{export} w.npz --force")).done();
    assert!(std::fs::read(setting.path("w.npz")).unwrap().starts_with(b"PK"));
    let message = setting.dlkit(&format!("{export} nowhere/w.npz")).refused();
    assert!(message.contains("--output nowhere/w.npz: there is no directory nowhere"), "{message}");
    std::fs::create_dir(setting.path("folder.npz")).unwrap();
    let message = setting.dlkit(&format!("{export} folder.npz --force")).refused();
    assert!(message.contains("--output folder.npz is a directory"), "{message}");
}
