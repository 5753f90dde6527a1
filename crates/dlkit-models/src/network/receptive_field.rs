//! How much of the input an output value can depend on.

use super::layers::reading::Step;
use super::reach::Reach;
use super::spec::LayerSpec;
use crate::value::shape::Shape;

/// After upsampling, positions see unequal stretches that come again; looking at more than this
/// many of them would take long and find nothing new.
const MOST_POSITIONS: usize = 4_096;
/// Most positions times the square of layers, of which a file can have many.
const MOST_STEPS: usize = 1 << 24;

/// Receptive fields: most pixels that an output value of each layer depends on, `[height, width]`,
/// padding taken to go on for ever. `None` where it depends on the whole input, or the output is no
/// map.
pub(super) fn receptive_fields(input: Shape, layers: &[LayerSpec]) -> Vec<Option<[usize; 2]>> {
    let axes = [0, 1].map(|axis| Reach::new(layers, axis, Step::without_padding));
    let mut bounded: Vec<bool> = Vec::new();
    let mut fields = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let is_map = matches!(input, Shape::Maps { .. });
        let all = layer.behavior().reading.is_local()
            && layer.origins().iter().all(|origin| origin.among(is_map, &bounded));
        bounded.push(all);
        fields.push(all.then(|| axes.each_ref().map(|reach| extent(reach, index + 1))));
    }
    fields
}

fn extent(reach: &Reach, layers: usize) -> usize {
    let factor = |step: Option<Step>| match step {
        None | Some(Step::Window { .. }) => 1,
        Some(Step::Nearest { factor } | Step::Bilinear { factor }) => factor,
        Some(Step::Spread { stride, .. }) => stride,
    };
    let factors = reach.steps().take(layers).map(|(step, _)| factor(step));
    let most = (MOST_STEPS / (layers * layers).max(1)).clamp(1, MOST_POSITIONS);
    let period = factors.fold(1, i64::saturating_mul).min(i64::try_from(most).unwrap_or(1));
    let seen = |position: i64| {
        let (first, last) = reach.span(layers, position);
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
    fn branches_see_what_all_of_them_see() {
        let found = fields(
            r#"
            { type = "conv2d", filters = 1, kernel = [3, 1], padding = "same" },
            { type = "conv2d", filters = 1, kernel = [1, 5], padding = "same", from = "input" },
            { type = "add", from = ["conv1", "conv2"] },
            { type = "conv-transpose2d", filters = 1, kernel = 4, stride = 2, padding = 1 }"#,
        );
        // Each enlarged pixel comes from two positions along each axis.
        assert_eq!(found, [[3, 1], [1, 5], [3, 5], [4, 6]]);
    }

    #[test]
    fn transposed_convolutions_see_unequal_stretches() {
        let found = fields(
            r#"
            { type = "conv-transpose2d", filters = 1, kernel = 2, stride = 2 },
            { type = "conv2d", filters = 1, kernel = [2, 4] }"#,
        );
        assert_eq!(found, [[1, 1], [2, 3]]);
    }

    #[test]
    fn huge_strides_do_not_overflow() {
        let huge = "{ type = \"avg-pool2d\", size = 1, stride = 1048576 }, ".repeat(5);
        let found = fields(&format!("{huge}{{ type = \"max-pool2d\", size = 1 }}"));
        assert_eq!(found.last(), Some(&[1, 1]));
    }
}
