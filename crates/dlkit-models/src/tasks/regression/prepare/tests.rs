//! Lasso and elastic net found by training, and what is said where recipe and data contradict.

use burn::optim::GradientsParams;
use serde::Deserialize;

use super::super::model::measure;
use super::*;
use crate::data::TableSet;
use crate::facts::Feature;
use crate::network::NetworkSpec;
use crate::recipe::parse_experiment;
use crate::training::{BatchSource, Loss, PenaltyConfig, PenaltyMethod, PenaltyScope, Reduction};

fn error(change: &str) -> String {
    let recipe = "task = \"regression\"\ndata = { kind = \"line\" }\n\
        network = { input = [1], layers = [{ type = \"dense\", units = 1 }] }\n\
        training = { loss = \"mae\" }";
    let change = [change.parse().unwrap()];
    match parse_experiment(recipe, "r.toml", &change) {
        Ok(experiment) => prepare(&experiment, None).err().unwrap().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn contradictions_name_what_to_set() {
    assert!(
        error("network.input=[2]").contains("the data has 1 features; set network.input = [1]")
    );
    assert!(error("network.layers.0.units=2").contains("dense layer with units = 1"));
    assert!(error("training.loss=cross-entropy").contains("which is for classes"));
    assert!(error("data.test=50").contains("data.test = 50"), "{}", error("data.test=50"));
}

/// What scikit-learn finds, by `tests/reference/generate_lasso.py`.
#[derive(Deserialize)]
struct Reference {
    features: Vec<Vec<f64>>,
    targets: Vec<f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    alpha: f64,
    l1_ratio: f64,
    coefficients: Vec<f64>,
    intercept: f64,
}

fn reference() -> Reference {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/lasso.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Trains a single dense layer on all rows at once.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
fn train(reference: &Reference, case: &Case, optimizer: &str, steps: usize, rate: f64) -> Vec<f64> {
    let width = reference.features[0].len();
    let mut set = TableSet::new(width, 1);
    for (features, target) in reference.features.iter().zip(&reference.targets) {
        set.push(features, &[*target]);
    }
    let feature = |place: usize| Feature::number(Column::plain(place.to_string()));
    let features: Vec<Feature> = (0..width).map(feature).collect();
    let targets = [Column::plain("y")];
    let source = TableSource::new(set, features.into(), targets.clone().into());
    let device = Device::flex().autodiff();
    let recipe = format!("input = [{width}]\nlayers = [{{ type = \"dense\", units = 1 }}]");
    let spec = NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap();
    let network = Network::new(&spec, 1, &device);
    let mut network = network;
    let loss = Loss::Mse { reduction: Reduction::Mean };
    // scikit-learn minimizes half the mean squared error, so its penalty is doubled.
    let penalty = PenaltyConfig {
        l1: 2.0 * case.alpha * case.l1_ratio,
        l2: 2.0 * case.alpha * (1.0 - case.l1_ratio),
        scope: PenaltyScope::Weights,
        method: PenaltyMethod::Proximal,
    };
    let recipe: crate::training::TrainingConfig =
        toml::from_str(&format!("optimizer = {optimizer}")).unwrap();
    let mut optimizer = recipe.optimizer.build_shrinking(penalty.shrinkage());
    let batch =
        source.batch(&(0..reference.targets.len()).collect::<Vec<_>>(), 0, &device).unwrap();
    for step in 0..steps {
        // Constant rates hover around the optimum in Adam's metric; falling ones settle.
        let falling = rate / (1.0 + 9.0 * step as f64 / steps as f64);
        let (loss, _) = measure(&network, loss, &targets, batch.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(falling, network, gradients);
    }
    let weights = network.weights();
    weights.iter().flat_map(|(_, data)| data.iter::<f64>().collect::<Vec<_>>()).collect()
}

#[test]
fn a_dense_layer_trained_with_penalties_is_lasso_and_elastic_net() {
    let reference = reference();
    let optimizers = [
        ("\"sgd\"", 12_000, 0.1),
        ("{ kind = \"sgd\", momentum = 0.9 }", 6_000, 0.02),
        ("{ kind = \"sgd\", momentum = 0.9, nesterov = true }", 6_000, 0.02),
        ("\"adam\"", 12_000, 0.02),
    ];
    for case in &reference.cases {
        for (optimizer, steps, rate) in optimizers {
            let found = train(&reference, case, optimizer, steps, rate);
            let (weights, bias) = found.split_at(case.coefficients.len());
            for (place, (found, expected)) in weights.iter().zip(&case.coefficients).enumerate() {
                let what = format!("{}, {optimizer}, {place}: {found} {expected}", case.name);
                assert!((found - expected).abs() < 1e-3, "{what}");
                assert_eq!(*found == 0.0, *expected == 0.0, "{what}");
            }
            assert!((bias[0] - case.intercept).abs() < 1e-3, "{} {optimizer}", case.name);
        }
    }
}
