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
        "weight `dense1.weight`: its shape is [784, 16]",
    );
    refused(
        &format!("{import} w.npz --set network.batch_norm=true"),
        "weight `dense1.batch_norm.gamma`: missing",
    );
    setting.write("broken.safetensors", "{}");
    refused(&format!("{import} broken.safetensors"), "is no intact .safetensors file");
    refused(&format!("{import} nowhere.npz"), "nowhere.npz: cannot read");
    refused(&format!("{import} w.pt"), "w.pt: the name must end in .safetensors or .npz");
    refused("weights export small.toml --output new", "must end in .safetensors or .npz");
    setting.dlkit(&format!("{import} w.npz")).done();
    let message = setting.dlkit(&format!("{import} w.npz")).refused();
    assert!(message.contains("new: already exists"), "{message}");
}

#[test]
fn weights_of_another_network_are_refused_before_they_are_read() {
    let setting = Setting::new();
    setting.write_recipe("small.toml", SMALL, "");
    for (change, file, expected) in [
        ("network.layers.1.name=other", "named.npz", "`other.weight`"),
        ("network.layers.1.units=1000", "wide.safetensors", "wide.safetensors"),
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
    assert!(message.contains("w.npz: file already exists"), "{message}");
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

/// Killed while it writes, an import leaves a whole run or none: half a one would be trained from
/// scratch by whoever resumes it.
#[test]
fn an_import_that_is_cut_leaves_no_half_run() {
    let setting = Setting::new();
    let wide = "layers = [{ type = \"flatten\" }, { type = \"dense\", units = 2000 }, \
        { type = \"dense\", units = 10 }]";
    setting.write_recipe("r.toml", wide, "");
    setting.dlkit("weights export r.toml --output w.npz").done();
    let hidden = || {
        let entries = std::fs::read_dir(setting.path("")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with('.')).collect::<Vec<_>>()
    };
    let line = ["weights", "import", "r.toml", "--input", "w.npz", "--output", "run"];
    let mut child = setting.command(&line).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && hidden().is_empty() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
    if setting.path("run").exists() {
        setting.dlkit("evaluate run").done();
    } else {
        let message = setting.dlkit("train --resume run").refused();
        assert!(message.contains("run: no such"), "{message}");
        setting.dlkit(&line.join(" ")).done();
    }
    let _ = std::fs::remove_dir_all(setting.path("run"));
    for name in hidden() {
        std::fs::remove_dir_all(setting.path(&name)).unwrap();
    }

    // A signal that can be heard leaves nothing at all.
    #[cfg(unix)]
    {
        let mut child = setting.command(&line).spawn().unwrap();
        while child.try_wait().unwrap().is_none() && hidden().is_empty() {
            std::thread::yield_now();
        }
        let id = child.id().to_string();
        let _ = std::process::Command::new("kill").args(["-TERM", &id]).status();
        child.wait().unwrap();
        assert!(hidden().is_empty(), "{:?}", hidden());
    }
}

#[test]
fn an_empty_directory_becomes_a_run() {
    let setting = Setting::new();
    setting.write_recipe("small.toml", SMALL, "");
    setting.dlkit("weights export small.toml --output w.npz").done();
    std::fs::create_dir(setting.path("new")).unwrap();
    setting.dlkit("weights import small.toml --input w.npz --output new").done();
    setting.dlkit("evaluate new").done();
    assert!(setting.read("new/report.html").contains("<title>new"), "the name it is known by");
    assert!(
        std::fs::read_dir(setting.path("new"))
            .unwrap()
            .flatten()
            .all(|entry| { !entry.file_name().to_string_lossy().starts_with(".writing") })
    );
}
