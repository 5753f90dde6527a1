//! Batch normalization with PyTorch's statistics.

use burn::module::{Module, Param, RunningState};
use burn::tensor::module::batch_norm;
use burn::tensor::{Tensor, TensorData};
use dlkit_kernels::flex::{normalized_batch, normalized_by};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compute::{Compute, rectified_if};
use super::normalization::{check_epsilon, default_epsilon};
use super::reading::Reading;
use super::rule::{Behavior, Changing, Costs, Outcome, Passage, Place, Role, Rule};
use super::table::{Neurons, Table};
use crate::graph::nodes::{Nodes, OutOfRange, float, single};
use crate::network::builder::Builder;
use crate::network::given::{Given, WeightsError};
use crate::network::sources::Sources;
use crate::value::problem::Problem;
use crate::value::shape::Shape;

/// Batch normalization (Ioffe and Szegedy, 2015) as a layer of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNormConfig {
    /// Name of the layer. Default: `batch_norm1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer it reads, or "input". Default: the layer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Sources>,
    /// Constant added to the variance before the square root.
    #[serde(default = "default_epsilon")]
    pub epsilon: f64,
    /// Weight of each batch in the running statistics.
    #[serde(default = "default_momentum")]
    pub momentum: f64,
}

/// The momentum of PyTorch: the share of the new batch.
const fn default_momentum() -> f64 {
    0.1
}

impl Table for BatchNormConfig {
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn from(&self) -> Option<&Sources> {
        self.from.as_ref()
    }

    fn root(&self) -> &'static str {
        "batch_norm"
    }

    fn neurons(&self) -> Option<Neurons> {
        None
    }

    fn set_neurons(&mut self, _: usize) {}
}

/// The settings of a batch normalization.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the table of a recipe")]
pub struct BatchNorm {
    pub epsilon: f64,
    pub momentum: f64,
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self { epsilon: default_epsilon(), momentum: default_momentum() }
    }
}

impl BatchNorm {
    pub(crate) fn new(table: &BatchNormConfig) -> Result<Self, Problem> {
        let BatchNormConfig { epsilon, momentum, .. } = *table;
        check_epsilon(epsilon)?;
        if !(0.0..=1.0).contains(&momentum) {
            return Err(Problem::new("momentum", format!("must be from 0 to 1, not {momentum}")));
        }
        Ok(Self { epsilon, momentum })
    }

    pub(crate) fn layer(self, input: Shape, builder: &mut Builder<'_>) -> BatchNormLayer {
        let channels = input.channels();
        BatchNormLayer {
            gamma: builder.vector(channels, 1.0),
            beta: builder.vector(channels, 0.0),
            running_mean: builder.running(channels, 0.0),
            running_variance: builder.running(channels, 1.0),
            settings: self,
        }
    }
}

impl Rule for BatchNorm {
    fn description(&self) -> String {
        "batch norm".to_owned()
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn costs(&self, input: Shape, output: Shape) -> Costs {
        Costs {
            parameters: input.channels().saturating_mul(2),
            statistics: input.channels().saturating_mul(2),
            multiply_adds: 0,
            values_read: output.values(),
        }
    }

    fn behavior(&self, _: Shape) -> Behavior {
        Behavior {
            reading: Reading::Place,
            passage: Passage::Changes(Changing {
                per_neuron: &FIELDS,
                scale: Some("gamma"),
                mean: Some("running_mean"),
            }),
            role: Role::Normalization { of_batch: true },
            outcome: Outcome::Others,
        }
    }

    fn lower(&self, place: &Place<'_>, nodes: &mut Nodes) -> Result<(), OutOfRange> {
        let weights =
            FIELDS.map(|field| nodes.weight(place.name, field, &[place.shape.channels()]));
        let inputs: Vec<&str> =
            std::iter::once(place.input).chain(weights.iter().map(String::as_str)).collect();
        let epsilon = float("epsilon", single(place.name, "epsilon", self.epsilon)?);
        nodes.add(place.name, "BatchNormalization", &inputs, vec![epsilon]);
        Ok(())
    }
}

/// Normalizes each channel: by the batch in training, by running statistics in testing.
///
/// The running variance is the unbiased one (divided by `n - 1`), as in PyTorch; the batch itself
/// is normalized by the biased one.
///
/// # References
/// Ioffe and Szegedy, 2015, algorithms 1 and 2.
#[derive(Module, Debug)]
pub struct BatchNormLayer {
    /// Trained scale: `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// Trained shift: `[channels]`.
    pub beta: Param<Tensor<1>>,
    /// Running mean: `[channels]`.
    pub running_mean: RunningState<Tensor<1>>,
    /// Running unbiased variance: `[channels]`.
    pub running_variance: RunningState<Tensor<1>>,
    #[module(skip)]
    settings: BatchNorm,
}

/// The names of what it holds, in the order of ONNX's inputs.
const FIELDS: [&str; 4] = ["gamma", "beta", "running_mean", "running_variance"];

impl Compute for BatchNormLayer {
    /// Normalizes; on a training device by the batch, and the running statistics follow.
    ///
    /// A batch with one value per channel does not change the running variance, because one value
    /// has no variance.
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        if input.device().is_autodiff() {
            return self.forward_fast(input, false);
        }
        batch_norm(
            input,
            self.gamma.val(),
            self.beta.val(),
            self.running_mean.value(),
            self.running_variance.value(),
            self.settings.epsilon,
        )
    }

    fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        let BatchNorm { epsilon, momentum } = self.settings;
        if !input.device().is_autodiff() {
            let weights = [
                self.gamma.val(),
                self.beta.val(),
                self.running_mean.value(),
                self.running_variance.value(),
            ];
            return normalized_by(input, weights, epsilon, rectified);
        }
        let [batch, _, height, width] = input.dims();
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        if self.is_frozen() {
            let (mean, variance) = (self.running_mean.value(), self.running_variance.value());
            return rectified_if(
                rectified,
                batch_norm(input, gamma, beta, mean, variance, epsilon),
            );
        }
        let result = normalized_batch(input, gamma, beta, epsilon, rectified);
        follow(&self.running_mean, result.mean, momentum);
        let count = batch * height * width;
        if count > 1 {
            #[expect(clippy::cast_precision_loss, reason = "a batch holds fewer than 2^52 values")]
            let correction = count as f64 / (count - 1) as f64;
            let unbiased = result.variance.mul_scalar(correction);
            follow(&self.running_variance, unbiased, momentum);
        }
        result.output
    }

    fn weights(&self) -> Vec<(&'static str, TensorData)> {
        let [gamma, beta, mean, variance] = FIELDS;
        vec![
            (gamma, self.gamma.val().into_data()),
            (beta, self.beta.val().into_data()),
            (mean, self.running_mean.value_sync().into_data()),
            (variance, self.running_variance.value_sync().into_data()),
        ]
    }

    fn set_weights(&mut self, given: &mut Given<'_>) -> Result<(), WeightsError> {
        let [gamma, beta, mean, variance] = FIELDS;
        given.parameter(gamma, &mut self.gamma)?;
        given.parameter(beta, &mut self.beta)?;
        given.statistic(mean, &mut self.running_mean)?;
        given.statistic(variance, &mut self.running_variance)
    }
}

impl BatchNormLayer {
    /// Whether it keeps its weights in training. Then it keeps its statistics, too.
    fn is_frozen(&self) -> bool {
        !self.gamma.is_require_grad()
    }
}

fn follow(state: &RunningState<Tensor<1>>, batch: Tensor<1>, momentum: f64) {
    let old = state.value_sync().mul_scalar(1.0 - momentum);
    state.update(old.add(batch.mul_scalar(momentum)).detach());
    // An update is only noted; reading it folds it in, so that a record taken now is not one behind.
    state.value_sync();
}
