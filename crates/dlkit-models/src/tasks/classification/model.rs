//! A network that is trained to name classes.

use std::sync::Arc;

use burn::tensor::{Int, Tensor};

use super::batch::{ClassSource, ImageBatch};
use crate::network::Network;
use crate::tasks::Samples;
use crate::training::{Loss, Measured, Trainable};
use crate::value::number::float;

/// A network whose outputs are scores of classes.
#[derive(Clone, Debug)]
pub struct Classifier {
    network: Network,
    loss: Loss,
    threshold: Option<f64>,
}

impl Classifier {
    /// A classifier that is trained by `loss`.
    #[must_use]
    pub const fn new(network: Network, loss: Loss) -> Self {
        Self { network, loss, threshold: None }
    }

    /// The same classifier, which predicts the second of two classes from this probability on.
    #[must_use]
    pub const fn deciding_at(mut self, threshold: Option<f64>) -> Self {
        self.threshold = threshold;
        self
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The loss.
    #[must_use]
    pub const fn loss(&self) -> Loss {
        self.loss
    }

    /// The probability from which on the second of two classes is predicted, where it is not the likelier one.
    #[must_use]
    pub const fn threshold(&self) -> Option<f64> {
        self.threshold
    }

    /// The same with the class that it decides for, of two classes by name.
    pub(super) fn threshold_of<'a>(&self, classes: &'a [String]) -> Option<(&'a str, f64)> {
        let threshold = self.threshold?;
        classes.get(1).map(|class| (class.as_str(), threshold))
    }

    /// Whether scores are probabilities, after a softmax if the network has none.
    #[must_use]
    pub fn gives_probabilities(&self) -> bool {
        self.network.spec().ends_in_softmax() || matches!(self.loss, Loss::CrossEntropy { .. })
    }

    /// Scores of classes.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, classes]`
    #[must_use]
    pub fn scores(&self, images: Tensor<4>) -> Tensor<2> {
        scores(&self.network, images)
    }
}

fn scores(network: &Network, images: Tensor<4>) -> Tensor<2> {
    let output = network.forward(images);
    let [batch, channels, height, width] = output.dims();
    output.reshape([batch, channels * height * width])
}

/// Learning to name classes.
pub(super) struct Classifying<S> {
    pub(super) samples: Samples<S>,
    pub(super) classes: Vec<String>,
    /// The class of each sample to learn from.
    pub(super) of_each: Vec<usize>,
    pub(super) loss: Loss,
    /// Of each class, where they count differently.
    pub(super) weights: Option<Arc<[f32]>>,
}

impl<S: ClassSource> Trainable for Classifying<S> {
    type Batch = ImageBatch;

    fn measure(&self, network: &Network, batch: ImageBatch) -> (Tensor<1>, Measured) {
        measure(network, self.loss, self.weights.as_ref(), batch)
    }

    fn loss_weight(&self, batch: &ImageBatch) -> Option<f64> {
        let weights = self.weights.as_ref()?;
        let classes = batch.classes.to_data();
        let weight = |class: i64| usize::try_from(class).ok().and_then(|class| weights.get(class));
        Some(classes.iter::<i64>().filter_map(weight).map(|&weight| f64::from(weight)).sum())
    }

    fn input(batch: ImageBatch) -> Tensor<4> {
        batch.images
    }
}

fn measure(
    network: &Network,
    loss_kind: Loss,
    weights: Option<&Arc<[f32]>>,
    batch: ImageBatch,
) -> (Tensor<1>, Measured) {
    let scores = scores(network, batch.images);
    let loss = loss_kind.of_weighted_classes(scores.clone(), batch.classes.clone(), weights);
    let samples = batch.classes.dims()[0];
    // Both figures come in one read: each read waits for the device.
    let right = right(scores, batch.classes).cast(loss.dtype());
    let figures = Tensor::cat(vec![loss.clone().detach(), right], 0).into_data();
    let mut figures = figures.iter::<f64>();
    let mut next = || figures.next().unwrap_or(f64::NAN);
    let count = float(samples);
    let values = vec![("loss", loss_kind.per_sample(next(), count)), ("accuracy", next() / count)];
    (loss, Measured { values, samples })
}

/// How many classes are named rightly: `[1]`.
fn right(scores: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let batch = classes.dims()[0];
    scores.argmax(1).reshape([batch]).equal(classes).int().sum().float()
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::NetworkSpec;
    use crate::training::Reduction;

    #[test]
    fn a_step_measures_loss_and_accuracy() {
        let recipe = "input = [2]\nlayers = [{ type = \"softmax\" }]";
        let spec = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let device = Device::flex();
        let network = Network::new(&spec, 0, &device);
        let loss = Loss::Mae { reduction: Reduction::Mean };
        // Softmax shares 3/4 and 1/4 in the first sample, 1/4 and 3/4 in the others.
        let large = 3.0_f32.ln();
        let scores = Tensor::<2>::from_data([[large, 0.0], [0.0, large], [0.0, large]], &device);
        let images = scores.reshape([3, 2, 1, 1]);
        let classes = Tensor::from_data([0, 1, 0], &device);
        let (_, measured) = measure(&network, loss, None, ImageBatch { images, classes });
        let [("loss", loss), ("accuracy", accuracy)] = measured.values[..] else { panic!() };
        assert!((loss - (0.25 + 0.25 + 0.75) / 3.0).abs() < 1e-6, "{loss}");
        assert!((accuracy - 2.0 / 3.0).abs() < 1e-12, "{accuracy}");
        assert_eq!(measured.samples, 3);
    }
}
