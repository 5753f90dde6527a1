//! Whether a frozen file computes what the live network does.

use burn::tensor::activation::softmax;
use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use super::error::FreezeError;
use super::frozen::FrozenNetwork;
use super::referee::Referee;
use crate::network::{LayerSpec, Network, NetworkSpec};
use crate::value::Shape;

/// The largest relative difference between two right ways to add the same numbers up in single
/// precision, for networks as deep as those of the recipes.
pub const TOLERANCE: f64 = 1e-5;

/// How a frozen file differs from a live network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verification {
    /// Inputs both were given.
    pub samples: usize,
    /// The first layer that is another one, or missing; then nothing was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// Weights whose values differ, by name, in the order of the layers.
    pub weights: Vec<String>,
    /// Weights of the file with infinite or undefined values, which a runtime may turn into numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undefined_weights: Vec<String>,
    /// Every output of the file.
    pub outputs: Vec<Difference>,
    /// The value after every layer, if requested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Difference>,
}

/// How the values of one name differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The output or layer.
    pub name: String,
    /// Largest absolute difference; not a finite number where a value is not.
    pub absolute: f64,
    /// The same as a share of the live network's largest absolute value.
    pub relative: f64,
}

impl Verification {
    /// Whether both are the same network, its weights are numbers and no output differs by more than
    /// `tolerance`, relative to its largest value.
    #[must_use]
    pub fn agrees(&self, tolerance: f64) -> bool {
        self.structure.is_none()
            && self.weights.is_empty()
            && self.undefined_weights.is_empty()
            && self.outputs.iter().chain(&self.layers).all(|output| output.within(tolerance))
    }

    /// The first layer that differs: by its structure, its weights or, if layers were compared, its
    /// values.
    #[must_use]
    pub fn first_different_layer(&self, tolerance: f64) -> Option<&str> {
        if let Some(layer) = &self.structure {
            return Some(layer);
        }
        let weight = self.weights.first().and_then(|name| name.rsplit_once('.'));
        let layer = self.layers.iter().find(|layer| !layer.within(tolerance));
        weight.map(|(layer, _)| layer).or_else(|| layer.map(|layer| layer.name.as_str()))
    }
}

impl Difference {
    fn new(name: String, live: &[f32], frozen: &[f32]) -> Self {
        let largest = live.iter().map(|value| f64::from(value.abs())).fold(0.0, f64::max);
        // `f64::max` would drop what is not a number.
        let larger =
            |left: f64, right: f64| if left >= right || left.is_nan() { left } else { right };
        let pairs = live.iter().zip(frozen);
        let differences = pairs.map(|(live, frozen)| (f64::from(*live) - f64::from(*frozen)).abs());
        let absolute =
            if live.len() == frozen.len() { differences.fold(0.0, larger) } else { f64::NAN };
        let relative = if absolute == 0.0 { 0.0 } else { absolute / largest };
        Self { name, absolute, relative }
    }

    /// Whether every value of both is a finite number.
    #[must_use]
    pub const fn is_finite(&self) -> bool {
        self.absolute.is_finite()
    }

    /// Whether the relative difference is at most `tolerance`.
    #[must_use]
    pub fn within(&self, tolerance: f64) -> bool {
        self.relative <= tolerance
    }
}

/// Runs inputs through the live network, as predictions do, and, by another runtime, through the
/// frozen file. With `layers`, the value after every layer is compared too, computed by its definition.
///
/// # Shapes
/// - inputs: `[batch, channels, height, width]`, on the live network's device, without gradients
///
/// # Errors
/// A file the other runtime cannot run.
pub fn verify(
    live: &Network,
    frozen: &FrozenNetwork,
    inputs: &Tensor<4>,
    layers: bool,
) -> Result<Verification, FreezeError> {
    let samples = inputs.dims()[0];
    let structure = different_layer(live.spec(), frozen.spec());
    if structure.is_some() {
        return Ok(Verification { samples, structure, ..Verification::default() });
    }
    let spec = live.spec();
    let mut names = frozen.outputs();
    let outputs = names.len();
    // The last layer's value is the first output.
    let between = if layers { spec.layers().len().saturating_sub(1) } else { 0 };
    names.extend(spec.layers().iter().take(between).map(|layer| layer.name().to_owned()));
    let mut values = Vec::new();
    if between > 0 {
        let _output_by_definition = live.forward_each(inputs.clone(), |_, value| {
            if values.len() < between {
                values.push(numbers(value));
            }
        });
    }
    // Outputs are computed as predictions are.
    let output = live.forward(inputs.clone());
    let probabilities = (outputs > 1).then(|| {
        if spec.ends_in_softmax() { numbers(&output) } else { numbers(&softmax(output.clone(), 1)) }
    });
    let live_values = std::iter::once(numbers(&output)).chain(probabilities).chain(values);
    let referee = Referee::load(frozen.bytes().to_vec())?;
    let given = as_graph_has_it(inputs, spec.input());
    let frozen_values = referee.values(&frozen.input(), &given, &names)?;
    let mut compared = names
        .into_iter()
        .zip(live_values.zip(&frozen_values))
        .map(|(name, (live, frozen))| Difference::new(name, &live, frozen));
    let outputs: Vec<Difference> = compared.by_ref().take(outputs).collect();
    let mut in_between: Vec<Difference> = compared.collect();
    if layers {
        in_between.extend(outputs.first().cloned());
    }
    let weights = frozen.network(&inputs.device())?.weights();
    Ok(Verification {
        samples,
        structure: None,
        weights: different_weights(&live.weights(), &weights),
        undefined_weights: undefined_weights(&weights),
        outputs,
        layers: in_between,
    })
}

fn numbers(tensor: &Tensor<4>) -> Vec<f32> {
    tensor.to_data().iter::<f32>().collect()
}

/// Vectors have two axes in a graph.
fn as_graph_has_it(inputs: &Tensor<4>, shape: Shape) -> TensorData {
    let data = inputs.to_data();
    match shape {
        Shape::Features(features) => {
            let values: Vec<f32> = data.iter::<f32>().collect();
            TensorData::new(values, [inputs.dims()[0], features])
        }
        Shape::Maps { .. } => data,
    }
}

/// The name of the first layer that is not the same in both; how weights start does not count.
fn different_layer(live: &NetworkSpec, frozen: &NetworkSpec) -> Option<String> {
    if live.input() != frozen.input() {
        return Some("input".to_owned());
    }
    let same = |live: &LayerSpec, frozen: &LayerSpec| {
        live.name() == frozen.name()
            && live.operation() == frozen.operation()
            && live.origins() == frozen.origins()
            && live.output() == frozen.output()
    };
    let (live, frozen) = (live.layers(), frozen.layers());
    let pairs = live.iter().zip(frozen);
    let mut different = pairs.filter(|(live, frozen)| !same(live, frozen)).map(|(live, _)| live);
    let more = || live.get(frozen.len()).or_else(|| frozen.get(live.len()));
    different.next().or_else(more).map(|layer| layer.name().to_owned())
}

/// The names of weights whose bits differ.
fn different_weights(
    live: &[(String, TensorData)],
    frozen: &[(String, TensorData)],
) -> Vec<String> {
    let bits = |data: &TensorData| data.iter::<f32>().map(f32::to_bits).collect::<Vec<_>>();
    let pairs = live.iter().zip(frozen);
    pairs
        .filter(|((_, live), (_, frozen))| bits(live) != bits(frozen))
        .map(|((name, _), _)| name.clone())
        .collect()
}

/// The names of weights that are not all finite numbers.
fn undefined_weights(weights: &[(String, TensorData)]) -> Vec<String> {
    let undefined = |data: &TensorData| data.iter::<f32>().any(|value| !value.is_finite());
    weights.iter().filter(|(_, data)| undefined(data)).map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(live: &[f32], frozen: &[f32]) -> Difference {
        Difference::new("a".to_owned(), live, frozen)
    }

    #[test]
    fn a_difference_is_a_share_of_the_largest_live_value() {
        let difference = difference(&[1.0, -4.0, 2.0], &[1.5, -4.0, 1.0]);
        assert_eq!((difference.absolute, difference.relative), (1.0, 0.25));
        assert!(difference.within(0.25) && !difference.within(0.24) && difference.is_finite());
    }

    #[test]
    fn zeros_agree_with_zeros_only() {
        assert!(difference(&[0.0, 0.0], &[0.0, -0.0]).within(0.0));
        let other = difference(&[0.0], &[1e-30]);
        assert!(!other.within(1e9) && other.is_finite(), "{other:?}");
        assert!(difference(&[], &[]).within(0.0));
    }

    #[test]
    fn what_is_not_finite_agrees_with_nothing() {
        let (nan, infinite) = (f32::NAN, f32::INFINITY);
        // Wherever it stands: a maximum would pass over it.
        for (live, frozen) in [
            ([nan, 1.0, 2.0], [nan, 1.0, 2.0]),
            ([1.0, nan, 2.0], [1.0, 1.0, 2.0]),
            ([1.0, 2.0, 1.0], [1.0, 2.0, nan]),
            ([infinite, 1.0, 0.0], [infinite, 1.0, 0.0]),
            ([1.0, 1.0, 0.0], [1.0, -infinite, 0.0]),
            ([infinite, 1.0, 0.0], [0.0, 1.0, 0.0]),
        ] {
            let difference = difference(&live, &frozen);
            assert!(!difference.within(f64::MAX), "{live:?} {frozen:?}: {difference:?}");
            assert!(!difference.is_finite(), "{live:?} {frozen:?}: {difference:?}");
        }
    }

    #[test]
    fn other_lengths_never_agree() {
        assert!(!difference(&[1.0, 2.0], &[1.0]).within(f64::MAX));
        assert!(!difference(&[], &[1.0]).within(f64::MAX));
    }

    #[test]
    fn the_first_different_layer_is_told_by_structure_then_weights_then_values() {
        let apart = |name: &str, relative| Difference {
            name: name.to_owned(),
            absolute: relative,
            relative,
        };
        let mut verification = Verification {
            outputs: vec![apart("dense2", 0.5)],
            layers: vec![apart("conv1", 0.1), apart("dense1", 0.5), apart("dense2", 0.5)],
            ..Verification::default()
        };
        assert_eq!(verification.first_different_layer(0.2), Some("dense1"));
        assert_eq!(verification.first_different_layer(0.5), None);
        assert!(verification.agrees(0.5) && !verification.agrees(0.49));
        let weights = ["conv1.batch_norm.gamma", "dense1.bias"];
        verification.weights = weights.map(str::to_owned).to_vec();
        assert_eq!(verification.first_different_layer(0.5), Some("conv1.batch_norm"));
        assert!(!verification.agrees(0.5));
        verification.structure = Some("input".to_owned());
        assert_eq!(verification.first_different_layer(0.5), Some("input"));
        // Without layers, an output says that something differs and not what.
        let outputs =
            Verification { outputs: vec![apart("dense2", 0.5)], ..Verification::default() };
        assert_eq!(outputs.first_different_layer(0.1), None);
        assert!(!outputs.agrees(0.1));
    }
}
