//! What stands out in the measures of layers, and what may mend it.

use super::finding::{Finding, Symptom};
use super::layer_diagnosis::LayerDiagnosis;
use crate::network::{LayerSpec, NetworkSpec, Role};
use crate::value::number::float;

/// A gradient that shrinks or grows this much between output and input stands out.
///
/// Measured over the epochs of shipped recipes and of changed ones: 0.2 to 7.7 where a network learns
/// well (`mlp`, `cnn`, the colorizer, up to nine layers of ReLU or tanh). Of sigmoids, three layers begin
/// at 0.045 and learn slowly, four stay at 0.011 to 0.024 and at chance, five at 0.003.
const LARGEST_GRADIENT_RATIO: f64 = 30.0;
/// Update ratios stand out beyond a factor of 100 from 1e-3.
///
/// # References
/// Stanford CS231n, Neural Networks Part 3, "Ratio of weights:updates".
const UPDATE_RATIOS: [f64; 2] = [1e-5, 1e-1];
/// A share of dead units above this stands out.
///
/// # References
/// Stanford CS231n, Neural Networks Part 1, names 40 % as the mark of a too large learning rate.
const LARGEST_DEAD_SHARE: f64 = 0.4;
/// Weights whose root mean square is below this part of one over the root of their inputs, about
/// what every usual initialization draws, hardly pass anything on.
const SMALLEST_WEIGHT: f64 = 0.01;

/// What stands out; what follows from a finding, and has its remedy, is left out.
pub(super) fn findings(network: &NetworkSpec, layers: &[LayerDiagnosis]) -> Vec<Finding> {
    let remedies = Remedies::new(network);
    let largest = |figures: Vec<f64>| figures.into_iter().fold(0.0, f64::max);
    let smallest = |figures: Vec<f64>| figures.into_iter().fold(f64::MAX, f64::min);
    let finding = |symptom, layers: Vec<String>, figure| Finding {
        symptom,
        seen: seen(symptom, &layers, figure),
        layers,
        figure,
        remedies: remedies.of(symptom),
    };
    let update_ratio = |row: &LayerDiagnosis| row.update_ratio.filter(|_| row.weighted);

    let undefined = |row: &LayerDiagnosis| {
        [row.gradient_norm, row.weight_norm].into_iter().flatten().find(|norm| !norm.is_finite())
    };
    if let Some((layers, _)) = beyond(layers, undefined, |_| true) {
        return vec![finding(Symptom::Undefined, layers, f64::NAN)];
    }
    let mut found = Vec::new();
    let weight_share = |row: &LayerDiagnosis| {
        let spec = network.layers().iter().find(|spec| spec.name() == row.layer)?;
        share_of_usual_weights(spec, row.weight_norm?)
    };
    if let Some((layers, shares)) = beyond(layers, weight_share, |share| share < SMALLEST_WEIGHT) {
        found.push(finding(Symptom::SmallWeights, layers, smallest(shares)));
    }
    if found.is_empty()
        && let Some((layers, shares)) =
            beyond(layers, |row| row.dead_units, |share| share > LARGEST_DEAD_SHARE)
    {
        found.push(finding(Symptom::DeadUnits, layers, largest(shares)));
    }
    // Tiny weights and layers that are dead as a whole hold the gradient up.
    let held_up = found
        .iter()
        .any(|finding| finding.symptom == Symptom::SmallWeights || finding.figure >= 1.0);
    if !held_up {
        found.extend(gradient(layers).map(|(symptom, at, ratio)| finding(symptom, at, ratio)));
    }
    let [small, large] = UPDATE_RATIOS;
    if found.is_empty()
        && let Some((layers, ratios)) = beyond(layers, update_ratio, |ratio| ratio < small)
    {
        found.push(finding(Symptom::SmallUpdates, layers, smallest(ratios)));
    }
    // Any step is large beside weights that are hardly there.
    let tiny = found.iter().any(|finding| finding.symptom == Symptom::SmallWeights);
    if !tiny && let Some((layers, ratios)) = beyond(layers, update_ratio, |ratio| ratio > large) {
        found.push(finding(Symptom::LargeUpdates, layers, largest(ratios)));
    }
    found
}

/// Names and figures of the layers that stand out, if any.
fn beyond(
    layers: &[LayerDiagnosis],
    figure: impl Fn(&LayerDiagnosis) -> Option<f64>,
    stands_out: impl Fn(f64) -> bool,
) -> Option<(Vec<String>, Vec<f64>)> {
    let found = layers.iter().filter_map(|row| {
        let figure = figure(row).filter(|&figure| stands_out(figure))?;
        Some((row.layer.clone(), figure))
    });
    let (names, figures): (Vec<_>, Vec<_>) = found.unzip();
    (!names.is_empty()).then_some((names, figures))
}

/// How the gradient at the first weighted layer compares to that at the last, if that stands out.
fn gradient(layers: &[LayerDiagnosis]) -> Option<(Symptom, Vec<String>, f64)> {
    let weighted: Vec<_> = layers.iter().filter(|layer| layer.weighted).collect();
    let norms: Option<Vec<f64>> = weighted.iter().map(|layer| layer.gradient_norm).collect();
    let (names, norms) = (weighted.iter().map(|layer| layer.layer.clone()), norms?);
    if !norms.is_empty() && norms.iter().all(|&norm| norm == 0.0) {
        return Some((Symptom::NoGradient, names.collect(), 0.0));
    }
    let ([first, ..], [.., last]) = (&norms[..], &norms[..]) else { return None };
    let ratio = first / last;
    let symptom = if ratio < 1.0 / LARGEST_GRADIENT_RATIO {
        Symptom::VanishingGradient
    } else if ratio > LARGEST_GRADIENT_RATIO {
        Symptom::ExplodingGradient
    } else {
        return None;
    };
    let names: Vec<String> = names.collect();
    Some((symptom, [names.first(), names.last()].into_iter().flatten().cloned().collect(), ratio))
}

/// The root mean square of a layer's weights, over one through the root of their inputs.
pub(crate) fn share_of_usual_weights(layer: &LayerSpec, norm: f64) -> Option<f64> {
    let inputs = layer.summed_inputs()?;
    Some(norm * (float(inputs) / float(layer.parameters())).sqrt())
}

/// What a network can still be given.
struct Remedies {
    batch_norm: bool,
    saturating: bool,
    rectified: bool,
}

impl Remedies {
    fn new(network: &NetworkSpec) -> Self {
        let mut found = Self { batch_norm: false, saturating: false, rectified: false };
        for layer in network.layers() {
            match layer.behavior().role {
                Role::Normalization { .. } => found.batch_norm = true,
                Role::Activation { saturates, rectifies } => {
                    found.saturating |= saturates;
                    found.rectified |= rectifies;
                }
                Role::Weights { .. } | Role::Passive => {}
            }
        }
        found
    }

    fn of(&self, symptom: Symptom) -> Vec<String> {
        const LOWER_RATE: &str = "a lower training.learning_rate";
        const BATCH_NORM: &str = "network.batch_norm = true";
        const CLIPPING: &str = "training.gradient_clipping = { kind = \"norm\", limit = 1.0 }";
        let batch_norm = (!self.batch_norm).then_some(BATCH_NORM);
        let options = match symptom {
            Symptom::Undefined => [Some(LOWER_RATE), Some(CLIPPING), batch_norm],
            Symptom::SmallWeights => {
                [Some("network.initializer = \"he-normal\" or \"xavier-uniform\""), None, None]
            }
            Symptom::DeadUnits => [
                Some(LOWER_RATE),
                self.rectified.then_some("network.activation = \"leaky-relu\""),
                batch_norm,
            ],
            Symptom::NoGradient => [
                Some("network.initializer = \"he-normal\""),
                Some(LOWER_RATE),
                self.saturating.then_some("network.activation = \"relu\""),
            ],
            Symptom::VanishingGradient => [
                self.saturating.then_some("network.activation = \"relu\""),
                batch_norm,
                Some("network.initializer = \"he-normal\""),
            ],
            Symptom::ExplodingGradient => {
                [Some("network.initializer = \"xavier-uniform\""), batch_norm, Some(CLIPPING)]
            }
            Symptom::SmallUpdates => {
                [Some("a higher training.learning_rate, unless training has converged"), None, None]
            }
            Symptom::LargeUpdates => [Some(LOWER_RATE), None, None],
            _ => [None; 3],
        };
        options.into_iter().flatten().map(str::to_owned).collect()
    }
}

/// What is seen of a symptom at some layers.
fn seen(symptom: Symptom, layers: &[String], figure: f64) -> String {
    let all = layers.join(", ");
    let ends = || match layers {
        [first, .., last] => format!("at `{first}` it is {figure:.1e} of that at `{last}`"),
        _ => all.clone(),
    };
    match symptom {
        Symptom::Undefined => format!("gradients or weights became infinite or undefined ({all})"),
        Symptom::SmallWeights => format!(
            "weights are too small to pass a signal: {figure:.1e} of the usual size ({all})"
        ),
        Symptom::DeadUnits => format!(
            "up to {:.0} % of a layer's units are dead: zero for every sample ({all})",
            100.0 * figure
        ),
        Symptom::NoGradient => format!("no layer has a gradient ({all})"),
        Symptom::VanishingGradient => {
            format!("the gradient vanishes: {}; the layers near the input hardly learn", ends())
        }
        Symptom::ExplodingGradient => format!("the gradient explodes: {}", ends()),
        Symptom::SmallUpdates => format!(
            "weights hardly change: a step changes them by as little as {figure:.1e} of their size; \
             about 1e-3 is usual ({all})"
        ),
        Symptom::LargeUpdates => format!(
            "weights change too much: a step changes them by up to {figure:.1e} of their size; about \
             1e-3 is usual ({all})"
        ),
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(activation: &str, first: [f64; 3], last: [f64; 2], dead: f64) -> Vec<Finding> {
        let recipe = format!(
            "input = [4]\nactivation = \"{activation}\"\nlayers = [{{ type = \"dense\", units = 3 }}, \
             {{ type = \"dense\", units = 2 }}]"
        );
        let network = NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap();
        let row =
            |layer: &str, gradient: f64, weights: f64, ratio: f64, dead_units| LayerDiagnosis {
                layer: layer.to_owned(),
                weighted: true,
                gradient_norm: Some(gradient),
                weight_norm: Some(weights),
                update_ratio: Some(ratio),
                dead_units,
            };
        let rows = [
            row("dense1", first[0], first[1], first[2], Some(dead)),
            row("dense2", last[0], 1.0, last[1], None),
        ];
        findings(&network, &rows)
    }

    fn symptoms(first: [f64; 3], last: [f64; 2], dead: f64) -> Vec<Symptom> {
        found("relu", first, last, dead).into_iter().map(|finding| finding.symptom).collect()
    }

    #[test]
    fn what_is_usual_does_not_stand_out() {
        assert_eq!(symptoms([0.1, 1.0, 1e-3], [1.0, 1e-2], 0.3), []);
        assert_eq!(symptoms([7.7, 1.0, 1e-3], [1.0, 1e-2], 0.3), []);
    }

    #[test]
    fn what_is_unusual_does() {
        use Symptom::*;
        assert_eq!(symptoms([1e-6, 1.0, 1e-3], [2.0, 1e-3], 0.0), [VanishingGradient]);
        // Five layers of sigmoids, which stay at chance.
        assert_eq!(symptoms([3.4e-3, 1.0, 1e-3], [1.0, 1e-3], 0.0), [VanishingGradient]);
        assert_eq!(symptoms([1e6, 1.0, 1e-3], [2.0, 1e-3], 0.0), [ExplodingGradient]);
        assert_eq!(symptoms([1e6, 1.0, 1e-3], [0.0, 1e-3], 0.0), [ExplodingGradient]);
        assert_eq!(symptoms([0.0, 1.0, 0.0], [0.0, 0.0], 0.0), [NoGradient]);
        assert_eq!(symptoms([1.0, 1.0, 1e-7], [1.0, 0.5], 0.0), [SmallUpdates, LargeUpdates]);
        assert_eq!(symptoms([1.0, 1.0, 1e-3], [1.0, 1e-3], 0.5), [DeadUnits]);
        assert_eq!(symptoms([f64::NAN, 1.0, 1e-3], [1.0, 1e-3], 0.5), [Undefined]);
    }

    #[test]
    fn what_follows_from_a_finding_is_left_out() {
        use Symptom::*;
        assert_eq!(symptoms([1e-6, 1.0, 1e-7], [2.0, 1e-3], 0.0), [VanishingGradient]);
        assert_eq!(symptoms([0.0, 1.0, 0.0], [1.0, 1e-3], 1.0), [DeadUnits]);
        assert_eq!(symptoms([0.0, 0.0, 0.0], [1.0, 1e-3], 1.0), [SmallWeights]);
        assert_eq!(symptoms([1e-3, 1e-4, 1e-3], [1.0, 0.5], 0.0), [SmallWeights]);
    }

    #[test]
    fn remedies_are_what_the_network_lacks() {
        let texts = |activation| {
            let found = found(activation, [1e-6, 1.0, 1e-3], [2.0, 1e-3], 0.0);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let text = "the gradient vanishes: at `dense1` it is 5.0e-7 of that at `dense2`; the layers near \
             the input hardly learn; try ";
        let others = "network.batch_norm = true, or network.initializer = \"he-normal\"";
        assert_eq!(texts("relu"), [format!("{text}{others}")]);
        let relu = "network.activation = \"relu\", or ";
        assert_eq!(texts("sigmoid"), [format!("{text}{relu}{others}")]);
    }
}
