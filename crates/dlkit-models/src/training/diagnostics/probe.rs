//! Measures layers at a step, and units at the end of an epoch.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use dlkit_kernels::flex::sum_of_squares;

use super::config::DiagnosticsConfig;
use super::measure::LayerMeasure;
use crate::network::Network;

/// Means of what is measured at some steps of an epoch.
#[derive(Clone)]
pub(crate) struct Probe {
    config: DiagnosticsConfig,
    /// Sum and number of each figure.
    sums: BTreeMap<String, (f64, f64)>,
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
        Self { config, sums: BTreeMap::new() }
    }

    /// Whether a step, counted from 1 in its epoch, is measured.
    pub(crate) const fn is_due(&self, step: usize) -> bool {
        let every = self.config.every.get();
        step % every == 1 % every
    }

    /// Begins to measure a step: after the gradients are known, before anything limits them or the
    /// weights follow them.
    pub(crate) fn begin(network: &Network, gradients: &GradientsParams) -> Step {
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
        Step(steps.filter(|step| !step.weights.is_empty()).collect())
    }

    /// Ends it with the network after the step.
    pub(crate) fn end(&mut self, Step(before): Step, network: &Network) {
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
            let (change, weight_norm) = (norm(&change), norm(&step.weights));
            self.add(LayerMeasure::GradientNorm.key(&step.name), step.gradient_norm);
            self.add(LayerMeasure::WeightNorm.key(&step.name), weight_norm);
            // The first step from zero weights has no ratio.
            if weight_norm > 0.0 || change == 0.0 {
                let ratio = if change == 0.0 { 0.0 } else { change / weight_norm };
                self.add(LayerMeasure::UpdateRatio.key(&step.name), ratio);
            } else {
                self.sums.entry(LayerMeasure::UpdateRatio.key(&step.name)).or_default();
            }
        }
    }

    /// Measures gradients and weights where no step is taken.
    pub(crate) fn look(&mut self, Step(layers): Step) {
        for step in layers {
            self.add(LayerMeasure::GradientNorm.key(&step.name), step.gradient_norm);
            self.add(LayerMeasure::WeightNorm.key(&step.name), norm(&step.weights));
        }
    }

    fn add(&mut self, key: String, value: f64) {
        let (sum, count) = self.sums.entry(key).or_default();
        *sum += value;
        *count += 1.0;
    }

    /// The means over the measured steps. One that is not finite is undefined.
    pub(crate) fn means(self) -> impl Iterator<Item = (String, f64)> {
        let mean = |(sum, count): (f64, f64)| {
            let mean = sum / count;
            if mean.is_finite() { mean } else { f64::NAN }
        };
        self.sums.into_iter().map(move |(key, sum)| (key, mean(sum)))
    }
}

/// Counts the units of each activation layer that are zero for all samples.
#[derive(Default)]
pub(crate) struct DeadUnits(BTreeMap<String, Tensor<1>>);

impl DeadUnits {
    /// Looks at a batch, on a device without gradients as the network is.
    pub(crate) fn look(&mut self, network: &Network, input: Tensor<4>) {
        let _output = network.forward_each(input, |layer, value| {
            if !layer.is_activation() {
                return;
            }
            let [batch, units, height, width] = value.dims();
            let values = value.clone().swap_dims(0, 1).reshape([units, batch * height * width]);
            let here = values.abs().max_dim(1).reshape([units]);
            let both = match self.0.remove(layer.name()) {
                Some(before) => before.max_pair(here),
                None => here,
            };
            self.0.insert(layer.name().to_owned(), both);
        });
    }

    /// The share of each layer.
    pub(crate) fn shares(self) -> impl Iterator<Item = (String, f64)> {
        self.0.into_iter().map(|(name, largest)| {
            let share = largest.equal_scalar(0.0).float().mean().into_scalar::<f32>();
            (LayerMeasure::DeadUnits.key(&name), f64::from(share))
        })
    }
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
/// Divides values by the largest before squaring them: squares of a vanishing gradient underflow
/// single precision.
fn norm(vectors: &[Tensor<1>]) -> f64 {
    let sum: f64 = vectors
        .iter()
        .map(|vector| {
            let largest = f64::from(vector.clone().abs().max().into_scalar::<f32>());
            if largest == 0.0 || !largest.is_finite() {
                return largest;
            }
            largest * largest * sum_of_squares(vector.clone().div_scalar(largest))
        })
        .sum();
    sum.sqrt()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::network::NetworkSpec;

    fn every(steps: usize) -> DiagnosticsConfig {
        DiagnosticsConfig { every: steps.try_into().unwrap() }
    }

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
        let mut probe = Probe::new(every(3));
        let due: Vec<usize> = (1..9).filter(|&step| probe.is_due(step)).collect();
        assert_eq!(due, [1, 4, 7]);
        assert!((1..4).all(|step| Probe::new(every(1)).is_due(step)));
        let step = Probe::begin(&before, &gradients);
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
        let found: Vec<_> = probe.means().collect();
        let expected = [
            ("gradient_norm.batch_norm1", 2.0),
            ("gradient_norm.dense1", 0.0),
            ("update_ratio.batch_norm1", 0.0),
            ("update_ratio.dense1", 2.0_f64.sqrt()),
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
        let batches = [[[-1.0, -1.0], [-2.0, -3.0]], [[-1.0, 0.5], [-1.0, -1.0]]];
        let mut dead = DeadUnits::default();
        let mut share = |batch| {
            dead.look(&network, batch);
            DeadUnits(dead.0.clone()).shares().collect::<Vec<_>>()
        };
        let expected = |share: f64| vec![("dead_units.activation1".to_owned(), share)];
        let [first, second] = batches.map(|batch| input(batch, &device));
        assert_eq!(share(first), expected(1.0));
        assert_eq!(share(second), expected(0.5));
    }

    #[test]
    fn a_channel_is_dead_when_it_is_zero_everywhere() {
        let device = Device::flex();
        let recipe = "input = [2, 2, 1]\nlayers = [{ type = \"activation\", function = \"relu\" }]";
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let network = Network::new(&spec, 0, &device);
        // Two samples of two channels of two pixels; the second channel is never positive.
        let values = TensorData::from([
            [[[-1.0], [0.5]], [[-1.0], [-1.0]]],
            [[[-1.0], [-1.0]], [[-1.0], [0.0]]],
        ]);
        let mut dead = DeadUnits::default();
        dead.look(&network, Tensor::from_data(values, &device));
        assert_eq!(dead.shares().collect::<Vec<_>>(), [("dead_units.activation1".to_owned(), 0.5)]);
    }
}
