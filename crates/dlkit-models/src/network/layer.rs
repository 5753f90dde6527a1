//! A layer with its weights.

use burn::module::Module;
use burn::tensor::Tensor;

use super::builder::Builder;
use super::initializer::Initializer;
use super::layers::activation::ActivationLayer;
use super::layers::add::Add;
use super::layers::avg_pool2d::AvgPool2d;
use super::layers::batch_norm::BatchNormLayer;
use super::layers::compute::AnyCompute;
use super::layers::concat::Concat;
use super::layers::conv_transpose2d::ConvTranspose2dLayer;
use super::layers::conv2d::Conv2dLayer;
use super::layers::dense::DenseLayer;
use super::layers::dropout::DropoutLayer;
use super::layers::flatten::Flatten;
use super::layers::global_avg_pool::GlobalAvgPool;
use super::layers::group_norm::GroupNormLayer;
use super::layers::layer_norm::LayerNormLayer;
use super::layers::max_pool2d::MaxPool2d;
use super::layers::multiply::Multiply;
use super::layers::pixel_shuffle::PixelShuffle;
use super::layers::reshape::Reshape;
use super::layers::softmax::Softmax;
use super::layers::upsample::Upsample;
use super::operation::Operation;
use crate::value::shape::Shape;

/// A layer with its weights.
///
/// Every value is a `[batch, channels, height, width]` tensor; a vector of features has height and
/// width 1. The names of the variants and of their fields are those of checkpoints.
#[derive(Module, Debug)]
pub enum Layer {
    /// Weighted sums of all inputs.
    Dense(DenseLayer),
    /// Two-dimensional convolution.
    Conv2d(Conv2dLayer),
    /// Largest value of each window.
    MaxPool2d(MaxPool2d),
    /// Mean of each window, without the padding.
    AvgPool2d(AvgPool2d),
    /// Maps to a vector.
    Flatten(Flatten),
    /// Changes the shape, but not the values.
    Reshape(Reshape),
    /// Enlarged maps.
    Upsample(Upsample),
    /// Normalized channels.
    BatchNorm(BatchNormLayer),
    /// Zeros at random in training.
    Dropout(DropoutLayer),
    /// Shares over features or channels.
    Softmax(Softmax),
    /// An activation function.
    Activation(ActivationLayer),
    /// Two-dimensional transposed convolution, which enlarges maps.
    ConvTranspose2d(ConvTranspose2dLayer),
    /// Mean of each map, as a map of one pixel.
    GlobalAvgPool(GlobalAvgPool),
    /// Enlarges maps: channels become pixels.
    PixelShuffle(PixelShuffle),
    /// Normalizes groups of channels of each sample.
    GroupNorm(GroupNormLayer),
    /// Normalizes all values of each sample.
    LayerNorm(LayerNormLayer),
    /// The sum of several layers.
    Add(Add),
    /// The product of several layers.
    Multiply(Multiply),
    /// The channels of several layers, one after the other.
    Concat(Concat),
}

impl Layer {
    /// The layer before training, for an input of the given shape; weights start as `initializer` has it.
    pub(crate) fn new(
        operation: &Operation,
        input: Shape,
        initializer: Initializer,
        builder: &mut Builder<'_>,
    ) -> Self {
        match operation {
            Operation::Dense(rule) => Self::Dense(rule.layer(input, initializer, builder)),
            Operation::Conv2d(rule) => Self::Conv2d(rule.layer(input, initializer, builder)),
            Operation::MaxPool2d(rule) => Self::MaxPool2d(rule.clone()),
            Operation::AvgPool2d(rule) => Self::AvgPool2d(rule.clone()),
            Operation::Flatten(rule) => Self::Flatten(rule.clone()),
            Operation::Reshape(rule) => Self::Reshape(rule.clone()),
            Operation::Upsample(rule) => Self::Upsample(rule.clone()),
            Operation::BatchNorm(rule) => Self::BatchNorm(rule.layer(input, builder)),
            Operation::Dropout(rule) => Self::Dropout(rule.layer()),
            Operation::Softmax(rule) => Self::Softmax(rule.clone()),
            Operation::Activation(rule) => Self::Activation(rule.layer(input, builder)),
            Operation::ConvTranspose2d(rule) => {
                Self::ConvTranspose2d(rule.layer(input, initializer, builder))
            }
            Operation::GlobalAvgPool(rule) => Self::GlobalAvgPool(rule.clone()),
            Operation::PixelShuffle(rule) => Self::PixelShuffle(rule.clone()),
            Operation::GroupNorm(rule) => Self::GroupNorm(rule.layer(input, builder)),
            Operation::LayerNorm(rule) => Self::LayerNorm(rule.layer(input, builder)),
            Operation::Add(rule) => Self::Add(rule.clone()),
            Operation::Multiply(rule) => Self::Multiply(rule.clone()),
            Operation::Concat(rule) => Self::Concat(rule.clone()),
        }
    }

    /// Applies the layer by its definition. The phase is that of the input's device: training on an
    /// autodiff device (batch statistics, dropout, drawn slopes), testing on any other.
    ///
    /// # Shapes
    /// - inputs: one or, for a layer that joins some, several: each `[batch, channels, height, width]`
    ///   as the layer's specification has it
    /// - output: likewise
    #[must_use]
    pub fn forward(&self, inputs: Vec<Tensor<4>>) -> Tensor<4> {
        self.compute().forward(inputs)
    }

    /// The layer to ask.
    pub(crate) fn compute(&self) -> &dyn AnyCompute {
        match self {
            Self::Dense(layer) => layer,
            Self::Conv2d(layer) => layer,
            Self::MaxPool2d(layer) => layer,
            Self::AvgPool2d(layer) => layer,
            Self::Flatten(layer) => layer,
            Self::Reshape(layer) => layer,
            Self::Upsample(layer) => layer,
            Self::BatchNorm(layer) => layer,
            Self::Dropout(layer) => layer,
            Self::Softmax(layer) => layer,
            Self::Activation(layer) => layer,
            Self::ConvTranspose2d(layer) => layer,
            Self::GlobalAvgPool(layer) => layer,
            Self::PixelShuffle(layer) => layer,
            Self::GroupNorm(layer) => layer,
            Self::LayerNorm(layer) => layer,
            Self::Add(layer) => layer,
            Self::Multiply(layer) => layer,
            Self::Concat(layer) => layer,
        }
    }

    /// The layer to change.
    pub(crate) fn compute_mut(&mut self) -> &mut dyn AnyCompute {
        match self {
            Self::Dense(layer) => layer,
            Self::Conv2d(layer) => layer,
            Self::MaxPool2d(layer) => layer,
            Self::AvgPool2d(layer) => layer,
            Self::Flatten(layer) => layer,
            Self::Reshape(layer) => layer,
            Self::Upsample(layer) => layer,
            Self::BatchNorm(layer) => layer,
            Self::Dropout(layer) => layer,
            Self::Softmax(layer) => layer,
            Self::Activation(layer) => layer,
            Self::ConvTranspose2d(layer) => layer,
            Self::GlobalAvgPool(layer) => layer,
            Self::PixelShuffle(layer) => layer,
            Self::GroupNorm(layer) => layer,
            Self::LayerNorm(layer) => layer,
            Self::Add(layer) => layer,
            Self::Multiply(layer) => layer,
            Self::Concat(layer) => layer,
        }
    }
}
