//! Batch normalisation with PyTorch's statistics.

use burn::module::{Module, Param, RunningState};
use burn::tensor::Tensor;
use burn::tensor::module::{batch_norm, batch_norm_train};

use super::builder::Builder;

/// Normalises each channel: by the batch in training, by running statistics in testing.
///
/// The running variance is the unbiased one (divided by `n - 1`), as in PyTorch; the batch itself
/// is normalised by the biased one.
///
/// # References
/// Ioffe and Szegedy, 2015, algorithms 1 and 2.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// Trained scale: `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// Trained shift: `[channels]`.
    pub beta: Param<Tensor<1>>,
    /// Running mean: `[channels]`.
    pub running_mean: RunningState<Tensor<1>>,
    /// Running unbiased variance: `[channels]`.
    pub running_variance: RunningState<Tensor<1>>,
    #[module(skip)]
    epsilon: f64,
    #[module(skip)]
    momentum: f64,
}

impl BatchNorm {
    pub(crate) fn new(
        channels: usize,
        epsilon: f64,
        momentum: f64,
        builder: &mut Builder<'_>,
    ) -> Self {
        Self {
            gamma: builder.vector(channels, 1.0),
            beta: builder.vector(channels, 0.0),
            running_mean: builder.running(channels, 0.0),
            running_variance: builder.running(channels, 1.0),
            epsilon,
            momentum,
        }
    }

    /// Normalises; on a training device by the batch, and the running statistics follow.
    ///
    /// A batch that holds one value per channel leaves the running variance as it was: one value
    /// has none.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]`
    /// - output: the same
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        if !input.device().is_autodiff() {
            return batch_norm(
                input,
                self.gamma.val(),
                self.beta.val(),
                self.running_mean.value(),
                self.running_variance.value(),
                self.epsilon,
            );
        }
        let [batch, _, height, width] = input.dims();
        let result = batch_norm_train(input, self.gamma.val(), self.beta.val(), self.epsilon);
        follow(&self.running_mean, result.mean.detach(), self.momentum);
        let count = batch * height * width;
        if count > 1 {
            #[expect(clippy::cast_precision_loss, reason = "a batch holds fewer than 2^52 values")]
            let correction = count as f64 / (count - 1) as f64;
            let unbiased = result.variance.detach().mul_scalar(correction);
            follow(&self.running_variance, unbiased, self.momentum);
        }
        result.output
    }
}

fn follow(state: &RunningState<Tensor<1>>, batch: Tensor<1>, momentum: f64) {
    let old = state.value_sync().mul_scalar(1.0 - momentum);
    state.update(old.add(batch.mul_scalar(momentum)).detach());
    // An update is only noted; reading it folds it in, so that a record taken now is not one behind.
    state.value_sync();
}
