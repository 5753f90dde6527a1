//! A network that is trained to name classes.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use burn::train::{InferenceStep, TrainOutput, TrainStep};

use super::batch::ImageBatch;
use crate::network::Network;
use crate::training::{Loss, Measured};

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
        #[expect(clippy::cast_precision_loss, reason = "batches are far below 2^52")]
        let accuracy = f64::from(count_right(scores, batch.classes)) / samples as f64;
        let value = f64::from(loss.clone().into_scalar::<f32>());
        (loss, Measured { values: vec![("loss", value), ("accuracy", accuracy)], samples })
    }
}

fn count_right(scores: Tensor<2>, classes: Tensor<1, Int>) -> i32 {
    let batch = classes.dims()[0];
    scores.argmax(1).reshape([batch]).equal(classes).int().sum().into_scalar::<i32>()
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
