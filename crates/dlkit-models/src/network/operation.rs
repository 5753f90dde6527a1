//! What a layer of a checked network computes.

use super::activation::function::Activation;
use super::config::LayerConfig;
use super::layers::add::Add;
use super::layers::avg_pool2d::AvgPool2d;
use super::layers::batch_norm::BatchNorm;
use super::layers::concat::Concat;
use super::layers::conv_transpose2d::ConvTranspose2d;
use super::layers::conv2d::Conv2d;
use super::layers::dense::Dense;
use super::layers::dropout::Dropout;
use super::layers::flatten::Flatten;
use super::layers::global_avg_pool::GlobalAvgPool;
use super::layers::group_norm::GroupNorm;
use super::layers::layer_norm::LayerNorm;
use super::layers::max_pool2d::MaxPool2d;
use super::layers::multiply::Multiply;
use super::layers::pixel_shuffle::PixelShuffle;
use super::layers::reshape::Reshape;
use super::layers::rule::AnyRule;
use super::layers::softmax::Softmax;
use super::layers::upsample::Upsample;
use crate::value::problem::Problem;

/// What a layer computes, with its settings.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Weighted sums of all inputs.
    Dense(Dense),
    /// Two-dimensional convolution.
    Conv2d(Conv2d),
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
    BatchNorm(BatchNorm),
    /// Zeros at random in training.
    Dropout(Dropout),
    /// Shares over features or channels.
    Softmax(Softmax),
    /// An activation function.
    Activation(Activation),
    /// Two-dimensional transposed convolution, which enlarges maps.
    ConvTranspose2d(ConvTranspose2d),
    /// Mean of each map, as a map of one pixel.
    GlobalAvgPool(GlobalAvgPool),
    /// Enlarges maps: channels become pixels.
    PixelShuffle(PixelShuffle),
    /// Normalizes groups of channels of each sample.
    GroupNorm(GroupNorm),
    /// Normalizes all values of each sample.
    LayerNorm(LayerNorm),
    /// The sum of several layers.
    Add(Add),
    /// The product of several layers.
    Multiply(Multiply),
    /// The channels of several layers, one after the other.
    Concat(Concat),
}

impl Operation {
    /// What the table of a layer stands for, what follows it aside.
    ///
    /// # Errors
    /// A value out of range.
    pub(crate) fn new(table: &LayerConfig) -> Result<Self, Problem> {
        Ok(match table {
            LayerConfig::Dense(table) => Self::Dense(Dense::new(table)?),
            LayerConfig::Conv2d(table) => Self::Conv2d(Conv2d::new(table)?),
            LayerConfig::MaxPool2d(table) => Self::MaxPool2d(MaxPool2d::new(table)?),
            LayerConfig::AvgPool2d(table) => Self::AvgPool2d(AvgPool2d::new(table)?),
            LayerConfig::Flatten(_) => Self::Flatten(Flatten),
            LayerConfig::Reshape(table) => Self::Reshape(Reshape::new(table)?),
            LayerConfig::Upsample(table) => Self::Upsample(Upsample::new(table)?),
            LayerConfig::BatchNorm(table) => Self::BatchNorm(BatchNorm::new(table)?),
            LayerConfig::Dropout(table) => Self::Dropout(Dropout::new(table)?),
            LayerConfig::Softmax(_) => Self::Softmax(Softmax),
            LayerConfig::Activation(table) => Self::Activation(Activation::of_table(table)?),
            LayerConfig::ConvTranspose2d(table) => {
                Self::ConvTranspose2d(ConvTranspose2d::new(table)?)
            }
            LayerConfig::GlobalAvgPool(_) => Self::GlobalAvgPool(GlobalAvgPool),
            LayerConfig::PixelShuffle(table) => Self::PixelShuffle(PixelShuffle::new(table)?),
            LayerConfig::GroupNorm(table) => Self::GroupNorm(GroupNorm::new(table)?),
            LayerConfig::LayerNorm(table) => Self::LayerNorm(LayerNorm::new(table)?),
            LayerConfig::Add(_) => Self::Add(Add),
            LayerConfig::Multiply(_) => Self::Multiply(Multiply),
            LayerConfig::Concat(_) => Self::Concat(Concat),
        })
    }

    /// The layer to ask.
    pub(crate) const fn rule(&self) -> &dyn AnyRule {
        match self {
            Self::Dense(rule) => rule,
            Self::Conv2d(rule) => rule,
            Self::MaxPool2d(rule) => rule,
            Self::AvgPool2d(rule) => rule,
            Self::Flatten(rule) => rule,
            Self::Reshape(rule) => rule,
            Self::Upsample(rule) => rule,
            Self::BatchNorm(rule) => rule,
            Self::Dropout(rule) => rule,
            Self::Softmax(rule) => rule,
            Self::Activation(rule) => rule,
            Self::ConvTranspose2d(rule) => rule,
            Self::GlobalAvgPool(rule) => rule,
            Self::PixelShuffle(rule) => rule,
            Self::GroupNorm(rule) => rule,
            Self::LayerNorm(rule) => rule,
            Self::Add(rule) => rule,
            Self::Multiply(rule) => rule,
            Self::Concat(rule) => rule,
        }
    }
}
