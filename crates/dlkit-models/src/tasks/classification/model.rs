//! A network that is trained to name classes.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};

use super::batch::ImageBatch;
use crate::network::Network;
use crate::training::{Loss, Measured, Trainable};

/// A network whose outputs are scores of classes.
#[derive(Module, Debug)]
pub struct Classifier {
    network: Network,
    #[module(skip)]
    loss: Loss,
}

impl Classifier {
    /// A classifier that is trained by `loss`.
    #[must_use]
    pub const fn new(network: Network, loss: Loss) -> Self {
        Self { network, loss }
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

    /// Scores of classes.
    ///
    /// # Shapes
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, classes]`
    #[must_use]
    pub fn scores(&self, images: Tensor<4>) -> Tensor<2> {
        let output = self.network.forward(images);
        let [batch, channels, height, width] = output.dims();
        output.reshape([batch, channels * height * width])
    }

    fn measure(&self, batch: ImageBatch) -> (Tensor<1>, Measured) {
        let scores = self.scores(batch.images);
        let loss = self.loss.of_classes(scores.clone(), batch.classes.clone());
        let samples = batch.classes.dims()[0];
        // Both figures come in one read: each read waits for the device.
        let right = right(scores, batch.classes).cast(loss.dtype());
        let figures = Tensor::cat(vec![loss.clone().detach(), right], 0).into_data();
        let mut figures = figures.iter::<f64>();
        let mut next = || figures.next().unwrap_or(f64::NAN);
        #[expect(clippy::cast_precision_loss, reason = "batches are far below 2^52")]
        let count = samples as f64;
        let values =
            vec![("loss", self.loss.per_sample(next(), count)), ("accuracy", next() / count)];
        (loss, Measured { values, samples })
    }
}

/// How many classes are named rightly: `[1]`.
fn right(scores: Tensor<2>, classes: Tensor<1, Int>) -> Tensor<1> {
    let batch = classes.dims()[0];
    scores.argmax(1).reshape([batch]).equal(classes).int().sum().float()
}

impl Trainable for Classifier {
    fn network(&self) -> &Network {
        &self.network
    }

    fn network_input(batch: ImageBatch) -> Tensor<4> {
        batch.images
    }
}

impl TrainStep for Classifier {
    type Input = ImageBatch;
    type Output = Measured;

    fn step(&self, batch: ImageBatch) -> TrainOutput<Measured> {
        let (loss, measured) = self.measure(batch);
        TrainOutput::new(self, loss.backward(), measured)
    }
}

impl InferenceStep for Classifier {
    type Input = ImageBatch;
    type Output = Measured;

    fn step(&self, batch: ImageBatch) -> Measured {
        self.measure(batch).1
    }
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
        let classifier = Classifier::new(
            Network::new(&spec, 0, &device),
            Loss::Mae { reduction: Reduction::Mean },
        );
        // Softmax shares 3/4 and 1/4 in the first sample, 1/4 and 3/4 in the others.
        let large = 3.0_f32.ln();
        let scores = Tensor::<2>::from_data([[large, 0.0], [0.0, large], [0.0, large]], &device);
        let images = scores.reshape([3, 2, 1, 1]);
        let classes = Tensor::from_data([0, 1, 0], &device);
        let measured = InferenceStep::step(&classifier, ImageBatch { images, classes });
        let [("loss", loss), ("accuracy", accuracy)] = measured.values[..] else { panic!() };
        assert!((loss - (0.25 + 0.25 + 0.75) / 3.0).abs() < 1e-6, "{loss}");
        assert!((accuracy - 2.0 / 3.0).abs() < 1e-12, "{accuracy}");
        assert_eq!(measured.samples, 3);
    }
}
