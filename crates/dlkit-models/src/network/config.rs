//! The `[network]` table of a recipe, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::activation::function::Activation;
use super::initializer::Initializer;
use super::layers::activation::ActivationConfig;
use super::layers::add::AddConfig;
use super::layers::avg_pool2d::AvgPool2dConfig;
use super::layers::batch_norm::BatchNormConfig;
use super::layers::concat::ConcatConfig;
use super::layers::conv_transpose2d::ConvTranspose2dConfig;
use super::layers::conv2d::Conv2dConfig;
use super::layers::dense::DenseConfig;
use super::layers::dropout::DropoutConfig;
use super::layers::flatten::FlattenConfig;
use super::layers::global_avg_pool::GlobalAvgPoolConfig;
use super::layers::group_norm::GroupNormConfig;
use super::layers::layer_norm::LayerNormConfig;
use super::layers::max_pool2d::MaxPool2dConfig;
use super::layers::multiply::MultiplyConfig;
use super::layers::pixel_shuffle::PixelShuffleConfig;
use super::layers::reshape::ReshapeConfig;
use super::layers::softmax::SoftmaxConfig;
use super::layers::table::{Neurons, Table};
use super::layers::upsample::UpsampleConfig;
use crate::value::choice::{name_or_table, name_or_table_schema};

/// A network: the shape of its input and its layers in order.
///
/// `activation`, `batch_norm` and `initializer` are defaults for every hidden dense and convolution
/// layer. The last dense or convolution layer is the output layer; only the initializer applies to
/// it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Shape of one input: `[features]` or `[channels, height, width]`.
    pub input: Vec<usize>,
    /// Default activation of hidden dense and convolution layers. Default: "none".
    #[serde(default = "no_activation", deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub activation: Activation,
    /// Whether hidden dense and convolution layers normalize batches before their activation.
    #[serde(default)]
    pub batch_norm: bool,
    /// Initial distribution of the weights. Default: "xavier-uniform".
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Initializer>")]
    pub initializer: Initializer,
    /// The layers, from input to output. Each reads the one before, or those that its `from` names.
    pub layers: Vec<LayerConfig>,
}

const fn no_activation() -> Activation {
    Activation::None {}
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LayerConfig {
    /// Fully connected: every output is a weighted sum of all inputs.
    Dense(DenseConfig),
    /// Two-dimensional convolution.
    Conv2d(Conv2dConfig),
    /// Maximum pooling: the largest value of each window.
    MaxPool2d(MaxPool2dConfig),
    /// Average pooling: the mean of each window, without the padding.
    AvgPool2d(AvgPool2dConfig),
    /// Flattens maps into a vector, channel by channel and row by row.
    Flatten(FlattenConfig),
    /// Changes the shape, but not the values.
    Reshape(ReshapeConfig),
    /// Enlarges maps by an integer factor.
    Upsample(UpsampleConfig),
    /// Normalizes each channel over the batch.
    BatchNorm(BatchNormConfig),
    /// Sets random values to zero in training.
    Dropout(DropoutConfig),
    /// Softmax: probabilities over features or channels.
    Softmax(SoftmaxConfig),
    /// An activation function as a layer of its own.
    Activation(ActivationConfig),
    /// Two-dimensional transposed convolution, which enlarges maps.
    ConvTranspose2d(ConvTranspose2dConfig),
    /// Mean of each map, as a map of one pixel.
    GlobalAvgPool(GlobalAvgPoolConfig),
    /// Enlarges maps: channels become pixels.
    PixelShuffle(PixelShuffleConfig),
    /// Normalizes groups of channels of each sample.
    GroupNorm(GroupNormConfig),
    /// Normalizes all values of each sample.
    LayerNorm(LayerNormConfig),
    /// The sum of several layers.
    Add(AddConfig),
    /// The product of several layers.
    Multiply(MultiplyConfig),
    /// The channels of several layers, one after the other.
    Concat(ConcatConfig),
}

impl NetworkConfig {
    /// The last layer that has neurons, which makes the outputs, and its place.
    pub(crate) fn last_neurons(&self) -> Option<(usize, Neurons)> {
        let mut layers = self.layers.iter().enumerate().rev();
        layers.find_map(|(index, layer)| Some((index, layer.table().neurons()?)))
    }
}

impl LayerConfig {
    /// The table to ask.
    pub(crate) const fn table(&self) -> &dyn Table {
        match self {
            Self::Dense(table) => table,
            Self::Conv2d(table) => table,
            Self::MaxPool2d(table) => table,
            Self::AvgPool2d(table) => table,
            Self::Flatten(table) => table,
            Self::Reshape(table) => table,
            Self::Upsample(table) => table,
            Self::BatchNorm(table) => table,
            Self::Dropout(table) => table,
            Self::Softmax(table) => table,
            Self::Activation(table) => table,
            Self::ConvTranspose2d(table) => table,
            Self::GlobalAvgPool(table) => table,
            Self::PixelShuffle(table) => table,
            Self::GroupNorm(table) => table,
            Self::LayerNorm(table) => table,
            Self::Add(table) => table,
            Self::Multiply(table) => table,
            Self::Concat(table) => table,
        }
    }

    /// The table to change.
    pub(crate) const fn table_mut(&mut self) -> &mut dyn Table {
        match self {
            Self::Dense(table) => table,
            Self::Conv2d(table) => table,
            Self::MaxPool2d(table) => table,
            Self::AvgPool2d(table) => table,
            Self::Flatten(table) => table,
            Self::Reshape(table) => table,
            Self::Upsample(table) => table,
            Self::BatchNorm(table) => table,
            Self::Dropout(table) => table,
            Self::Softmax(table) => table,
            Self::Activation(table) => table,
            Self::ConvTranspose2d(table) => table,
            Self::GlobalAvgPool(table) => table,
            Self::PixelShuffle(table) => table,
            Self::GroupNorm(table) => table,
            Self::LayerNorm(table) => table,
            Self::Add(table) => table,
            Self::Multiply(table) => table,
            Self::Concat(table) => table,
        }
    }
}
