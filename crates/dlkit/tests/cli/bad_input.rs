//! Wrong input: exit code 2, a message that says what is wrong and what helps, nothing written.

use std::fs;

use crate::setting::{SMALL, Setting, repository};

fn recipe() -> String {
    repository().join("configs/mnist/mlp.toml").display().to_string()
}

#[test]
fn a_misspelt_key_names_the_right_one() {
    let setting = Setting::new();
    let message = setting
        .dlkit(&format!("train --config {} --set training.learnig_rate=0.1 --output run", recipe()))
        .refused();
    assert!(message.contains("--set training.learnig_rate: unknown key"), "{message}");
    assert!(message.contains("did you mean `learning_rate`?"), "{message}");
    assert!(!setting.path("run").exists());

    setting.write_recipe("r.toml", SMALL, "optimizer = { kind = \"adma\" }");
    let message = setting.dlkit("config check r.toml").refused();
    assert!(message.contains("r.toml:9: "), "{message}");
    assert!(message.contains("did you mean `adam`?"), "{message}");
}

#[test]
fn values_out_of_range_and_of_the_wrong_type_are_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    for (set, expected) in [
        ("training.epochs=0", "`training.epochs`"),
        ("training.learning_rate=-1", "`training.learning_rate`"),
        ("training.learning_rate=nan", "`training.learning_rate`"),
        ("training.batch_size=many", "`training.batch_size`"),
        ("data.validation=1.5", "data.validation"),
        ("data.validation=80", "leaves none to train on"),
        ("network.layers.1.units=0", "`network.layers[1].units`"),
        ("network.layers.2.units=7", "layer `dense2`"),
        ("network.input=[1,14,14]", "[1, 14, 14]"),
        ("network.activation=rleu", "did you mean `relu`?"),
        ("training.loss={kind=\"mse\",label_smoothing=0.1}", "label_smoothing"),
        ("training.monitor=loss", "validation-loss"),
    ] {
        let message =
            setting.dlkit(&format!("train --config r.toml --output run --set {set}")).refused();
        assert!(message.contains(expected), "{set}: {message}");
        assert!(!setting.path("run").exists(), "{set}");
    }
}

#[test]
fn layers_that_do_not_fit_name_the_layer_and_both_shapes() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", "layers = [{ type = \"dense\", units = 10 }]", "");
    let message = setting.dlkit("config check r.toml").refused();
    assert!(message.contains("layer `dense1`"), "{message}");
    assert!(
        message.contains("a dense layer expects [features] but receives [1, 28, 28]"),
        "{message}"
    );
}

#[test]
fn damaged_data_is_explained() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let images = fs::read(setting.path("digits/train-images-idx3-ubyte")).unwrap();
    let labels = fs::read(setting.path("digits/train-labels-idx1-ubyte")).unwrap();
    let refused = |expected: &str| {
        for command in ["train --config r.toml --output run", "data verify digits"] {
            let message = setting.dlkit(command).refused();
            assert!(message.contains(expected), "{message}");
        }
        assert!(!setting.path("run").exists());
    };
    setting.write("digits/train-images-idx3-ubyte", &images[..1000]);
    refused("train-images-idx3-ubyte");
    setting.write("digits/train-images-idx3-ubyte", &images[..10]);
    refused("truncated");
    setting.write("digits/train-images-idx3-ubyte", &labels);
    refused("0x00000801");
    setting.write("digits/train-images-idx3-ubyte", &images);
    let fewer = [&0x801_u32.to_be_bytes()[..], &79_u32.to_be_bytes(), &labels[8..87]].concat();
    setting.write("digits/train-labels-idx1-ubyte", fewer);
    refused("79 labels");
    setting.write(
        "digits/train-labels-idx1-ubyte.gz",
        "this is no gzip file at all, whatever its name",
    );
    fs::remove_file(setting.path("digits/train-labels-idx1-ubyte")).unwrap();
    refused("gzip");
    fs::remove_file(setting.path("digits/train-labels-idx1-ubyte.gz")).unwrap();
    refused("train-labels-idx1-ubyte: no such file");
}

#[test]
fn missing_files_and_directories_are_named() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let refused = |line: &str, expected: &str| {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    };
    refused("train --config no.toml", "no.toml: cannot be read");
    refused("train --config r.toml --set data.path=nowhere", "nowhere: no such");
    refused("train --resume digits", "digits: not a run directory");
    refused("evaluate nowhere", "nowhere: no such");
    refused("data verify nowhere", "nowhere: no such");
    refused("train --config r.toml --device gpu", "allowed: ");
    refused("train", "--config");
    refused("train --config r.toml --epochs 0", "--epochs");
    refused("train --config r.toml --set training.epochs", "key=value");
    refused("train --config r.toml --output r.toml", "r.toml already exists");
    refused("train --config r.toml --output r.toml/run", "cannot create r.toml");
}

#[test]
fn class_folders_without_pictures_and_pictures_that_are_none_are_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let train = "train --config r.toml --set data.kind=image-folder --set data.path=p --output run";
    setting.write("p/train/cat/a.png", "not a picture");
    let message = setting.dlkit(train).refused();
    assert!(message.contains("a.png: not a picture"), "{message}");
    fs::create_dir_all(setting.path("p/train/dog")).unwrap();
    let message = setting.dlkit(train).refused();
    assert!(message.contains("dog: "), "{message}");
    assert!(!setting.path("run").exists());
}

#[test]
fn an_output_directory_that_exists_is_left_alone() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.write("run/precious.txt", "mine");
    let message = setting.dlkit("train --config r.toml --output run").refused();
    assert!(message.contains("run: already exists; choose another --output"), "{message}");
    assert_eq!(fs::read_dir(setting.path("run")).unwrap().count(), 1);
}

#[test]
fn runs_that_were_damaged_are_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --output run").done();
    let checkpoint = format!("run/{}", setting.read("run/last").trim());
    let model = fs::read(setting.path(&format!("{checkpoint}/model.bpk"))).unwrap();

    // The weights of another network.
    let recipe = setting.read("run/config.toml");
    setting.write("run/config.toml", recipe.replace("units = 16", "units = 17"));
    for line in ["train --resume run --epochs 3", "evaluate run --checkpoint last"] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains("of another network"), "{message}");
    }
    setting.write("run/config.toml", recipe);

    // A checkpoint cut short.
    setting.write(&format!("{checkpoint}/model.bpk"), &model[..model.len() / 2]);
    for line in ["train --resume run --epochs 3", "evaluate run --checkpoint last"] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains("model.bpk"), "{message}");
    }
}

#[test]
fn a_training_that_diverges_stops_with_exit_code_1() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "optimizer = \"sgd\"");
    let answer =
        setting.dlkit("train --config r.toml --set training.learning_rate=1e38 --output run");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("at step "), "{answer:#?}");
    assert!(answer.stderr.contains("no earlier checkpoint"), "{answer:#?}");
    assert!(answer.stderr.contains("Lower training.learning_rate"), "{answer:#?}");
    assert!(setting.read("run/run.json").contains("\"outcome\": \"failed\""));

    // The last good checkpoint is kept.
    setting.dlkit("train --config r.toml --epochs 1 --output good").done();
    let recipe = setting.read("good/config.toml");
    setting
        .write("good/config.toml", recipe.replace("learning_rate = 0.001", "learning_rate = 1e38"));
    let answer = setting.dlkit("train --resume good --epochs 3");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("the checkpoint of epoch 1 is kept"), "{answer:#?}");
    setting.dlkit("evaluate good --checkpoint last").done();
}

#[test]
fn a_training_whose_last_step_diverges_records_nothing_undefined() {
    let setting = Setting::new();
    // One step per epoch: its loss is taken before the weights explode.
    setting.write_recipe("r.toml", SMALL, "optimizer = \"sgd\"\nlearning_rate = 1e300");
    for (validation, run) in [("0.25", "validated"), ("0", "unvalidated")] {
        let answer = setting.dlkit(&format!(
            "train --config r.toml --set training.batch_size=1000 --set data.validation={validation} \
             --epochs 1 --output {run} --json"
        ));
        assert_eq!(answer.code, Some(1), "{answer:#?}");
        let object: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        assert!(object["causes"][0].as_str().unwrap().contains("at step 1 of epoch 1"), "{object}");
        assert_eq!(setting.read(&format!("{run}/run.json")).matches("null").count(), 0);
        let message = setting.dlkit(&format!("evaluate {run}")).refused();
        assert!(message.contains("checkpoint yet"), "{message}");
    }
}

#[test]
fn networks_too_large_for_any_machine_are_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    for units in ["1000000000000", "9000000000000000000"] {
        let message = setting
            .dlkit(&format!("config check r.toml --set network.layers.1.units={units}"))
            .refused();
        assert!(message.contains("units") || message.contains("dense1"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_do_no_harm() {
    use std::os::unix::ffi::OsStrExt;
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let name = std::ffi::OsStr::from_bytes(b"run\xff");
    let status = setting
        .command(&["train", "--config", "r.toml", "--epochs", "1", "-q", "--output"])
        .arg(name)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    let status = setting.command(&["evaluate", "-q"]).arg(name).status().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_bad_picture_is_reported_and_the_others_go_on() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --output run").done();
    image::GrayImage::new(40, 30).save(setting.path("good.png")).unwrap();
    setting.write("bad.png", "not a picture");
    let answer = setting.dlkit("predict run bad.png good.png none.png");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("bad.png: not a picture"), "{answer:#?}");
    assert!(answer.stderr.contains("none.png"), "{answer:#?}");
    assert!(answer.stdout.contains("good.png"), "{answer:#?}");
    let message = setting.dlkit("predict run digits").refused();
    assert!(message.contains("digits: a folder without pictures"), "{message}");
}

/// A pipe that nobody writes to would be waited for, a device read without end.
#[cfg(unix)]
#[test]
fn pipes_devices_and_huge_files_are_refused() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train --config r.toml --epochs 1 --output run --quiet").done();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(setting.path(name)).status().unwrap();
        assert!(made.success());
    };
    for name in ["pipe", "pipe.npy", "pipe.png", "pipe.onnx"] {
        pipe(name);
    }
    std::os::unix::fs::symlink("/dev/zero", setting.path("zero.npy")).unwrap();
    for line in [
        "config check pipe",
        "config check /dev/zero",
        "inspect pipe",
        "train --config pipe",
        "predict run pipe.png",
        "predict run /dev/zero",
        "predict pipe.onnx digit.png",
        "inspect pipe.onnx",
        "trace run --input pipe.npy",
        "trace run --input zero.npy",
        "homography pipe.png --corners 1,1,2,1,2,2,1,2 --output out.png",
        "homography --points pipe",
        "homography pipe.png --matrix pipe --output out.png",
    ] {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(answer.stderr.contains("not a regular file"), "{line}: {answer:#?}");
    }
    let message = setting.dlkit("predict pipe digit.png").refused();
    assert!(message.contains("pipe: neither a run directory nor a frozen file"), "{message}");
    setting.write("long.toml", " ".repeat((1 << 20) + 1));
    let message = setting.dlkit("config check long.toml").refused();
    assert!(message.contains("1048576 bytes"), "{message}");
    fs::File::create(setting.path("huge.npy")).unwrap().set_len(2 << 30).unwrap();
    let message = setting.dlkit("trace run --input huge.npy").refused();
    assert!(message.contains("1073741824 bytes"), "{message}");
}

#[cfg(unix)]
#[test]
fn class_folders_with_control_characters_are_refused() {
    let setting = Setting::new();
    let digit = fs::read(repository().join("datasets/digits/digit-7-test-0.png")).unwrap();
    setting.write("pictures/one/1.png", &digit);
    setting.write("pictures/t\u{1b}[2Jwo/1.png", &digit);
    let message = setting.dlkit("data verify pictures").refused();
    assert!(message.contains("t\\u{1b}[2Jwo: "), "{message}");
}
