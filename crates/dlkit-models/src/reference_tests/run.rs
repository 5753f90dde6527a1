//! One network, run forwards and backwards.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::{Comparison, Precision, Values, norm};
use crate::network::{Network, NetworkSpec};

/// What a network is given and what it should give.
pub(super) struct NetworkCase<'a> {
    pub(super) name: &'a str,
    pub(super) spec: NetworkSpec,
    pub(super) train: bool,
    pub(super) weights: BTreeMap<String, Values>,
    pub(super) input: &'a Values,
    pub(super) output: &'a Values,
    pub(super) cotangent: &'a Values,
    pub(super) input_gradient: &'a Values,
    pub(super) weight_gradients: BTreeMap<String, Values>,
    pub(super) running: BTreeMap<String, Values>,
}

impl NetworkCase<'_> {
    pub(super) fn compare(&self, comparison: &mut Comparison) {
        if self.train || !self.depends_on_phase() {
            self.compare_gradients(comparison);
        }
        if !self.train {
            // A network is in the test phase where there are no gradients, so those of layers
            // that depend on the phase cannot be had; their outputs and statistics can.
            let network = self.network(&Device::flex(), comparison.precision);
            let input = self.input.batch(&Device::flex(), comparison.precision);
            let output = network.forward(input);
            comparison.tensor(&self.what("output"), output, self.output, self.scale());
            self.compare_statistics(&network, comparison);
        }
    }

    fn compare_gradients(&self, comparison: &mut Comparison) {
        let device = Device::flex().autodiff();
        let precision = comparison.precision;
        let network = self.network(&device, precision);
        let input = self.input.batch(&device, precision).require_grad();
        let output = network.forward(input.clone());
        let cotangent = self.cotangent.batch(&device, precision);
        let gradients = (output.clone() * cotangent).sum().backward();
        comparison.tensor(&self.what("output"), output, self.output, self.scale());
        let gradient = input.grad(&gradients).unwrap();
        let what = self.what("input gradient");
        comparison.tensor(&what, gradient, self.input_gradient, self.scale());
        self.compare_weight_gradients(&network, &gradients, comparison);
        self.compare_statistics(&network, comparison);
    }

    fn compare_weight_gradients(
        &self,
        network: &Network,
        gradients: &Gradients,
        comparison: &mut Comparison,
    ) {
        // Weights are visited in the order in which they are named.
        let mut visitor = GradientsInOrder { gradients, found: Vec::new() };
        network.visit(&mut visitor);
        let names = network.weights().into_iter().map(|(name, _)| name);
        let mut found: BTreeMap<String, Vec<f64>> = names
            .zip(visitor.found)
            .filter_map(|(name, gradient)| Some((name, gradient?)))
            .collect();
        for (name, expected) in &self.weight_gradients {
            let given = found.remove(name).unwrap();
            let what = self.what(&format!("gradient of {name}"));
            comparison.values(&what, &given, &expected.data, self.scale());
        }
        assert!(found.is_empty(), "{}: unexpected gradients {:?}", self.name, found.keys());
    }

    fn compare_statistics(&self, network: &Network, comparison: &mut Comparison) {
        let weights: BTreeMap<String, TensorData> = network.weights().into_iter().collect();
        for (name, expected) in &self.running {
            let given = Tensor::<1>::from_data(
                weights[name].clone(),
                (&Device::flex(), comparison.precision.dtype()),
            );
            comparison.tensor(&self.what(name), given, expected, self.scale());
        }
    }

    fn network(&self, device: &Device, precision: Precision) -> Network {
        let weights =
            self.weights.iter().map(|(name, values)| (name.clone(), values.tensor_data()));
        Network::new(&self.spec, 0, device)
            .map(&mut To(precision))
            .with_weights(weights)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn depends_on_phase(&self) -> bool {
        let depends = ["batch norm", "dropout", "rrelu"];
        let starts = |text: String| depends.iter().any(|name| text.starts_with(name));
        self.spec.layers().iter().any(|layer| starts(layer.description()))
    }

    /// The size of what flows through the network and back.
    fn scale(&self) -> f64 {
        norm(&self.cotangent.data).max(norm(&self.output.data))
    }

    fn what(&self, part: &str) -> String {
        format!("{}, {part}", self.name)
    }
}

/// Brings every weight and statistic to a precision.
pub(super) struct To(pub(super) Precision);

impl ModuleMapper for To {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        parameter.map(|old| {
            let options = (&old.device(), self.0.dtype());
            let new = Tensor::from_data(old.clone().into_data(), options);
            if old.is_require_grad() { new.require_grad() } else { new }
        })
    }
}

struct GradientsInOrder<'a> {
    gradients: &'a Gradients,
    found: Vec<Option<Vec<f64>>>,
}

impl ModuleVisitor for GradientsInOrder<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let gradient = parameter.val().grad(self.gradients);
        self.found.push(gradient.map(|gradient| gradient.try_into_vec_as::<f64>().unwrap()));
    }
}
