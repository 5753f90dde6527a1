//! What a layer computes: its settings, their ranges, its shape rule.

use super::activation::Activation;
use super::config::{
    LayerConfig, NetworkConfig, UpsampleMode, batch_norm_epsilon, batch_norm_momentum,
};
use super::initializer::Initializer;
use super::sliding::{Sliding, sized};
use crate::value::padding::Padding;
use crate::value::pair::Pair;
use crate::value::problem::Problem;
use crate::value::range::{at_most, count, pixels};
use crate::value::shape::Shape;

/// What a layer computes. The fields are those of the layer tables of a recipe.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the layer tables of a recipe")]
pub enum Operation {
    /// Weighted sums of all inputs.
    Dense { units: usize, bias: bool, initializer: Initializer },
    /// Two-dimensional convolution.
    Conv2d(Convolution),
    /// Largest value of each window.
    MaxPool2d(Window),
    /// Mean of each window, without the padding.
    AvgPool2d(Window),
    /// Maps to a vector.
    Flatten,
    /// The same values in another shape.
    Reshape { shape: Shape },
    /// Enlarged maps.
    Upsample { factor: Pair, mode: UpsampleMode },
    /// Normalised channels.
    BatchNorm { epsilon: f64, momentum: f64 },
    /// Zeros at random in training.
    Dropout { rate: f64 },
    /// Shares over features or channels.
    Softmax,
    /// An activation function.
    Activation(Activation),
}

/// The settings of a convolution.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are documented on the layer tables of a recipe")]
pub struct Convolution {
    pub filters: usize,
    pub kernel: Pair,
    pub stride: Pair,
    pub padding: Padding,
    pub dilation: Pair,
    pub bias: bool,
    pub initializer: Initializer,
}

/// The settings of a pooling layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are documented on the layer tables of a recipe")]
pub struct Window {
    pub size: Pair,
    pub stride: Pair,
    pub padding: Pair,
}

impl Convolution {
    /// Zeros before and after each axis, `[(top, bottom), (left, right)]`.
    #[must_use]
    pub const fn padding_pixels(&self) -> [(usize, usize); 2] {
        match self.padding {
            Padding::Valid => [(0, 0), (0, 0)],
            Padding::Pixels(pixels) => {
                [(pixels.height, pixels.height), (pixels.width, pixels.width)]
            }
            Padding::Same => [
                halves(reach(self.kernel.height, self.dilation.height)),
                halves(reach(self.kernel.width, self.dilation.width)),
            ],
        }
    }
}

/// Pixels between the first and the last that a kernel reads.
const fn reach(kernel: usize, dilation: usize) -> usize {
    dilation.saturating_mul(kernel.saturating_sub(1))
}

const fn halves(total: usize) -> (usize, usize) {
    (total / 2, total - total / 2)
}

impl Operation {
    /// The same operation, its weights starting in the default way: where they are given, how they
    /// started does not matter.
    pub(crate) fn without_initializer(self) -> Self {
        let initializer = Initializer::default();
        match self {
            Self::Dense { units, bias, .. } => Self::Dense { units, bias, initializer },
            Self::Conv2d(conv) => Self::Conv2d(Convolution { initializer, ..conv }),
            other => other,
        }
    }

    /// The operations one layer of a recipe stands for: itself, then batch normalisation and
    /// activation where it or, for a hidden layer, the network asks for them.
    pub(crate) fn from_layer(
        layer: &LayerConfig,
        network: &NetworkConfig,
        hidden: bool,
    ) -> Result<Vec<Self>, Problem> {
        let (first, followers) = match layer {
            LayerConfig::Dense(dense) => {
                let initializer = dense.initializer.unwrap_or(network.initializer);
                let operation = Self::Dense { units: dense.units, bias: dense.bias, initializer };
                (operation, Some((dense.batch_norm, dense.activation)))
            }
            LayerConfig::Conv2d(conv) => {
                let operation = Self::Conv2d(Convolution {
                    filters: conv.filters,
                    kernel: conv.kernel,
                    stride: conv.stride,
                    padding: conv.padding,
                    dilation: conv.dilation,
                    bias: conv.bias,
                    initializer: conv.initializer.unwrap_or(network.initializer),
                });
                (operation, Some((conv.batch_norm, conv.activation)))
            }
            LayerConfig::MaxPool2d(pool) => (Self::MaxPool2d(pool.window()), None),
            LayerConfig::AvgPool2d(pool) => (Self::AvgPool2d(pool.window()), None),
            LayerConfig::Flatten(_) => (Self::Flatten, None),
            LayerConfig::Reshape(reshape) => {
                let shape = Shape::from_sizes(&reshape.shape).map_err(|error| {
                    Problem::new("shape", format!("is {:?}; {error}", reshape.shape))
                })?;
                (Self::Reshape { shape }, None)
            }
            LayerConfig::Upsample(upsample) => {
                (Self::Upsample { factor: upsample.factor, mode: upsample.mode }, None)
            }
            LayerConfig::BatchNorm(norm) => {
                (Self::BatchNorm { epsilon: norm.epsilon, momentum: norm.momentum }, None)
            }
            LayerConfig::Dropout(dropout) => (Self::Dropout { rate: dropout.rate }, None),
            LayerConfig::Softmax(_) => (Self::Softmax, None),
            LayerConfig::Activation(layer) => (Self::Activation(layer.function), None),
        };
        first.check()?;
        let mut operations = vec![first];
        if let Some((batch_norm, activation)) = followers {
            if batch_norm.unwrap_or(hidden && network.batch_norm) {
                operations.push(Self::BatchNorm {
                    epsilon: batch_norm_epsilon(),
                    momentum: batch_norm_momentum(),
                });
            }
            let inherited = if hidden { network.activation } else { Activation::None {} };
            let function = activation.unwrap_or(inherited);
            function.check().map_err(|problem| problem.within("activation"))?;
            if function != (Activation::None {}) {
                operations.push(Self::Activation(function));
            }
        }
        Ok(operations)
    }

    fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::Dense { units, initializer, .. } => {
                count("units", units)?;
                initializer.check().map_err(|problem| problem.within("initializer"))
            }
            Self::Conv2d(conv) => {
                count("filters", conv.filters)?;
                pixels("kernel", conv.kernel)?;
                pixels("stride", conv.stride)?;
                pixels("dilation", conv.dilation)?;
                if let Padding::Pixels(padding) = conv.padding {
                    at_most("padding", padding)?;
                }
                if conv.padding == Padding::Same && conv.stride != Pair::square(1) {
                    return Err(Problem::new(
                        "padding",
                        format!(
                            "is \"same\", which needs stride 1, not {}; give pixels instead",
                            conv.stride
                        ),
                    ));
                }
                conv.initializer.check().map_err(|problem| problem.within("initializer"))
            }
            Self::MaxPool2d(window) | Self::AvgPool2d(window) => {
                pixels("size", window.size)?;
                pixels("stride", window.stride)?;
                let Window { size, padding, .. } = window;
                if padding.height > size.height / 2 || padding.width > size.width / 2 {
                    return Err(Problem::new(
                        "padding",
                        format!("is {padding}; at most half the size {size} is allowed"),
                    ));
                }
                Ok(())
            }
            Self::Upsample { factor, .. } => pixels("factor", factor),
            Self::BatchNorm { epsilon, momentum } => {
                if !(epsilon.is_finite() && epsilon > 0.0) {
                    return Err(Problem::new(
                        "epsilon",
                        format!("is {epsilon}; a number above 0 is needed"),
                    ));
                }
                if !(0.0..=1.0).contains(&momentum) {
                    return Err(Problem::new(
                        "momentum",
                        format!("is {momentum}; allowed is 0 to 1"),
                    ));
                }
                Ok(())
            }
            Self::Dropout { rate } if !(0.0..1.0).contains(&rate) => {
                Err(Problem::new("rate", format!("is {rate}; allowed is 0 or more and below 1")))
            }
            Self::Activation(function) => {
                function.check().map_err(|problem| problem.within("function"))
            }
            Self::Flatten | Self::Reshape { .. } | Self::Dropout { .. } | Self::Softmax => Ok(()),
        }
    }

    /// The shape one input of shape `input` becomes.
    ///
    /// # Errors
    /// What came and what the operation takes.
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, String> {
        match (*self, input) {
            (Self::Dense { units, .. }, Shape::Features(_)) => sized(&[units], "gives"),
            (Self::Dense { .. }, Shape::Maps { .. }) => Err(format!(
                "{input} came, a dense layer takes [features]; put a layer with type = \"flatten\" \
                 before it"
            )),
            (Self::Conv2d(conv), Shape::Maps { channels, height, width }) => {
                let sliding = Sliding {
                    extent: [
                        reach(conv.kernel.height, conv.dilation.height).saturating_add(1),
                        reach(conv.kernel.width, conv.dilation.width).saturating_add(1),
                    ],
                    stride: conv.stride,
                    padding: conv
                        .padding_pixels()
                        .map(|(before, after)| before.saturating_add(after)),
                };
                sliding.output(conv.filters, [channels, height, width])?.ok_or_else(|| {
                    format!(
                        "{input} came, smaller than the {} kernel (dilation {}, padding included)",
                        conv.kernel, conv.dilation
                    )
                })
            }
            (
                Self::MaxPool2d(window) | Self::AvgPool2d(window),
                Shape::Maps { channels, height, width },
            ) => {
                let Window { size, stride, padding } = window;
                let padding = padding.to_array().map(|pixels| pixels.saturating_mul(2));
                let sliding = Sliding { extent: size.to_array(), stride, padding };
                sliding
                    .output(channels, [channels, height, width])?
                    .ok_or_else(|| format!("{input} came, smaller than the {size} window"))
            }
            (Self::Upsample { factor, .. }, Shape::Maps { channels, height, width }) => {
                let sizes = [
                    channels,
                    height.saturating_mul(factor.height),
                    width.saturating_mul(factor.width),
                ];
                sized(&sizes, &format!("enlarges {input} by {factor} to"))
            }
            (
                Self::Conv2d(_) | Self::MaxPool2d(_) | Self::AvgPool2d(_) | Self::Upsample { .. },
                Shape::Features(_),
            ) => Err(format!(
                "{input} came, this layer takes [channels, height, width]; put a layer with \
                 type = \"reshape\" before it"
            )),
            (Self::Flatten, _) => Ok(Shape::Features(input.values())),
            (Self::Reshape { shape }, _) if shape.values() == input.values() => Ok(shape),
            (Self::Reshape { shape }, _) => Err(format!(
                "{input} came, {} values; the shape {shape} holds {}",
                input.values(),
                shape.values()
            )),
            (
                Self::BatchNorm { .. } | Self::Dropout { .. } | Self::Softmax | Self::Activation(_),
                _,
            ) => Ok(input),
        }
    }

    /// Number of trained parameters for an input of shape `input`; the largest number there is
    /// stands for all that are larger.
    #[must_use]
    pub const fn parameters(&self, input: Shape) -> usize {
        let channels = input.channels();
        match self {
            Self::Dense { units, bias, .. } => {
                units.saturating_mul(channels.saturating_add(*bias as usize))
            }
            Self::Conv2d(conv) => {
                let area = conv.kernel.height.saturating_mul(conv.kernel.width);
                let inputs = channels.saturating_mul(area);
                conv.filters.saturating_mul(inputs.saturating_add(conv.bias as usize))
            }
            Self::BatchNorm { .. } => channels.saturating_mul(2),
            Self::Activation(function) => function.parameters(channels),
            Self::MaxPool2d(_)
            | Self::AvgPool2d(_)
            | Self::Flatten
            | Self::Reshape { .. }
            | Self::Upsample { .. }
            | Self::Dropout { .. }
            | Self::Softmax => 0,
        }
    }
}

impl Operation {
    /// Type and settings in a few words, such as `conv2d 3x3, 32 filters`.
    #[must_use]
    pub fn description(&self) -> String {
        let unless = |name: &str, value: Pair, default: usize| {
            if value == Pair::square(default) { String::new() } else { format!(", {name} {value}") }
        };
        match self {
            Self::Dense { units, bias, .. } => {
                let bias = if *bias { "" } else { ", no bias" };
                format!("dense, {units} unit{}{bias}", plural(*units))
            }
            Self::Conv2d(conv) => {
                let padding = match conv.padding {
                    Padding::Valid => String::new(),
                    Padding::Same => ", padding same".to_owned(),
                    Padding::Pixels(pixels) => format!(", padding {pixels}"),
                };
                format!(
                    "conv2d {}, {} filter{}{}{padding}{}{}",
                    conv.kernel,
                    conv.filters,
                    plural(conv.filters),
                    unless("stride", conv.stride, 1),
                    unless("dilation", conv.dilation, 1),
                    if conv.bias { "" } else { ", no bias" }
                )
            }
            Self::MaxPool2d(window) | Self::AvgPool2d(window) => {
                let name =
                    if matches!(self, Self::MaxPool2d(_)) { "max-pool2d" } else { "avg-pool2d" };
                let stride = if window.stride == window.size {
                    String::new()
                } else {
                    format!(", stride {}", window.stride)
                };
                format!("{name} {}{stride}{}", window.size, unless("padding", window.padding, 0))
            }
            Self::Flatten => "flatten".to_owned(),
            Self::Reshape { shape } => format!("reshape {shape}"),
            Self::Upsample { factor, mode } => match mode {
                UpsampleMode::Nearest => format!("upsample {factor}, nearest"),
                UpsampleMode::Bilinear => format!("upsample {factor}, bilinear"),
            },
            Self::BatchNorm { .. } => "batch norm".to_owned(),
            Self::Dropout { rate } => format!("dropout {rate}"),
            Self::Softmax => "softmax".to_owned(),
            Self::Activation(function) => function.name().to_owned(),
        }
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
