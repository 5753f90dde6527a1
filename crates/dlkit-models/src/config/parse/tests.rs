//! What is said of wrong recipes.

use super::*;

const RECIPE: &str = r#"task = "classification"
seed = 7

[data]
kind = "mnist"
path = "digits"

[network]
input = [1, 28, 28]
activation = "relu"

[[network.layers]]
type = "flatten"

[[network.layers]]
type = "dense"
units = 32
activation = { kind = "elu", alpha = 0.5 }

[[network.layers]]
type = "dense"
units = 10

[training]
epochs = 3
optimizer = { kind = "adam", beta_1 = 0.8 }
"#;

fn error(text: &str, overrides: &[&str]) -> String {
    let overrides: Vec<_> = overrides.iter().map(|text| text.parse().unwrap()).collect();
    parse_experiment(text, "recipe.toml", &overrides).unwrap_err().to_string()
}

/// The message after one line of the recipe was replaced.
fn with(old: &str, new: &str) -> String {
    assert!(RECIPE.contains(old), "{old}");
    error(&RECIPE.replacen(old, new, 1), &[])
}

#[test]
fn a_recipe_reads_back_from_what_it_writes() {
    let experiment = parse_experiment(RECIPE, "recipe.toml", &[]).unwrap();
    let text = experiment.to_toml();
    assert!(text.contains("learning_rate = 0.001"), "{text}");
    assert!(text.contains("beta_1 = 0.8\nbeta_2 = 0.999"), "{text}");
    assert_eq!(parse_experiment(&text, "written.toml", &[]).unwrap(), experiment);
}

#[test]
fn unknown_keys_are_named_with_line_and_nearest_key() {
    assert_eq!(with("seed = 7", "sed = 7"), "");
    assert_eq!(with("path = \"digits\"", "path = \"digits\"\nvalidaton = 0.1"), "");
    assert_eq!(with("epochs = 3", "epoch = 3"), "");
    assert_eq!(with("epochs = 3", "warmup = 3"), "");
    assert_eq!(with("units = 32", "unit = 32"), "");
    assert_eq!(with("units = 32", "units = 32\nbatchnorm = true"), "");
    assert_eq!(with("alpha = 0.5", "alfa = 0.5"), "");
    assert_eq!(with("beta_1 = 0.8", "beta1 = 0.8"), "");
    assert_eq!(with("activation = \"relu\"", "activation = { kind = \"relu\", slope = 1.0 }"), "");
}

#[test]
fn unknown_names_are_named_with_the_nearest() {
    assert_eq!(with("\"classification\"", "\"classify\""), "");
    assert_eq!(with("activation = \"relu\"", "activation = \"rellu\""), "");
    assert_eq!(with("kind = \"elu\"", "kind = \"eluu\""), "");
    assert_eq!(with("type = \"dense\"", "type = \"danse\""), "");
    assert_eq!(with("kind = \"adam\"", "kind = \"adamax\""), "");
    assert_eq!(with("kind = \"mnist\"", "kind = \"minst\""), "");
    let same = "type = \"conv2d\"\nfilters = 1\nkernel = 3\npadding = \"sam\"";
    assert_eq!(with("type = \"flatten\"", same), "");
}

#[test]
fn missing_keys_are_named() {
    assert_eq!(with("task = \"classification\"\n", ""), "");
    assert_eq!(with("path = \"digits\"\n", ""), "");
    assert_eq!(with("units = 32\n", ""), "");
    assert_eq!(with("type = \"flatten\"\n", ""), "");
    assert_eq!(with("kind = \"adam\", ", ""), "");
}

#[test]
fn wrong_types_are_named() {
    assert_eq!(with("seed = 7", "seed = \"7\""), "");
    assert_eq!(with("seed = 7", "seed = -7"), "");
    assert_eq!(with("epochs = 3", "epochs = 3.5"), "");
    assert_eq!(with("units = 32", "units = \"many\""), "");
    assert_eq!(with("alpha = 0.5", "alpha = \"low\""), "");
    assert_eq!(with("activation = \"relu\"", "activation = 3"), "");
    assert_eq!(with("input = [1, 28, 28]", "input = 784"), "");
    let kernel = |value: &str| with("type = \"flatten\"", &format!("type = \"conv2d\"\nfilters = 1\nkernel = {value}"));
    assert_eq!(kernel("[3]"), "");
    assert_eq!(kernel("[3, 3, 3]"), "");
    assert_eq!(kernel("-3"), "");
    assert_eq!(kernel("\"3\""), "");
}

#[test]
fn values_out_of_range_are_named() {
    assert_eq!(with("epochs = 3", "epochs = 0"), "");
    assert_eq!(with("beta_1 = 0.8", "beta_1 = 1.0"), "");
    assert_eq!(with("units = 32", "units = 0"), "");
    assert_eq!(with("alpha = 0.5", "alpha = inf"), "");
    assert_eq!(with("path = \"digits\"", "path = \"digits\"\nvalidation = 1.5"), "");
    assert_eq!(with("type = \"flatten\"", "type = \"softmax\""), "");
}

#[test]
fn what_is_no_toml_is_named_with_its_line() {
    assert_eq!(with("units = 32", "units = "), "");
    assert_eq!(with("units = 32", "units = 32\nunits = 33"), "");
}

#[test]
fn an_error_from_an_override_names_the_flag() {
    assert_eq!(error(RECIPE, &["training.epochs=0"]), "");
    assert_eq!(error(RECIPE, &["training.epoch=5"]), "");
    assert_eq!(error(RECIPE, &["network.layers.1.units=many"]), "");
    assert_eq!(error(RECIPE, &["network.layers.1.unit=64"]), "");
    assert_eq!(error(RECIPE, &["network.activation=rellu"]), "");
    assert_eq!(error(RECIPE, &["training.optimizer=adamax"]), "");
    assert_eq!(error(RECIPE, &["network.layers.7.units=64"]), "");
    assert_eq!(error(RECIPE, &["network.layers.0.type=softmax"]), "");
    // An error elsewhere is not blamed on an override.
    assert_eq!(error(&RECIPE.replacen("epochs = 3", "epochs = 0", 1), &["seed=1"]), "");
}
