//! The `[network]` table of a recipe, as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::activation::Activation;
use super::initializer::Initializer;
use super::operation::Window;
use crate::value::choice::{name_or_table, name_or_table_schema, optional_name_or_table};
use crate::value::padding::Padding;
use crate::value::pair::Pair;

/// A network: the shape of its input and its layers in order.
///
/// `activation`, `batch_norm` and `initializer` are the defaults of every hidden dense and
/// convolution layer that says nothing else; the last dense or convolution layer is the output
/// layer and takes only the initializer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Shape of one input: `[features]` or `[channels, height, width]`.
    pub input: Vec<usize>,
    /// Activation of every hidden dense and convolution layer. Default: "none".
    #[serde(default = "no_activation", deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub activation: Activation,
    /// Batch normalisation before the activation of every hidden dense and convolution layer.
    #[serde(default)]
    pub batch_norm: bool,
    /// How weights start. Default: "xavier-uniform".
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Initializer>")]
    pub initializer: Initializer,
    /// The layers, from input to output.
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
    /// The largest value of each window.
    MaxPool2d(PoolConfig),
    /// The mean of each window; padding is not counted.
    AvgPool2d(PoolConfig),
    /// Maps to a vector, channel by channel, row by row.
    Flatten(PlainConfig),
    /// The same values in another shape.
    Reshape(ReshapeConfig),
    /// Enlarges maps by a whole factor.
    Upsample(UpsampleConfig),
    /// Normalises each channel over the batch.
    BatchNorm(BatchNormConfig),
    /// Sets a share of the values to zero in training.
    Dropout(DropoutConfig),
    /// Shares that sum to one, over features or channels.
    Softmax(PlainConfig),
    /// An activation function as a layer of its own.
    Activation(ActivationConfig),
}

impl LayerConfig {
    /// The name the recipe gives, if any.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Dense(layer) => layer.name.as_deref(),
            Self::Conv2d(layer) => layer.name.as_deref(),
            Self::MaxPool2d(layer) | Self::AvgPool2d(layer) => layer.name.as_deref(),
            Self::Flatten(layer) | Self::Softmax(layer) => layer.name.as_deref(),
            Self::Reshape(layer) => layer.name.as_deref(),
            Self::Upsample(layer) => layer.name.as_deref(),
            Self::BatchNorm(layer) => layer.name.as_deref(),
            Self::Dropout(layer) => layer.name.as_deref(),
            Self::Activation(layer) => layer.name.as_deref(),
        }
    }

    /// What derived names start with.
    pub(crate) const fn root(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
            Self::Conv2d(_) => "conv",
            Self::MaxPool2d(_) => "max_pool",
            Self::AvgPool2d(_) => "avg_pool",
            Self::Flatten(_) => "flatten",
            Self::Reshape(_) => "reshape",
            Self::Upsample(_) => "upsample",
            Self::BatchNorm(_) => "batch_norm",
            Self::Dropout(_) => "dropout",
            Self::Softmax(_) => "softmax",
            Self::Activation(_) => "activation",
        }
    }

    /// Whether the layer has weights, and so can be a hidden or an output layer.
    pub(crate) const fn is_weighted(&self) -> bool {
        matches!(self, Self::Dense(_) | Self::Conv2d(_))
    }
}

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DenseConfig {
    /// Name of the layer. Default: `dense1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of outputs.
    pub units: usize,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub bias: bool,
    /// Batch normalisation before the activation. Default: the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// Activation after it. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub activation: Option<Activation>,
    /// How the weights start. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Initializer>")]
    pub initializer: Option<Initializer>,
}

/// A two-dimensional convolution (cross-correlation, as all frameworks compute it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conv2dConfig {
    /// Name of the layer. Default: `conv1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of output channels.
    pub filters: usize,
    /// Size of the kernel: one number or `[height, width]`.
    pub kernel: Pair,
    /// Step between two positions of the kernel.
    #[serde(default = "one")]
    pub stride: Pair,
    /// Zeros around the input: "valid" (none), "same" (output as large as the input), a number
    /// of pixels on each side, or `[height, width]`.
    #[serde(default)]
    pub padding: Padding,
    /// Distance between the values one kernel reads.
    #[serde(default = "one")]
    pub dilation: Pair,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub bias: bool,
    /// Batch normalisation before the activation. Default: the network's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// Activation after it. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub activation: Option<Activation>,
    /// How the weights start. Default: the network's.
    #[serde(
        default,
        deserialize_with = "optional_name_or_table",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(schema_with = "name_or_table_schema::<Initializer>")]
    pub initializer: Option<Initializer>,
}

/// A pooling layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// Name of the layer. Default: `max_pool1` or `avg_pool1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Size of the window: one number or `[height, width]`.
    pub size: Pair,
    /// Step between two windows. Default: the size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Pair>,
    /// Border on each side, never counted into a maximum or mean; at most half the size.
    #[serde(default = "zero")]
    pub padding: Pair,
}

/// A layer without settings of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlainConfig {
    /// Name of the layer. Default: `flatten1` or `softmax1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Another shape for the same values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReshapeConfig {
    /// Name of the layer. Default: `reshape1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `[features]` or `[channels, height, width]`.
    pub shape: Vec<usize>,
}

/// Enlarges maps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpsampleConfig {
    /// Name of the layer. Default: `upsample1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Factor: one whole number or `[height, width]`.
    pub factor: Pair,
    /// How new values are found.
    #[serde(default)]
    pub mode: UpsampleMode,
}

/// Batch normalisation (Ioffe and Szegedy, 2015) as a layer of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNormConfig {
    /// Name of the layer. Default: `batch_norm1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Added to the variance before the root.
    #[serde(default = "batch_norm_epsilon")]
    pub epsilon: f64,
    /// Share of each batch in the running statistics.
    #[serde(default = "batch_norm_momentum")]
    pub momentum: f64,
}

/// Dropout (Srivastava et al., 2014); kept values are scaled by `1 / (1 - rate)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropoutConfig {
    /// Name of the layer. Default: `dropout1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Share of values set to zero in training, 0 or more and below 1.
    pub rate: f64,
}

/// An activation function as a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationConfig {
    /// Name of the layer. Default: `activation1`, counted per type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The function.
    #[serde(deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<Activation>")]
    pub function: Activation,
}

/// How an enlarged map is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpsampleMode {
    /// Each value is repeated.
    #[default]
    Nearest,
    /// Linear in both directions, pixel centres aligned (PyTorch's `align_corners=False`).
    Bilinear,
}

/// The epsilon of PyTorch, which wants 1e-5 where Keras wants 1e-3.
pub(crate) const fn batch_norm_epsilon() -> f64 {
    1e-5
}

/// The momentum of PyTorch: the share of the new batch.
pub(crate) const fn batch_norm_momentum() -> f64 {
    0.1
}

const fn yes() -> bool {
    true
}

const fn one() -> Pair {
    Pair::square(1)
}

const fn zero() -> Pair {
    Pair::square(0)
}

impl PoolConfig {
    pub(crate) fn window(&self) -> Window {
        Window { size: self.size, stride: self.stride.unwrap_or(self.size), padding: self.padding }
    }
}
