//! What a layer of a checked network computes.

use super::activation::function::Activation;
use super::config::LayerConfig;
use super::layers::avg_pool2d::AvgPool2d;
use super::layers::batch_norm::BatchNorm;
use super::layers::conv2d::Conv2d;
use super::layers::dense::Dense;
use super::layers::dropout::Dropout;
use super::layers::flatten::Flatten;
use super::layers::max_pool2d::MaxPool2d;
use super::layers::reshape::Reshape;
use super::layers::rule::Rule;
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
        })
    }

    /// The layer to ask.
    pub(crate) const fn rule(&self) -> &dyn Rule {
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
        }
    }
}
