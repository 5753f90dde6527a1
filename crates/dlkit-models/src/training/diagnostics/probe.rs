//! Measures layers at a step and at the end of an epoch.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::config::DiagnosticsConfig;
use super::measure::LayerMeasure;
use crate::network::{Network, Operation};

/// Samples at the end of an epoch on which a unit must be zero to count as dead.
const DEAD_UNIT_SAMPLES: usize = 1_000;

/// Means of what is measured at some steps of an epoch.
pub(crate) struct Probe {
    config: DiagnosticsConfig,
    steps: usize,
    sums: BTreeMap<String, f64>,
}

/// A step that is being measured.
pub(crate) struct Step(Vec<LayerStep>);

struct LayerStep {
    name: String,
    gradient_norm: f64,
    weights: Vec<Tensor<1>>,
}

impl Probe {
    pub(crate) const fn new(config: DiagnosticsConfig) -> Self {
        Self { config, steps: 0, sums: BTreeMap::new() }
    }

    /// Begins to measure a step, counted from 1, if it is its turn: after the gradients are known
    /// and before the weights follow them.
    pub(crate) fn begin(
        &self,
        step: usize,
        network: &Network,
        gradients: &GradientsParams,
    ) -> Option<Step> {
        if !(step - 1).is_multiple_of(self.config.every) {
            return None;
        }
        let layers = network.spec().layers().iter().zip(network.layers());
        let steps = layers.map(|(spec, layer)| {
            let mut parameters = Parameters { gradients: Some(gradients), ..Parameters::default() };
            layer.visit(&mut parameters);
            LayerStep {
                name: spec.name().to_owned(),
                gradient_norm: norm(&parameters.of_gradients),
                weights: parameters.weights,
            }
        });
        Some(Step(steps.filter(|step| !step.weights.is_empty()).collect()))
    }

    /// Ends it with the network after the step.
    pub(crate) fn end(&mut self, Step(before): Step, network: &Network) {
        self.steps += 1;
        let mut before = before.into_iter().peekable();
        for (spec, layer) in network.spec().layers().iter().zip(network.layers()) {
            let Some(step) = before.next_if(|step| step.name == spec.name()) else { continue };
            let mut after = Parameters::default();
            layer.visit(&mut after);
            let change: Vec<_> = after
                .weights
                .iter()
                .zip(&step.weights)
                .map(|(after, before)| after.clone() - before.clone())
                .collect();
            let (change, norm_after) = (norm(&change), norm(&after.weights));
            // A layer of zeros that stays zero did not move.
            let ratio = if change == 0.0 { 0.0 } else { change / norm_after };
            for (measure, value) in [
                (LayerMeasure::GradientNorm, step.gradient_norm),
                (LayerMeasure::WeightNorm, norm(&step.weights)),
                (LayerMeasure::UpdateRatio, ratio),
            ] {
                *self.sums.entry(measure.key(spec.name())).or_insert(0.0) += value;
            }
        }
    }

    /// The means over the measured steps, and the dead units of `network`, which is on a device
    /// without gradients, for the first samples of `batches`.
    pub(crate) fn finish(
        self,
        network: &Network,
        batches: impl Iterator<Item = Tensor<4>>,
    ) -> BTreeMap<String, f64> {
        #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^52")]
        let steps = self.steps as f64;
        let means = self.sums.into_iter().map(|(key, sum)| (key, sum / steps));
        let dead = dead_units(network, batches).into_iter();
        means.chain(dead.map(|(name, share)| (LayerMeasure::DeadUnits.key(&name), share))).collect()
    }
}

/// Shares of the units of each activation layer that are zero for all samples.
fn dead_units(
    network: &Network,
    batches: impl Iterator<Item = Tensor<4>>,
) -> BTreeMap<String, f64> {
    let mut largest: BTreeMap<String, Tensor<1>> = BTreeMap::new();
    let mut samples = 0;
    for batch in batches {
        samples += batch.dims()[0];
        let _output = network.forward_each(batch.inner(), |layer, value| {
            if !matches!(layer.operation(), Operation::Activation(_)) {
                return;
            }
            let [batch, units, height, width] = value.dims();
            let values = value.clone().swap_dims(0, 1).reshape([units, batch * height * width]);
            let here = values.abs().max_dim(1).reshape([units]);
            let before = largest.remove(layer.name());
            let both = before.map_or_else(|| here.clone(), |before| before.max_pair(here.clone()));
            largest.insert(layer.name().to_owned(), both);
        });
        if samples >= DEAD_UNIT_SAMPLES {
            break;
        }
    }
    let share = |largest: Tensor<1>| largest.equal_scalar(0.0).float().mean().into_scalar::<f32>();
    largest.into_iter().map(|(name, largest)| (name, f64::from(share(largest)))).collect()
}

/// The trained parameters of a layer and, if given, their gradients, each as a vector.
#[derive(Default)]
struct Parameters<'a> {
    gradients: Option<&'a GradientsParams>,
    weights: Vec<Tensor<1>>,
    of_gradients: Vec<Tensor<1>>,
}

impl ModuleVisitor for Parameters<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        // Running statistics are visited as well, but not trained.
        if !parameter.is_require_grad() {
            return;
        }
        self.weights.push(parameter.val().inner().reshape([-1]));
        let gradient = self.gradients.and_then(|all| all.get::<D>(parameter.id));
        self.of_gradients.extend(gradient.map(|gradient| gradient.reshape([-1])));
    }
}

/// The common Euclidean norm of some vectors.
///
/// Values are divided by the largest before they are squared: squares of a vanishing gradient's
/// values leave the range of single precision, and vanishing gradients are what this is for.
fn norm(vectors: &[Tensor<1>]) -> f64 {
    let sum: f64 = vectors
        .iter()
        .map(|vector| {
            let largest = f64::from(vector.clone().abs().max().into_scalar::<f32>());
            if largest == 0.0 || !largest.is_finite() {
                return largest;
            }
            let scaled = vector.clone().div_scalar(largest).square().sum().into_scalar::<f32>();
            largest * largest * f64::from(scaled)
        })
        .sum();
    sum.sqrt()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::network::NetworkSpec;

    fn network(layers: &str, device: &Device) -> Network {
        let recipe = format!("input = [2]\ninitializer = \"ones\"\nlayers = [{layers}]");
        Network::new(&NetworkSpec::new(&toml::from_str(&recipe).unwrap()).unwrap(), 0, device)
    }

    fn input(values: [[f32; 2]; 2], device: &Device) -> Tensor<4> {
        Tensor::<2>::from_data(TensorData::from(values), device).reshape([2, 2, 1, 1])
    }

    #[test]
    fn norms_of_tiny_and_huge_values_stay_in_range() {
        let device = Device::flex();
        let vector = |values: [f32; 2]| Tensor::<1>::from_data(values, &device);
        assert!(norm(&[]) == 0.0 && norm(&[vector([0.0, 0.0])]) == 0.0);
        for scale in [1e-30_f32, 1.0, 1e30] {
            let found = norm(&[vector([2.0 * scale, -3.0 * scale]), vector([6.0 * scale, 0.0])]);
            assert!((found / f64::from(7.0 * scale) - 1.0).abs() < 1e-6, "{found}");
        }
        assert!(!norm(&[vector([f32::INFINITY, 1.0])]).is_finite());
    }

    #[test]
    fn a_step_is_measured_layer_by_layer() {
        let device = Device::flex().autodiff();
        let layers = "{ type = \"dense\", units = 1 }, { type = \"batch-norm\" }";
        let before = network(layers, &device);
        // The sum of the outputs has no gradient through batch norm but for its shift.
        let inputs = input([[1.0, 2.0], [3.0, 5.0]], &device);
        let loss = before.forward(inputs).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &before);
        let mut probe = Probe::new(DiagnosticsConfig { every: 3 });
        assert!(probe.begin(2, &before, &gradients).is_none());
        let step = probe.begin(4, &before, &gradients).unwrap();
        let weights = before.weights().into_iter().map(|(name, data)| {
            let data = match name.as_str() {
                // The weights 1, 1 and the bias 0 become 1, 3 and 0.
                "dense1.weight" => TensorData::from([[1.0_f32], [3.0]]),
                _ => data,
            };
            (name, data)
        });
        let after = before.clone().with_weights(weights).unwrap();
        probe.end(step, &after);
        let found = probe.finish(&network(layers, &Device::flex()), std::iter::empty());
        let expected = [
            ("gradient_norm.batch_norm1", 2.0),
            ("gradient_norm.dense1", 0.0),
            ("update_ratio.batch_norm1", 0.0),
            ("update_ratio.dense1", 2.0 / 10.0_f64.sqrt()),
            ("weight_norm.batch_norm1", 1.0),
            ("weight_norm.dense1", 2.0_f64.sqrt()),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((name, value), (expected_name, expected)) in found.iter().zip(expected) {
            assert_eq!(name, expected_name);
            assert!((value - expected).abs() < 1e-5, "{name}: {value} instead of {expected}");
        }
    }

    #[test]
    fn a_unit_is_dead_when_it_is_zero_for_every_sample() {
        let device = Device::flex();
        let network = network("{ type = \"activation\", function = \"relu\" }", &device);
        let autodiff = device.clone().autodiff();
        let batches = [[[-1.0, -1.0], [-2.0, -3.0]], [[-1.0, 0.5], [-1.0, -1.0]]];
        let first = batches.map(|batch| input(batch, &autodiff)).into_iter();
        let share = |share: f64| BTreeMap::from([("activation1".to_owned(), share)]);
        assert_eq!(dead_units(&network, first.clone()), share(0.5));
        assert_eq!(dead_units(&network, first.take(1)), share(1.0));
    }
}
