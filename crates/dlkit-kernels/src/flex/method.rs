//! Which kernel computes a convolution.

use crate::winograd::Ending;
use crate::{direct, winograd};

/// How a kernel moves over maps. Arrays are over height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Pixels between two positions.
    pub stride: [usize; 2],
    /// Zeros before and after the input along each axis.
    pub padding: [(usize, usize); 2],
    /// Pixels between two values that a kernel reads.
    pub dilation: [usize; 2],
    /// Groups that channels and filters are divided into.
    pub groups: usize,
}

/// The kernel for a convolution and its sizes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    /// 3x3 with stride 1 over several channels.
    Winograd(winograd::Shape),
    /// Any other.
    Direct(direct::Shape),
}

impl Method {
    /// The kernel for an input `[batch, channels, height, width]` and weights `[filters, channels / groups,
    /// height, width]`; none for shapes that do not go together, and for rare ones.
    pub(super) fn new(input: [usize; 4], weight: [usize; 4], movement: Movement) -> Option<Self> {
        let [batch, channels, height, width] = input;
        let [filters, group_channels, rows, columns] = weight;
        let Movement { stride, padding, dilation, groups } = movement;
        if group_channels.checked_mul(groups) != Some(channels) {
            return None;
        }
        let [(top, bottom), (left, right)] = padding;
        let plain = [[rows, columns], stride, dilation] == [[3, 3], [1, 1], [1, 1]] && groups == 1;
        // A single channel leaves too few sums to make up for the transforms.
        let many = channels > 1 && batch * filters > 0;
        if plain && many && top == bottom && left == right {
            let shape =
                winograd::Shape { batch, channels, filters, height, width, padding: [top, left] };
            if shape.output().is_some() {
                return Some(Self::Winograd(shape));
            }
        }
        let shape = direct::Shape {
            batch,
            channels,
            filters,
            groups,
            input: [height, width],
            kernel: [rows, columns],
            stride,
            dilation,
            padding,
        };
        shape.output().map(|_| Self::Direct(shape))
    }

    /// The shape of the output.
    pub(super) fn output(&self) -> [usize; 4] {
        let (batch, filters, output) = match self {
            Self::Winograd(shape) => (shape.batch, shape.filters, shape.output()),
            Self::Direct(shape) => (shape.batch, shape.filters, shape.output()),
        };
        let [height, width] = output.unwrap_or_default();
        [batch, filters, height, width]
    }

    pub(super) fn convolution(
        &self,
        input: &[f32],
        weight: &[f32],
        ending: Ending<'_>,
    ) -> Vec<f32> {
        match *self {
            Self::Winograd(shape) => winograd::convolution(shape, input, weight, ending),
            Self::Direct(shape) => direct::convolution(shape, input, weight, ending),
        }
    }

    pub(super) fn input_gradient(&self, gradient: &[f32], weight: &[f32]) -> Vec<f32> {
        match *self {
            Self::Winograd(shape) => winograd::input_gradient(shape, gradient, weight),
            Self::Direct(shape) => direct::input_gradient(shape, gradient, weight),
        }
    }

    pub(super) fn weight_gradient(&self, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        match *self {
            Self::Winograd(shape) => winograd::weight_gradient(shape, input, gradient),
            Self::Direct(shape) => direct::weight_gradient(shape, input, gradient),
        }
    }

    pub(super) fn bias_gradient(&self, gradient: &[f32]) -> Vec<f32> {
        match *self {
            Self::Winograd(shape) => winograd::bias_gradient(shape, gradient),
            Self::Direct(shape) => direct::bias_gradient(shape, gradient),
        }
    }
}
