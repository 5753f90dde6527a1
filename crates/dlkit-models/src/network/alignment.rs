//! How the output maps of a fully convolutional network lie over its input.

use super::layers::reading::{LARGEST, Reading, Step};
use super::operation::Operation;
use super::spec::{LayerSpec, NetworkSpec};
use crate::value::shape::Shape;

/// How the output maps of a fully convolutional network lie over its input, whatever the input's
/// size. Axes are height and width; pixels are counted from 0 at their centers.
#[derive(Clone, Debug)]
pub struct Alignment {
    operations: Vec<Operation>,
    channels: usize,
    axes: [Vec<Step>; 2],
    stride: [f64; 2],
    origin: [f64; 2],
    period: usize,
}

/// Side of the output squares of fast convolutions. Inputs that begin at multiples of it round
/// equal pixels equally.
const WINOGRAD_TILE: usize = 4;

impl Alignment {
    /// The alignment of a network.
    ///
    /// # Errors
    /// The name of a layer that works on inputs of one size only, such as a dense layer.
    pub fn new(spec: &NetworkSpec) -> Result<Self, String> {
        let mut axes = [const { Vec::new() }, const { Vec::new() }];
        for layer in spec.layers() {
            match layer.behavior().reading {
                Reading::Everything => return Err(layer.name().to_owned()),
                Reading::Place => {}
                Reading::Around(steps) => {
                    for (axis, step) in axes.iter_mut().zip(steps) {
                        axis.push(step);
                    }
                }
            }
        }
        let centers = axes.each_ref().map(|steps| center(steps));
        let periods = axes.each_ref().map(|steps| period(steps));
        Ok(Self {
            operations: spec.layers().iter().map(LayerSpec::operation).cloned().collect(),
            channels: spec.input().channels(),
            axes,
            stride: centers.map(|(stride, _)| stride),
            origin: centers.map(|(_, origin)| origin),
            period: WINOGRAD_TILE * least_common_multiple(periods[0], periods[1]),
        })
    }

    /// Input pixels from one output value to the next, `[height, width]`.
    #[must_use]
    pub const fn stride(&self) -> [f64; 2] {
        self.stride
    }

    /// Where in the input the first output value lies: the center of what it sees.
    #[must_use]
    pub const fn origin(&self) -> [f64; 2] {
        self.origin
    }

    /// Input pixels by which an input may be moved so that outputs move by whole places and are
    /// computed alike.
    #[must_use]
    pub const fn period(&self) -> usize {
        self.period
    }

    /// Sizes of the output for an input of the given sizes; none where it is too small.
    #[must_use]
    pub fn output(&self, [height, width]: [usize; 2]) -> Option<[usize; 2]> {
        let mut shape = Shape::Maps { channels: self.channels, height, width };
        for operation in &self.operations {
            shape = operation.rule().output(shape).ok()?;
        }
        match shape {
            Shape::Maps { height, width, .. } => Some([height, width]),
            Shape::Features(_) => None,
        }
    }

    /// First and last input pixel that an output value reads along an axis (0 height, 1 width);
    /// padding has numbers below 0 or beyond the last pixel.
    #[must_use]
    pub fn span(&self, axis: usize, output: i64) -> (i64, i64) {
        self.axes[axis].iter().rev().fold((output, output), |(first, last), step| {
            (step.span(first).0.max(-LARGEST), step.span(last).1.min(LARGEST))
        })
    }
}

/// Stride and origin of outputs in the input: position `o` lies at `stride * o + origin`.
#[expect(clippy::cast_precision_loss, reason = "sizes in pixels are far below 2^52")]
fn center(steps: &[Step]) -> (f64, f64) {
    steps.iter().rev().fold((1.0, 0.0), |(scale, offset), step| match *step {
        Step::Window { reach, stride, before } => {
            let stride = stride as f64;
            (scale * stride, offset * stride + 0.5 * reach as f64 - before as f64)
        }
        Step::Nearest { factor } | Step::Bilinear { factor } => {
            let factor = factor as f64;
            (scale / factor, (offset + 0.5) / factor - 0.5)
        }
    })
}

/// The shortest way an input can be moved so that every layer's values move by whole places.
fn period(steps: &[Step]) -> usize {
    let mut period: usize = 1;
    // The way at the layer so far is `period * moved / over`.
    let (mut moved, mut over) = (1_usize, 1_usize);
    for step in steps {
        match *step {
            Step::Window { stride, .. } => over = over.saturating_mul(unsigned(stride)),
            Step::Nearest { factor } | Step::Bilinear { factor } => {
                moved = moved.saturating_mul(unsigned(factor));
            }
        }
        let common = greatest_common_divisor(moved, over);
        (moved, over) = (moved / common, over / common);
        period = least_common_multiple(period, over);
    }
    period
}

fn unsigned(value: i64) -> usize {
    usize::try_from(value).unwrap_or(1).max(1)
}

const fn greatest_common_divisor(mut left: usize, mut right: usize) -> usize {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

const fn least_common_multiple(left: usize, right: usize) -> usize {
    (left / greatest_common_divisor(left, right)).saturating_mul(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alignment(layers: &str) -> Alignment {
        let config = format!("input = [1, 64, 80]\nlayers = [{layers}]");
        Alignment::new(&NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn valid_convolutions_put_outputs_at_the_center() {
        let eight = "{ type = \"conv2d\", filters = 1, kernel = 3 }, ".repeat(8);
        let found = alignment(&eight);
        assert_eq!((found.stride(), found.origin(), found.period()), ([1.0; 2], [8.0; 2], 4));
        assert_eq!(found.output([32, 40]), Some([16, 24]));
        assert_eq!(found.output([16, 40]), None);
        assert_eq!((found.span(0, 0), found.span(1, 23)), ((0, 16), (23, 39)));
    }

    #[test]
    fn strides_and_upsampling_cancel_and_padding_reaches_outside() {
        let found = alignment(
            r#"
            { type = "conv2d", filters = 1, kernel = 4, stride = [2, 4], padding = 1 },
            { type = "conv2d", filters = 1, kernel = 3, padding = "same" },
            { type = "upsample", factor = 2, mode = "bilinear" }"#,
        );
        // Height: 2 (o / 2 - 1/4) + 3/2 - 1 = o. Width: 4 (o / 2 - 1/4) + 1/2 = 2 o - 1/2.
        assert_eq!((found.stride(), found.origin()), ([1.0, 2.0], [0.0, -0.5]));
        assert_eq!(found.period(), 16);
        // Place 0 lies between -1 and 0, which read -2 to 1 and the kernel around.
        assert_eq!(found.span(0, 0), (2 * -2 - 1, 2 - 1 + 3));
        assert_eq!(found.output([64, 80]), Some([64, 40]));
    }

    #[test]
    fn layers_of_one_size_are_named() {
        let config = "input = [1, 8, 8]\nlayers = [{ type = \"flatten\" }]";
        let spec = NetworkSpec::new(&toml::from_str(config).unwrap()).unwrap();
        assert_eq!(Alignment::new(&spec).unwrap_err(), "flatten1");
    }
}
