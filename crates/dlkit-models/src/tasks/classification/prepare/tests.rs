//! What is said where recipe, data and run contradict each other.

use super::*;
use crate::recipe::parse_experiment;

/// A recipe of three inputs and these layers.
fn recipe(layers: &str) -> String {
    format!(
        "task = \"classification\"\ndata = {{ kind = \"mnist\", path = \"digits\" }}\n\
         network = {{ input = [1, 3, 1], layers = [{layers}] }}\n\
         training = {{ epochs = 1, loss = \"mse\" }}"
    )
}

fn experiment(layers: &str) -> Experiment {
    parse_experiment(&recipe(layers), "recipe.toml", &[]).unwrap()
}

fn outputs_error(layers: &str) -> String {
    check_outputs(&experiment(layers), 10).unwrap_err().to_string()
}

#[test]
fn a_wrong_number_of_units_is_named_by_its_key() {
    let flatten = "{ type = \"flatten\" }";
    assert_eq!(
        outputs_error(&format!(
            "{flatten}, {{ type = \"dense\", units = 7 }}, {{ type = \"softmax\" }}"
        )),
        "layer `softmax1`: the network's output is [7], but the data has 10 classes; set \
         network.layers[1].units = 10"
    );
    let advice = "the data has 10 classes; end network.layers with a dense layer with units = 10";
    assert_eq!(
        outputs_error(flatten),
        format!("layer `flatten1`: the network's output is [3], but {advice}")
    );
    assert_eq!(
        outputs_error("{ type = \"conv2d\", filters = 10, kernel = 1 }"),
        format!("layer `conv1`: the network's output is [10, 3, 1], but {advice}")
    );
    let right = format!("{flatten}, {{ type = \"dense\", units = 10 }}");
    assert!(check_outputs(&experiment(&right), 10).is_ok());
}

#[test]
fn a_softmax_before_cross_entropy_is_found_behind_flatten() {
    let layers = "{ type = \"softmax\", name = \"shares\" }, { type = \"flatten\" }";
    let recipe = recipe(layers).replace("\"mse\"", "\"cross-entropy\"");
    let error = parse_experiment(&recipe, "recipe.toml", &[]).unwrap_err().to_string();
    assert_eq!(
        error,
        "recipe.toml:4: `training.loss` is \"cross-entropy\", which needs raw scores and applies the \
         softmax itself; remove the layer `shares` (predictions remain probabilities)"
    );
    experiment(layers);
}
