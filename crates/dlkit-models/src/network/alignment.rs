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
    layers: Vec<Layer>,
    input: Shape,
    axes: [Reach; 2],
    stride: [f64; 2],
    origin: [f64; 2],
    period: usize,
    is_global: bool,
}

/// What sizes of maps follow from.
#[derive(Clone, Debug)]
struct Layer {
    operation: Operation,
    origins: Vec<Origin>,
    /// Whether its output is one pixel for all places.
    is_placeless: bool,
}

/// Side of the output squares of fast convolutions. Inputs that begin at multiples of it round
/// equal pixels equally.
const WINOGRAD_TILE: usize = 4;

impl Alignment {
    /// The alignment of a network.
    ///
    /// # Errors
    /// The name of a layer that works on inputs of one size only: one that reads everything, such as a
    /// dense layer, or that joins maps of unlike resolution; that of the last one if its output is the
    /// same for all places.
    pub fn new(spec: &NetworkSpec) -> Result<Self, String> {
        let layers = spec.layers();
        let axes = [0, 1].map(|axis| Reach::new(layers, axis, |step| step));
        let [height, width] = axes.each_ref().map(|reach| Lattice::new(layers, reach));
        let unlike = |index: usize| layers[index].name().to_owned();
        let ends = [height.map_err(unlike)?, width.map_err(unlike)?];
        let periods = ends.each_ref().map(|lattice| lattice.period);
        let layer = |(layer, &is_placeless): (&LayerSpec, &bool)| Layer {
            operation: layer.operation().clone(),
            origins: layer.origins().to_vec(),
            is_placeless,
        };
        Ok(Self {
            layers: layers.iter().zip(&ends[0].placeless).map(layer).collect(),
            input: spec.input(),
            axes,
            stride: ends.each_ref().map(|lattice| lattice.end.stride),
            origin: ends.each_ref().map(|lattice| lattice.end.origin),
            period: WINOGRAD_TILE * least_common_multiple(periods[0], periods[1]),
            is_global: ends[0].placeless.contains(&true),
        })
    }

    /// Whether every output value depends on the whole input, of whatever size, so that an input
    /// cannot be computed in parts.
    #[must_use]
    pub const fn is_global(&self) -> bool {
        self.is_global
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
        let mut placeless: Vec<bool> = Vec::new();
        for layer in &self.layers {
            let inputs: Vec<Shape> =
                layer.origins.iter().map(|origin| origin.among(input, &shapes)).collect();
            let placed = layer.origins.iter().filter(|origin| !origin.among(false, &placeless));
            let mut areas = placed.map(|origin| origin.among(input, &shapes).area());
            if let Some(first) = areas.next()
                && areas.any(|area| area != first)
            {
                return None;
            }
            shapes.push(layer.operation.rule().output(&inputs).ok()?);
            placeless.push(layer.is_placeless);
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
    /// Of each layer, whether its output is one pixel for all places.
    placeless: Vec<bool>,
}

impl Lattice {
    /// Follows the layers.
    ///
    /// # Errors
    /// The layer that works on inputs of one size only, that joins maps of unlike sizes or strides, or
    /// that is the last and has no places.
    fn new(layers: &[LayerSpec], reach: &Reach) -> Result<Self, usize> {
        let input = Some(Place { stride: 1.0, origin: 0.0, ratio: (1, 1) });
        let mut places: Vec<Option<Place>> = Vec::new();
        let mut period = 1;
        for (index, (layer, (step, origins))) in layers.iter().zip(reach.steps()).enumerate() {
            let reading = layer.behavior().reading;
            let inputs: Vec<(Place, Shape)> = origins
                .iter()
                .zip(layer.inputs())
                .filter_map(|(origin, shape)| Some((origin.among(input, &places)?, *shape)))
                .collect();
            let alike = inputs.iter().all(|(_, shape)| shape.area() == inputs[0].1.area());
            if reading == Reading::Everything || !alike {
                return Err(index);
            }
            if reading == Reading::Summary || inputs.is_empty() {
                places.push(None);
                continue;
            }
            let before: Vec<Place> = inputs.iter().map(|(place, _)| *place).collect();
            let before = Place::of_all(&before).ok_or(index)?;
            let place = step.map_or(before, |step| before.after(step));
            period = least_common_multiple(period, place.ratio.0);
            places.push(Some(place));
        }
        let end = Origin::before(places.len()).among(input, &places);
        let end = end.ok_or_else(|| places.len().saturating_sub(1))?;
        Ok(Self { end, period, placeless: places.iter().map(Option::is_none).collect() })
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
    }

    #[test]
    fn means_of_everything_have_no_place_and_join_any_size() {
        let context = r#"
            { type = "conv2d", name = "a", filters = 2, kernel = 3, stride = 2, padding = 1 },
            { type = "global-avg-pool" },
            { type = "conv2d", name = "b", filters = 2, kernel = 3, padding = 1 }"#;
        let found = alignment(&format!("{context}, {{ type = \"add\", from = [\"a\", \"b\"] }}"));
        assert!(found.is_global());
        assert_eq!((found.stride(), found.origin(), found.period()), ([2.0; 2], [0.0; 2], 8));
        assert_eq!(found.output([9, 30]), Some([5, 15]));
        assert!(!alignment("{ type = \"conv2d\", filters = 1, kernel = 3 }").is_global());
        let config = format!("input = [1, 8, 8]\nlayers = [{context}]");
        let spec = NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap();
        assert_eq!(Alignment::new(&spec).unwrap_err(), "b");
    }

    #[test]
    fn layers_of_one_size_are_named() {
        let config = "input = [1, 8, 8]\nlayers = [{ type = \"flatten\" }]";
        let spec = NetworkSpec::new(&toml::from_str(config).unwrap()).unwrap();
        assert_eq!(Alignment::new(&spec).unwrap_err(), "flatten1");
    }
}
