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
    let text = experiment.to_toml().unwrap();
    assert!(text.contains("learning_rate = 0.001"), "{text}");
    assert!(text.contains("beta_1 = 0.8\nbeta_2 = 0.999"), "{text}");
    assert_eq!(parse_experiment(&text, "written.toml", &[]).unwrap(), experiment);
}

#[test]
fn unknown_keys_are_named_with_line_and_nearest_key() {
    assert_eq!(
        with("seed = 7", "sed = 7"),
        "recipe.toml:2: unknown key `sed`, did you mean `seed`? Allowed: task, seed, data, \
         colorization, network, training, penalty, diagnostics"
    );
    assert_eq!(
        with("path = \"digits\"", "path = \"digits\"\nvalidaton = 0.1"),
        "recipe.toml:7: unknown key `data.validaton`, did you mean `validation`? Allowed: path, \
         validation, invert, mean, deviation, group, augmentation"
    );
    assert_eq!(
        with("epochs = 3", "epoch = 3"),
        "recipe.toml:25: unknown key `training.epoch`, did you mean `epochs`? Allowed: epochs, \
         batch_size, learning_rate, loss, class_weights, threshold, freeze, optimizer, schedule, warmup_epochs, gradient_clipping, \
         monitor, early_stopping, weights_every"
    );
    assert_eq!(
        with("epochs = 3", "warmup = 3"),
        "recipe.toml:25: unknown key `training.warmup`; allowed: epochs, batch_size, \
         learning_rate, loss, class_weights, threshold, freeze, optimizer, schedule, warmup_epochs, gradient_clipping, monitor, \
         early_stopping, weights_every"
    );
    assert_eq!(
        with("units = 32", "unit = 32"),
        "recipe.toml:17: unknown key `network.layers[1].unit`, did you mean `units`? Allowed: \
         name, from, units, bias, batch_norm, activation, initializer"
    );
    assert_eq!(
        with("units = 32", "units = 32\nbatchnorm = true"),
        "recipe.toml:18: unknown key `network.layers[1].batchnorm`, did you mean `batch_norm`? \
         Allowed: name, from, units, bias, batch_norm, activation, initializer"
    );
    assert_eq!(
        with("alpha = 0.5", "alfa = 0.5"),
        "recipe.toml:18: unknown key `network.layers[1].activation.alfa`, did you mean `alpha`? \
         Allowed: alpha"
    );
    assert_eq!(
        with("beta_1 = 0.8", "beta1 = 0.8"),
        "recipe.toml:26: unknown key `training.optimizer.beta1`, did you mean `beta_1`? Allowed: \
         beta_1, beta_2, epsilon, weight_decay"
    );
    assert_eq!(
        with("activation = \"relu\"", "activation = { kind = \"relu\", slope = 1.0 }"),
        "recipe.toml:10: unknown key `network.activation.slope`; this table allows no other key"
    );
}

#[test]
fn wrong_graphs_are_named_with_their_line() {
    assert_eq!(
        with("units = 32", "units = 32\nfrom = \"flaten1\""),
        "recipe.toml:18: `network.layers[1].from` names \"flaten1\", but no layer has that name, \
         did you mean `flatten1`? Allowed: input, flatten1"
    );
    assert_eq!(
        with("units = 32", "units = 32\nfrom = \"dense2\""),
        "recipe.toml:18: `network.layers[1].from` names \"dense2\", which itself reads `dense1`: a \
         cycle; let one of them read another layer"
    );
    assert_eq!(
        with("units = 10", "units = 10\nfrom = \"flatten1\""),
        "recipe.toml:15: `network.layers[1]` (layer `dense1`): no layer reads its output; name it in \
         `from` of a later layer, or remove it"
    );
    assert_eq!(
        with("units = 32", "units = 32\nfrom = 3"),
        "recipe.toml:18: `network.layers[1].from` must be the name of a layer or a list of names, not \
         3"
    );
}

#[test]
fn unknown_names_are_named_with_the_nearest() {
    assert_eq!(
        with("\"classification\"", "\"classify\""),
        "recipe.toml:1: `task`: unknown \"classify\"; allowed: classification, colorization, \
         regression"
    );
    assert_eq!(
        with("activation = \"relu\"", "activation = \"rellu\""),
        "recipe.toml:10: `network.activation`: unknown \"rellu\", did you mean `relu`? Allowed: \
         none, sigmoid, tanh, relu, leaky-relu, prelu, rrelu, elu, selu, gelu, silu, softplus"
    );
    assert_eq!(
        with("kind = \"elu\"", "kind = \"eluu\""),
        "recipe.toml:18: `network.layers[1].activation`: unknown \"eluu\", did you mean `elu`? \
         Allowed: none, sigmoid, tanh, relu, leaky-relu, prelu, rrelu, elu, selu, gelu, silu, \
         softplus"
    );
    assert_eq!(
        with("type = \"dense\"", "type = \"danse\""),
        "recipe.toml:16: `network.layers[1].type`: unknown \"danse\", did you mean `dense`? \
         Allowed: dense, conv2d, max-pool2d, avg-pool2d, flatten, reshape, upsample, batch-norm, \
         dropout, softmax, activation, conv-transpose2d, global-avg-pool, pixel-shuffle, \
         group-norm, layer-norm, add, multiply, concat"
    );
    assert_eq!(
        with("kind = \"adam\"", "kind = \"adamax\""),
        "recipe.toml:26: `training.optimizer.kind`: unknown \"adamax\", did you mean `adam`? \
         Allowed: sgd, adam, adamw, rmsprop"
    );
    assert_eq!(
        with("kind = \"mnist\"", "kind = \"minst\""),
        "recipe.toml:5: `data.kind`: unknown \"minst\", did you mean `mnist`? Allowed: mnist, \
         image-folder, photos, line, table"
    );
    let same = "type = \"conv2d\"\nfilters = 1\nkernel = 3\npadding = \"sam\"";
    assert_eq!(
        with("type = \"flatten\"", same),
        "recipe.toml:16: `network.layers[0].padding`: unknown \"sam\", did you mean `same`? \
         Allowed: valid, same"
    );
}

#[test]
fn missing_keys_are_named() {
    assert_eq!(with("task = \"classification\"\n", ""), "recipe.toml: missing key `task`");
    assert_eq!(with("path = \"digits\"\n", ""), "recipe.toml:4: missing key `data.path`");
    assert_eq!(with("units = 32\n", ""), "recipe.toml:15: missing key `network.layers[1].units`");
    assert_eq!(
        with("type = \"flatten\"\n", ""),
        "recipe.toml:12: missing key `network.layers[0].type`"
    );
    assert_eq!(
        with("kind = \"adam\", ", ""),
        "recipe.toml:26: missing key `training.optimizer.kind`"
    );
    assert_eq!(
        with("kind = \"elu\", ", ""),
        "recipe.toml:18: missing key `network.layers[1].activation.kind`"
    );
}

#[test]
fn wrong_types_are_named() {
    assert_eq!(
        with("seed = 7", "seed = \"7\""),
        "recipe.toml:2: `seed` must be a non-negative integer, not \"7\""
    );
    assert_eq!(
        with("seed = 7", "seed = -7"),
        "recipe.toml:2: `seed` must be a non-negative integer, not -7"
    );
    assert_eq!(
        with("epochs = 3", "epochs = 3.5"),
        "recipe.toml:25: `training.epochs` must be a non-negative integer, not 3.5"
    );
    assert_eq!(
        with("units = 32", "units = \"many\""),
        "recipe.toml:17: `network.layers[1].units` must be a non-negative integer, not \
         \"many\""
    );
    assert_eq!(
        with("alpha = 0.5", "alpha = \"low\""),
        "recipe.toml:18: `network.layers[1].activation.alpha` must be a number, not \"low\""
    );
    assert_eq!(
        with("activation = \"relu\"", "activation = 3"),
        "recipe.toml:10: `network.activation` must be a name or a table with the key `kind`, not 3"
    );
    assert_eq!(
        with("input = [1, 28, 28]", "input = 784"),
        "recipe.toml:9: `network.input` must be a list, not 784"
    );
    let kernel = |value: &str| {
        with("type = \"flatten\"", &format!("type = \"conv2d\"\nfilters = 1\nkernel = {value}"))
    };
    assert_eq!(
        kernel("[3]"),
        "recipe.toml:15: `network.layers[0].kernel` must be [height, width], not a list of length 1"
    );
    assert_eq!(
        kernel("[3, 3, 3]"),
        "recipe.toml:15: `network.layers[0].kernel` must be [height, width], not a list of length 3"
    );
    assert_eq!(
        kernel("-3"),
        "recipe.toml:15: `network.layers[0].kernel` must be a non-negative integer or \
         [height, width], not -3"
    );
    assert_eq!(
        kernel("\"3\""),
        "recipe.toml:15: `network.layers[0].kernel` must be a non-negative integer or \
         [height, width], not \"3\""
    );
}

#[test]
fn values_out_of_range_are_named() {
    assert_eq!(
        with("epochs = 3", "epochs = 0"),
        "recipe.toml:25: `training.epochs` must be 1 or more, not 0"
    );
    assert_eq!(
        with("beta_1 = 0.8", "beta_1 = 1.0"),
        "recipe.toml:26: `training.optimizer.beta_1` must be from 0 to below 1, not 1"
    );
    assert_eq!(
        with("units = 32", "units = 0"),
        "recipe.toml:17: `network.layers[1].units` must be 1 or more, not 0"
    );
    assert_eq!(
        with("alpha = 0.5", "alpha = inf"),
        "recipe.toml:18: `network.layers[1].activation.alpha` must be a finite number, not inf"
    );
    assert_eq!(
        with("path = \"digits\"", "path = \"digits\"\nvalidation = 1.5"),
        "recipe.toml:7: `data.validation` must be a share from 0 to below 1, or a whole number of \
         samples, not 1.5"
    );
    assert_eq!(
        with("type = \"flatten\"", "type = \"softmax\""),
        "recipe.toml:15: `network.layers[1]` (layer `dense1`): a dense layer expects [features] \
         but receives [1, 28, 28]; add a \"flatten\" layer before it"
    );
}

#[test]
fn all_errors_are_named_by_line() {
    let mut text = RECIPE.to_owned();
    for (old, new) in [
        ("seed = 7", "sed = 7"),
        ("path = \"digits\"", "pth = \"digits\""),
        ("units = 32", "unit = 32"),
        ("units = 10", "units = \"ten\""),
        ("epochs = 3", "epochs = 0\nbatch_size = \"16\"\nlearning_rate = -1.0"),
        ("beta_1 = 0.8", "beta_1 = 2.0"),
    ] {
        text = text.replacen(old, new, 1);
    }
    let message = error(&text, &["training.loss=mean"]);
    let lines: Vec<&str> =
        message.lines().map(|line| line.trim().split("; ").next().unwrap()).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.split(", did").next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "the recipe has 9 errors:",
            "recipe.toml:2: unknown key `sed`",
            "recipe.toml:6: unknown key `data.pth`",
            "recipe.toml:17: unknown key `network.layers[1].unit`",
            "recipe.toml:22: `network.layers[2].units` must be a non-negative integer, not \"ten\"",
            "--set training.loss: `training.loss`: unknown \"mean\"",
            "recipe.toml:25: `training.epochs` must be 1 or more, not 0",
            "recipe.toml:26: `training.batch_size` must be a non-negative integer, not \"16\"",
            "recipe.toml:27: `training.learning_rate` must be a finite number above 0, not -1",
            "recipe.toml:28: `training.optimizer.beta_1` must be from 0 to below 1, not 2",
        ]
    );
}

#[test]
fn what_is_no_toml_is_named_with_its_line() {
    // The rest is what the TOML parser says.
    assert!(with("units = 32", "units = ").starts_with("recipe.toml:17: "));
    assert_eq!(with("units = 32", "units = 32\nunits = 33"), "recipe.toml:18: duplicate key");
}

#[test]
fn an_error_from_an_override_names_the_flag() {
    assert_eq!(
        error(RECIPE, &["training.epochs=0"]),
        "--set training.epochs: `training.epochs` must be 1 or more, not 0"
    );
    assert_eq!(
        error(RECIPE, &["training.epoch=5"]),
        "--set training.epoch: unknown key `training.epoch`, did you mean `epochs`? Allowed: \
         epochs, batch_size, learning_rate, loss, class_weights, threshold, freeze, optimizer, schedule, warmup_epochs, \
         gradient_clipping, monitor, early_stopping, weights_every"
    );
    assert_eq!(
        error(RECIPE, &["network.layers.1.units=many"]),
        "--set network.layers.1.units: `network.layers[1].units` must be a non-negative integer, \
         not \"many\""
    );
    assert_eq!(
        error(RECIPE, &["network.layers.1.unit=64"]),
        "--set network.layers.1.unit: unknown key `network.layers[1].unit`, did you mean `units`? \
         Allowed: name, from, units, bias, batch_norm, activation, initializer"
    );
    assert_eq!(
        error(RECIPE, &["network.activation=rellu"]),
        "--set network.activation: `network.activation`: unknown \"rellu\", did you mean `relu`? \
         Allowed: none, sigmoid, tanh, relu, leaky-relu, prelu, rrelu, elu, selu, gelu, silu, \
         softplus"
    );
    assert_eq!(
        error(RECIPE, &["training.optimizer=adamax"]),
        "--set training.optimizer: `training.optimizer`: unknown \"adamax\", did you mean `adam`? \
         Allowed: sgd, adam, adamw, rmsprop"
    );
    assert_eq!(
        error(RECIPE, &["network.layers.7.units=64"]),
        "--set: `network.layers.7.units`: cannot be set because `network.layers` has elements 0 \
         to 2, not 7"
    );
    assert_eq!(
        error(RECIPE, &["network.layers.0.type=softmax"]),
        "recipe.toml:15: `network.layers[1]` (layer `dense1`): a dense layer expects [features] \
         but receives [1, 28, 28]; add a \"flatten\" layer before it"
    );
    // An error elsewhere is not blamed on an override.
    assert_eq!(
        error(&RECIPE.replacen("epochs = 3", "epochs = 0", 1), &["seed=1"]),
        "recipe.toml:25: `training.epochs` must be 1 or more, not 0"
    );
}

#[test]
fn colorizers_must_take_pictures_of_any_size() {
    let recipe = r#"
task = "colorization"
data = { kind = "photos", path = "photos" }

[network]
input = [1, 32, 32]
layers = [{ type = "conv2d", filters = 12, kernel = 3 }, { type = "group-norm", groups = 4 }]
"#;
    assert_eq!(
        error(recipe, &[]),
        "recipe.toml:5: `network` is no colorizer: layer `group_norm1`: accepts inputs of one size \
         only; build a colorizer from convolutions, pooling and upsampling"
    );
}
