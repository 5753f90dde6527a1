//! How much of the input an output value can depend on.

use super::layers::reading::{Reading, Step};
use crate::value::shape::Shape;

/// The layers so far, as what a range of output positions reads of the layer before; padding is
/// taken to go on for ever.
#[derive(Clone, Debug)]
pub(super) struct ReceptiveField {
    on_maps: bool,
    /// Over height and width.
    axes: [Vec<Step>; 2],
}

/// After upsampling, positions see unequal stretches that come again; looking at more than this
/// many of them would take long and find nothing new.
const MOST_POSITIONS: i64 = 4_096;

impl ReceptiveField {
    pub(super) const fn new(input: Shape) -> Self {
        Self {
            on_maps: matches!(input, Shape::Maps { .. }),
            axes: [const { Vec::new() }, const { Vec::new() }],
        }
    }

    /// Adds a layer.
    pub(super) fn push(&mut self, reading: Reading) {
        match reading {
            Reading::Everything => self.on_maps = false,
            Reading::Place => {}
            Reading::Around(steps) => {
                for (axis, step) in self.axes.iter_mut().zip(steps) {
                    axis.push(step.without_padding());
                }
            }
        }
    }

    /// Receptive field: most pixels that an output value depends on, `[height, width]`. `None`
    /// after a layer whose output is not a map.
    pub(super) fn pixels(&self) -> Option<[usize; 2]> {
        self.on_maps.then(|| self.axes.each_ref().map(|steps| extent(steps)))
    }
}

fn extent(steps: &[Step]) -> usize {
    let factor = |step: &Step| match step {
        Step::Window { .. } => 1,
        Step::Nearest { factor } | Step::Bilinear { factor } => *factor,
    };
    let period = steps.iter().map(factor).fold(1, i64::saturating_mul).min(MOST_POSITIONS);
    let seen = |position: i64| {
        let (first, last) = steps.iter().rev().fold((position, position), |(first, last), step| {
            (step.span(first).0, step.span(last).1)
        });
        last.saturating_sub(first).saturating_add(1)
    };
    let most = (0..period).map(seen).max().unwrap_or(1);
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{NetworkSpec, NetworkSummary};

    fn fields(layers: &str) -> Vec<[usize; 2]> {
        let config = format!("input = [1, 60, 90]\nlayers = [{layers}]");
        let spec = NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap();
        let layers = NetworkSummary::new(&spec).layers;
        layers.into_iter().map(|layer| layer.receptive_field.unwrap()).collect()
    }

    #[test]
    fn strides_dilation_and_upsampling_shape_it() {
        let found = fields(
            r#"
            { type = "conv2d", filters = 1, kernel = [3, 5], stride = 2, padding = [1, 2] },
            { type = "conv2d", filters = 1, kernel = 3, dilation = [2, 1], padding = "same" },
            { type = "upsample", factor = 2 },
            { type = "conv2d", filters = 1, kernel = 3, padding = "same" }"#,
        );
        // 3, + 2*2*2 = 11, the same, + 2*1 = 13; 5, + 2*2 = 9, the same, + 2*1 = 11.
        assert_eq!(found, [[3, 5], [11, 9], [11, 9], [13, 11]]);
    }

    #[test]
    fn bilinear_upsampling_reads_two_pixels() {
        let found = fields(
            r#"
            { type = "conv2d", filters = 1, kernel = 3, stride = [4, 1] },
            { type = "upsample", factor = [3, 2], mode = "bilinear" }"#,
        );
        // Two values that lie 4 and 1 pixels apart.
        assert_eq!(found, [[3, 3], [7, 4]]);
    }

    #[test]
    fn a_kernel_across_an_edge_of_enlarged_pixels_reads_both() {
        let found = fields(
            r#"
            { type = "conv2d", filters = 1, kernel = 3, stride = 4 },
            { type = "upsample", factor = 3 },
            { type = "conv2d", filters = 1, kernel = [2, 5] }"#,
        );
        // Two enlarged pixels, and for five in a row up to three: 3 + 4, 3 + 2 * 4.
        assert_eq!(found, [[3, 3], [3, 3], [7, 11]]);
    }

    #[test]
    fn huge_strides_do_not_overflow() {
        let huge = "{ type = \"avg-pool2d\", size = 1, stride = 1048576 }, ".repeat(5);
        let found = fields(&format!("{huge}{{ type = \"max-pool2d\", size = 1 }}"));
        assert_eq!(found.last(), Some(&[1, 1]));
    }
}
