//! How the output maps of a fully convolutional network lie over its input.

use super::layers::reading::{Reading, Step};
use super::operation::Operation;
use super::origin::Origin;
use super::reach::Reach;
use super::spec::{LayerSpec, NetworkSpec};
use crate::value::shape::Shape;

/// How the output maps of a fully convolutional network lie over its input, whatever the input's
/// size. Axes are height and width; pixels are counted from 0 at their centers.
#[derive(Clone, Debug)]
pub struct Alignment {
    layers: Vec<(Operation, Vec<Origin>)>,
    input: Shape,
    axes: [Reach; 2],
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
    /// The name of a layer that works on inputs of one size only: one that reads everything, such as a
    /// dense layer, or that joins maps of unlike resolution.
    pub fn new(spec: &NetworkSpec) -> Result<Self, String> {
        let layers = spec.layers();
        let one_size = |layer: &&LayerSpec| {
            let alike = layer.inputs().iter().all(|input| input.area() == layer.input().area());
            layer.behavior().reading == Reading::Everything || !alike
        };
        if let Some(layer) = layers.iter().find(one_size) {
            return Err(layer.name().to_owned());
        }
        let axes = [0, 1].map(|axis| Reach::new(layers, axis, |step| step));
        let [height, width] = axes.each_ref().map(Lattice::new);
        let unlike = |index: usize| layers[index].name().to_owned();
        let ends = [height.map_err(unlike)?, width.map_err(unlike)?];
        let periods = ends.each_ref().map(|lattice| lattice.period);
        Ok(Self {
            layers: layers
                .iter()
                .map(|layer| (layer.operation().clone(), layer.origins().to_vec()))
                .collect(),
            input: spec.input(),
            axes,
            stride: ends.each_ref().map(|lattice| lattice.end.stride),
            origin: ends.each_ref().map(|lattice| lattice.end.origin),
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

    /// Sizes of the output for an input of the given sizes; none where it is too small, or where maps
    /// that are joined would have unlike sizes.
    #[must_use]
    pub fn output(&self, [height, width]: [usize; 2]) -> Option<[usize; 2]> {
        let input = Shape::Maps { channels: self.input.channels(), height, width };
        let mut shapes: Vec<Shape> = Vec::new();
        for (operation, origins) in &self.layers {
            let inputs: Vec<Shape> =
                origins.iter().map(|origin| origin.among(input, &shapes)).collect();
            if inputs.iter().any(|input| input.area() != inputs[0].area()) {
                return None;
            }
            shapes.push(operation.rule().output(&inputs).ok()?);
        }
        Origin::before(shapes.len()).among(input, &shapes).area()
    }

    /// The least number of pixels along an axis (0 height, 1 width), at least `pixels`, for which maps
    /// that are joined fit.
    #[must_use]
    pub fn fitting(&self, axis: usize, pixels: usize) -> usize {
        let fits = |pixels: &usize| {
            let mut sizes = self.input.area().unwrap_or([1, 1]);
            sizes[axis] = *pixels;
            self.output(sizes).is_some()
        };
        (pixels..=pixels.saturating_add(self.period)).find(fits).unwrap_or(pixels)
    }

    /// First and last input pixel that an output value reads along an axis (0 height, 1 width);
    /// padding has numbers below 0 or beyond the last pixel.
    #[must_use]
    pub fn span(&self, axis: usize, output: i64) -> (i64, i64) {
        self.axes[axis].span(self.layers.len(), output)
    }
}

/// Where values lie along an axis of the input: position `o` at `stride * o + origin`.
#[derive(Clone, Copy, Debug)]
struct Place {
    stride: f64,
    origin: f64,
    /// The stride as a reduced fraction.
    ratio: (usize, usize),
}

/// Where the values of a whole network lie.
struct Lattice {
    end: Place,
    /// The shortest way an input can be moved so that every layer's values move by whole places.
    period: usize,
}

impl Lattice {
    /// Follows the layers.
    ///
    /// # Errors
    /// The layer that joins maps of unlike strides.
    fn new(reach: &Reach) -> Result<Self, usize> {
        let input = Place { stride: 1.0, origin: 0.0, ratio: (1, 1) };
        let mut places: Vec<Place> = Vec::new();
        let mut period = 1;
        for (index, (step, origins)) in reach.steps().enumerate() {
            let inputs: Vec<Place> =
                origins.iter().map(|origin| origin.among(input, &places)).collect();
            let before = Place::of_all(&inputs).ok_or(index)?;
            let place = step.map_or(before, |step| before.after(step));
            period = least_common_multiple(period, place.ratio.0);
            places.push(place);
        }
        Ok(Self { end: places.last().copied().unwrap_or(input), period })
    }
}

impl Place {
    /// The middle of places with one stride; none of unlike strides.
    fn of_all(places: &[Self]) -> Option<Self> {
        let first = places.first()?;
        if places.iter().any(|place| place.ratio != first.ratio) {
            return None;
        }
        let origins = || places.iter().map(|place| place.origin);
        let (least, most) =
            (origins().fold(f64::MAX, f64::min), origins().fold(f64::MIN, f64::max));
        Some(Self { origin: f64::midpoint(least, most), ..*first })
    }

    /// The places of the values that a step makes of these.
    #[expect(clippy::cast_precision_loss, reason = "sizes in pixels are far below 2^52")]
    fn after(self, step: Step) -> Self {
        let Self { stride, origin, ratio: (over, under) } = self;
        let (own, first, ratio) = match step {
            Step::Window { reach, stride, before } => {
                let center = 0.5 * reach as f64 - before as f64;
                (stride as f64, center, (over.saturating_mul(unsigned(stride)), under))
            }
            Step::Nearest { factor } | Step::Bilinear { factor } => {
                let share = 1.0 / factor as f64;
                (share, 0.5 * share - 0.5, (over, under.saturating_mul(unsigned(factor))))
            }
            Step::Spread { reach, stride, before } => {
                // The middle of the outputs that one input spreads to lies where the input does.
                let share = 1.0 / stride as f64;
                let first = (before as f64 - 0.5 * reach as f64) * share;
                (share, first, (over, under.saturating_mul(unsigned(stride))))
            }
        };
        let common = greatest_common_divisor(ratio.0, ratio.1);
        Self {
            stride: stride * own,
            origin: stride.mul_add(first, origin),
            ratio: (ratio.0 / common, ratio.1 / common),
        }
    }
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
    fn branches_are_read_together() {
        let found = alignment(
            r#"
            { type = "conv2d", name = "a", filters = 1, kernel = 3, padding = "same" },
            { type = "max-pool2d", size = 2 },
            { type = "conv2d", filters = 1, kernel = 3, padding = "same" },
            { type = "conv-transpose2d", name = "up", filters = 1, kernel = 2, stride = 2 },
            { type = "concat", from = ["a", "up"] }"#,
        );
        assert_eq!((found.stride(), found.origin(), found.period()), ([1.0; 2], [0.0; 2], 8));
        // Place 5 reads 4 to 6 through `a`, and through the rest the pixels of the squares 1 to 3.
        assert_eq!(found.span(0, 5), (2 - 1, 7 + 1));
        assert_eq!(found.output([8, 10]), Some([8, 10]));
        assert_eq!(found.output([8, 11]), None);
        assert_eq!((found.fitting(0, 8), found.fitting(1, 11)), (8, 12));
    }

    #[test]
    fn layers_that_join_unlike_resolutions_are_named() {
        let joined = |other: &str| {
            let config = format!(
                "input = [1, 8, 8]\nlayers = [{{ type = \"max-pool2d\", size = 2, name = \"a\" }}, \
                 {{ {other}, name = \"b\", from = \"input\" }}, {{ type = \"add\", from = [\"a\", \"b\"] }}]"
            );
            Alignment::new(&NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap())
        };
        assert!(joined("type = \"avg-pool2d\", size = 2").is_ok());
        let five = joined("type = \"conv2d\", filters = 1, kernel = 5");
        assert_eq!(five.unwrap_err(), "add1");
        assert_eq!(joined("type = \"global-avg-pool\"").unwrap_err(), "b");
    }

    #[test]
    fn layers_of_one_size_are_named() {
        let config = "input = [1, 8, 8]\nlayers = [{ type = \"flatten\" }]";
        let spec = NetworkSpec::new(&toml::from_str(config).unwrap()).unwrap();
        assert_eq!(Alignment::new(&spec).unwrap_err(), "flatten1");
    }
}
