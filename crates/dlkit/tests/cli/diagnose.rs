//! Runs asked why they do not learn.

use crate::setting::Setting;

/// Ten dense layers, so that a sigmoid's gradient vanishes.
fn deep(activation: &str) -> String {
    let hidden = "{ type = \"dense\", units = 12 }, ".repeat(9);
    format!(
        "activation = \"{activation}\"\nlayers = [{{ type = \"flatten\" }}, {hidden}\
         {{ type = \"dense\", units = 10 }}]"
    )
}

#[test]
fn a_vanishing_gradient_is_found_and_drawn() {
    let setting = Setting::new();
    for activation in ["sigmoid", "relu"] {
        setting.write_recipe("r.toml", &deep(activation), "");
        let line = "train --config r.toml --set diagnostics.every=2 --output";
        setting.dlkit(&format!("{line} {activation}")).done();
    }
    let answer = setting.dlkit("diagnose sigmoid relu --output figures").done();
    let (sigmoid, relu) = answer.stdout.split_once("relu, epoch 2 of 2").unwrap();
    assert!(sigmoid.contains("- the gradient vanishes: at `dense1` it is"), "{answer:#?}");
    assert!(!relu.contains("vanishes"), "{answer:#?}");
    for name in ["gradient_norm", "weight_norm", "update_ratio", "dead_units"] {
        assert!(setting.path(&format!("figures/{name}.png")).is_file(), "{name}");
        assert!(setting.path(&format!("sigmoid/plots/{name}.svg")).is_file(), "{name}");
    }
    let header = setting.read("sigmoid/metrics.csv");
    assert!(header.lines().next().unwrap().contains(",gradient_norm.dense10,"), "{header}");

    let json = setting.dlkit("diagnose sigmoid --epoch 1 --json").json();
    let run = &json["runs"][0];
    assert_eq!((run["run"].as_str(), run["epoch"].as_u64()), (Some("sigmoid"), Some(1)));
    let norm = |layer: usize| run["layers"][layer]["gradient_norm"].as_f64().unwrap();
    assert_eq!(run["layers"][9]["layer"], "dense10");
    assert!(norm(0) < 1e-3 * norm(9), "{json}");

    let message = setting.dlkit("diagnose relu --epoch 3").refused();
    assert!(message.contains("--epoch 3: relu has the epochs 1 to 2"), "{message}");
}

#[test]
fn measuring_does_not_change_the_training() {
    let setting = Setting::new();
    let layers = "activation = \"relu\"\nbatch_norm = true\nlayers = [{ type = \"flatten\" }, \
                  { type = \"dense\", units = 16 }, { type = \"dropout\", rate = 0.5 }, \
                  { type = \"dense\", units = 10 }]";
    setting.write_recipe("r.toml", layers, "");
    setting.dlkit("train --config r.toml --output plain").done();
    setting.dlkit("train --config r.toml --output measured --set diagnostics.every=1").done();
    let weights = |run: &str| {
        std::fs::read(setting.path(&format!("{run}/checkpoints/epoch-0002/model.bpk"))).unwrap()
    };
    assert!(weights("plain") == weights("measured"));

    let message = setting.dlkit("diagnose plain").refused();
    assert!(
        message
            .contains("trained without diagnostics; train it again with --set diagnostics.every"),
        "{message}"
    );
    let message =
        setting.dlkit("train --config r.toml --set diagnostics.every=0 --output zero").refused();
    assert!(message.contains("`diagnostics.every` is 0; 1 or more is needed"), "{message}");
}
