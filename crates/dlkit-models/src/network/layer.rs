//! A layer with its weights.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softmax};
use burn::tensor::module::{avg_pool2d, conv2d, interpolate, linear, max_pool2d};
use burn::tensor::ops::{
    AvgPoolOptions, ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions,
};
use dlkit_kernels::flex::{convolution3x3, dense, maximum_pool};

use super::activation::ActivationLayer;
use super::batch_norm::BatchNorm;
use super::builder::Builder;
use super::config::UpsampleMode;
use super::initializer::Fan;
use super::operation::{Convolution, Operation, Window};
use super::spec::LayerSpec;
use crate::value::Pair;

/// A layer with its weights.
///
/// Every value is a `[batch, channels, height, width]` tensor; a vector of features has height and
/// width 1.
#[derive(Module, Debug)]
pub enum Layer {
    /// Weighted sums of all inputs.
    Dense(Dense),
    /// Two-dimensional convolution.
    Conv2d(Conv2d),
    /// Normalised channels.
    BatchNorm(BatchNorm),
    /// Zeros at random in training.
    Dropout(Dropout),
    /// An activation function.
    Activation(ActivationLayer),
    /// A layer without parameters that does the same in both phases.
    Fixed(Fixed),
}

/// The weights of a dense layer.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[inputs, units]`.
    pub weight: Param<Tensor<2>>,
    /// `[units]`.
    pub bias: Option<Param<Tensor<1>>>,
}

/// The weights of a convolution.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// `[filters, channels, height, width]`.
    pub weight: Param<Tensor<4>>,
    /// `[filters]`.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    settings: Convolution,
}

/// A layer without parameters.
#[derive(Module, Debug)]
pub struct Fixed {
    #[module(skip)]
    operation: Operation,
    #[module(skip)]
    output: [usize; 3],
}

impl Layer {
    pub(crate) fn new(spec: &LayerSpec, builder: &mut Builder<'_>) -> Self {
        let channels = spec.input().channels();
        match spec.operation() {
            Operation::Dense { units, bias, initializer } => {
                let fan = Fan::new(channels, units);
                Self::Dense(Dense {
                    weight: builder.weight(initializer, [channels, units], fan),
                    bias: bias.then(|| builder.vector(units, 0.0)),
                })
            }
            Operation::Conv2d(settings) => {
                let Convolution { filters, kernel, bias, initializer, .. } = settings;
                let area = kernel.height * kernel.width;
                let fan = Fan::new(channels * area, filters * area);
                let shape = [filters, channels, kernel.height, kernel.width];
                Self::Conv2d(Conv2d {
                    weight: builder.weight(initializer, shape, fan),
                    bias: bias.then(|| builder.vector(filters, 0.0)),
                    settings,
                })
            }
            Operation::BatchNorm { epsilon, momentum } => {
                Self::BatchNorm(BatchNorm::new(channels, epsilon, momentum, builder))
            }
            Operation::Dropout { rate } => Self::Dropout(DropoutConfig::new(rate).init()),
            Operation::Activation(function) => {
                Self::Activation(ActivationLayer::new(function, channels, builder))
            }
            operation @ (Operation::MaxPool2d(_)
            | Operation::AvgPool2d(_)
            | Operation::Flatten
            | Operation::Reshape { .. }
            | Operation::Upsample { .. }
            | Operation::Softmax) => {
                let [_, channels, height, width] = spec.output().batch(1);
                Self::Fixed(Fixed { operation, output: [channels, height, width] })
            }
        }
    }

    /// Applies the layer by its definition. The phase is that of the input's device: training on an autodiff device
    /// (batch statistics, dropout, drawn slopes), testing on any other.
    ///
    /// # Shapes
    /// - input: `[batch, channels, height, width]` as the layer's specification has it
    /// - output: likewise
    #[must_use]
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Dense(dense) => dense.forward(input),
            Self::Conv2d(conv) => conv.forward(input),
            Self::BatchNorm(norm) => norm.forward(input),
            Self::Dropout(dropout) => dropout.forward(input),
            Self::Activation(activation) => activation.forward(input),
            Self::Fixed(fixed) => fixed.forward(input),
        }
    }
}

impl Dense {
    /// The layer by its definition.
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let [inputs, units] = weight.dims();
        let batch = input.dims()[0];
        let rows: Tensor<2> = input.reshape([batch, inputs]);
        let bias = self.bias.as_ref().map(Param::val);
        linear(rows, weight, bias).reshape([batch, units, 1, 1])
    }

    /// The layer by the fastest algorithm, equal but for rounding, and the ReLU after it if
    /// `rectified`.
    pub(super) fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        dense(input, self.weight.val(), self.bias.as_ref().map(Param::val), rectified)
    }
}

impl Conv2d {
    /// The convolution by its definition.
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let Convolution { stride, dilation, .. } = self.settings;
        let padding = self.settings.padding_pixels();
        let options =
            ConvOptions::new_with_padding(stride.to_array(), padding, dilation.to_array(), 1);
        conv2d(input, self.weight.val(), self.bias.as_ref().map(Param::val), options)
    }

    /// The convolution, by the fastest algorithm and equal but for rounding, and the ReLU after it
    /// if `rectified`.
    pub(super) fn forward_fast(&self, input: Tensor<4>, rectified: bool) -> Tensor<4> {
        let Convolution { kernel, stride, dilation, .. } = self.settings;
        let [(top, bottom), (left, right)] = self.settings.padding_pixels();
        let sizes = [kernel, stride, dilation].map(Pair::to_array);
        if sizes == [[3, 3], [1, 1], [1, 1]] && top == bottom && left == right {
            let (weight, bias) = (self.weight.val(), self.bias.as_ref().map(Param::val));
            return convolution3x3(input, weight, bias, [top, left], rectified);
        }
        let output = self.forward(input);
        if rectified { relu(output) } else { output }
    }
}

impl Fixed {
    /// The layer by the fastest algorithm. Its output is that of its definition.
    pub(super) fn forward_fast(&self, input: Tensor<4>) -> Tensor<4> {
        match self.operation {
            Operation::MaxPool2d(Window { size, stride, padding }) => {
                let [size, stride, padding] = [size, stride, padding].map(Pair::to_array);
                maximum_pool(input, size, stride, padding)
            }
            _ => self.forward(input),
        }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self.operation {
            Operation::MaxPool2d(Window { size, stride, padding }) => {
                let options = MaxPoolOptions::new(size.to_array())
                    .with_stride(stride.to_array())
                    .with_padding(padding.to_array());
                max_pool2d(input, options)
            }
            Operation::AvgPool2d(Window { size, stride, padding }) => {
                let options = AvgPoolOptions::new(size.to_array())
                    .with_stride(stride.to_array())
                    .with_padding(padding.to_array())
                    .with_count_include_pad(false);
                avg_pool2d(input, options)
            }
            Operation::Upsample { factor, mode } => {
                let mode = match mode {
                    UpsampleMode::Nearest => InterpolateMode::Nearest,
                    UpsampleMode::Bilinear => InterpolateMode::Bilinear,
                };
                let [_, _, height, width] = input.dims();
                let size = [height * factor.height, width * factor.width];
                let options =
                    InterpolateOptions::new(mode).with_align_corners(false).with_output_size(size);
                interpolate(input, options)
            }
            Operation::Softmax => softmax(input, 1),
            // The remaining layers only regroup values.
            _ => {
                let batch = input.dims()[0];
                let [channels, height, width] = self.output;
                input.reshape([batch, channels, height, width])
            }
        }
    }
}
