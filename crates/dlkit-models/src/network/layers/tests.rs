//! Shapes, ranges and messages of every type of layer.

use burn::tensor::{Device, Tensor};
use proptest::prelude::*;

use crate::network::{Network, NetworkConfig, NetworkSpec};
use crate::value::Shape;

fn spec(recipe: &str) -> Result<NetworkSpec, String> {
    let config: NetworkConfig = toml::from_str(recipe).unwrap();
    NetworkSpec::new(&config).map_err(|error| error.to_string())
}

/// The shape one layer gives.
fn output(input: &str, layer: &str) -> Result<Shape, String> {
    spec(&format!("input = {input}\nlayers = [{{ {layer} }}]")).map(|spec| spec.output())
}

fn error(input: &str, layer: &str) -> String {
    output(input, layer).unwrap_err()
}

const fn maps(channels: usize, height: usize, width: usize) -> Shape {
    Shape::Maps { channels, height, width }
}

#[test]
fn shapes_of_convolutions() {
    let conv = |keys: &str| output("[2, 9, 7]", &format!("type = \"conv2d\", filters = 3, {keys}"));
    assert_eq!(conv("kernel = [3, 2]"), Ok(maps(3, 7, 6)));
    assert_eq!(conv("kernel = [4, 2], padding = \"same\""), Ok(maps(3, 9, 7)));
    assert_eq!(conv("kernel = 3, padding = [1, 2]"), Ok(maps(3, 9, 9)));
    assert_eq!(conv("kernel = 3, stride = [2, 3]"), Ok(maps(3, 4, 2)));
    assert_eq!(conv("kernel = [3, 2], dilation = 3"), Ok(maps(3, 3, 4)));
}

#[test]
fn shapes_of_other_layers() {
    assert_eq!(output("[4]", "type = \"dense\", units = 3"), Ok(Shape::Features(3)));
    assert_eq!(output("[2, 9, 7]", "type = \"max-pool2d\", size = 2"), Ok(maps(2, 4, 3)));
    let pool = "type = \"avg-pool2d\", size = [3, 2], stride = 1, padding = 1";
    assert_eq!(output("[2, 9, 7]", pool), Ok(maps(2, 9, 8)));
    assert_eq!(output("[2, 9, 7]", "type = \"flatten\""), Ok(Shape::Features(126)));
    assert_eq!(output("[6]", "type = \"reshape\", shape = [1, 2, 3]"), Ok(maps(1, 2, 3)));
    assert_eq!(output("[2, 3, 4]", "type = \"upsample\", factor = [2, 3]"), Ok(maps(2, 6, 12)));
    assert_eq!(output("[2, 3, 4]", "type = \"softmax\""), Ok(maps(2, 3, 4)));
}

#[test]
fn rejects_layers_that_do_not_fit_together() {
    assert_eq!(
        error("[1, 28, 28]", "type = \"dense\", units = 3"),
        "`layers[0]` (layer `dense1`): a dense layer expects [features] but receives [1, 28, 28]; \
         add a \"flatten\" layer before it"
    );
    assert_eq!(
        error("[784]", "type = \"conv2d\", filters = 3, kernel = 3, name = \"stem\""),
        "`layers[0]` (layer `stem`): this layer expects [channels, height, width] but receives \
         [784]; add a \"reshape\" layer before it"
    );
    assert_eq!(
        error("[1, 4, 9]", "type = \"conv2d\", filters = 3, kernel = [3, 5], dilation = 2"),
        "`layers[0]` (layer `conv1`): the input [1, 4, 9] is smaller than the 3x5 kernel \
         (dilation 2x2, padding included)"
    );
    assert_eq!(
        error("[1, 4, 9]", "type = \"avg-pool2d\", size = 5"),
        "`layers[0]` (layer `avg_pool1`): the input [1, 4, 9] is smaller than the 5x5 window"
    );
    assert_eq!(
        error("[1, 4, 9]", "type = \"reshape\", shape = [6, 7]"),
        "`layers[0].shape` is [6, 7]; it must be [features] or [channels, height, width], each 1 \
         or more"
    );
    assert_eq!(
        error("[1, 4, 9]", "type = \"reshape\", shape = [2, 5, 4]"),
        "`layers[0]` (layer `reshape1`): the input [1, 4, 9] has 36 values, but the shape [2, 5, \
         4] has 40"
    );
}

#[test]
fn rejects_values_out_of_range() {
    let reason = |layer: &str| error("[2, 9, 7]", layer);
    assert_eq!(
        error("[3]", "type = \"dense\", units = 0"),
        "`layers[0].units` must be 1 or more, not 0"
    );
    assert_eq!(
        reason("type = \"conv2d\", filters = 0, kernel = 3"),
        "`layers[0].filters` must be 1 or more, not 0"
    );
    assert_eq!(
        reason("type = \"conv2d\", filters = 2, kernel = [3, 0]"),
        "`layers[0].kernel` must be 1 or more, not 3x0"
    );
    assert_eq!(
        reason("type = \"conv2d\", filters = 2, kernel = 3, stride = 0"),
        "`layers[0].stride` must be 1 or more, not 0x0"
    );
    assert_eq!(
        reason("type = \"conv2d\", filters = 2, kernel = 3, dilation = 0"),
        "`layers[0].dilation` must be 1 or more, not 0x0"
    );
    assert_eq!(
        reason("type = \"conv2d\", filters = 2, kernel = 3, stride = 2, padding = \"same\""),
        "`layers[0].padding` is \"same\", which needs stride 1, not 2x2; give a number of pixels"
    );
    assert_eq!(
        reason("type = \"max-pool2d\", size = 0"),
        "`layers[0].size` must be 1 or more, not 0x0"
    );
    assert_eq!(
        reason("type = \"max-pool2d\", size = [3, 2], padding = [1, 2]"),
        "`layers[0].padding` must be at most half the size 3x2, not 1x2"
    );
    assert_eq!(
        reason("type = \"upsample\", factor = [0, 2]"),
        "`layers[0].factor` must be 1 or more, not 0x2"
    );
    assert_eq!(
        reason("type = \"batch-norm\", epsilon = 0.0"),
        "`layers[0].epsilon` must be a number above 0, not 0"
    );
    assert_eq!(
        reason("type = \"batch-norm\", momentum = 1.5"),
        "`layers[0].momentum` must be from 0 to 1, not 1.5"
    );
    assert_eq!(
        reason("type = \"dropout\", rate = 1.0"),
        "`layers[0].rate` must be from 0 to below 1, not 1"
    );
}

#[test]
fn rejects_constants_of_activations_and_initializers_out_of_range() {
    assert_eq!(
        error("[3]", "type = \"activation\", function = { kind = \"elu\", alpha = inf }"),
        "`layers[0].function.alpha` must be a finite number, not inf"
    );
    assert_eq!(
        error("[3]", "type = \"dense\", units = 1, activation = { kind = \"prelu\", slope = nan }"),
        "`layers[0].activation.slope` must be a finite number, not NaN"
    );
    assert_eq!(
        error("[3]", "type = \"activation\", function = { kind = \"rrelu\", lower = 0.5 }"),
        "`layers[0].function.lower` is 0.5, but must not exceed upper = 0.3333333333333333"
    );
    let paper =
        "type = \"activation\", function = { kind = \"rrelu\", mode = \"paper\", lower = 0.0 }";
    assert_eq!(
        error("[3]", paper),
        "`layers[0].function.lower` must be above 0, not 0: mode \"paper\" divides by the drawn \
         slope"
    );
    let constant =
        "type = \"dense\", units = 1, initializer = { kind = \"constant\", value = inf }";
    assert_eq!(
        error("[3]", constant),
        "`layers[0].initializer.value` must be a finite number, not inf"
    );
    assert_eq!(
        spec("input = [3]\nactivation = { kind = \"leaky-relu\", slope = inf }\nlayers = []")
            .unwrap_err(),
        "`activation.slope` must be a finite number, not inf"
    );
}

#[test]
fn rejects_numbers_beyond_any_memory() {
    let reason = |layer: &str| error("[1, 28, 28]", layer);
    let conv = |keys: &str| error("[1, 28, 28]", &format!("type = \"conv2d\", {keys}"));
    assert_eq!(
        error("[3]", "type = \"dense\", units = 1000000000000"),
        "`layers[0].units` must be at most 268435456 (2^28), not 1000000000000"
    );
    assert_eq!(
        error("[3]", "type = \"dense\", units = 9000000000000000000"),
        "`layers[0].units` must be at most 268435456 (2^28), not 9000000000000000000"
    );
    assert_eq!(
        conv("filters = 10000000, kernel = 3"),
        "`layers[0]` (layer `conv1`): it outputs [10000000, 26, 26]; at most 268435456 (2^28) \
         values are allowed"
    );
    let most = "must be at most 1048576 (2^20), not";
    let huge = i64::MAX;
    for key in ["padding", "dilation", "stride"] {
        assert_eq!(
            conv(&format!("filters = 3, kernel = 3, {key} = [1, {huge}]")),
            format!("`layers[0].{key}` {most} 1x{huge}")
        );
    }
    assert_eq!(
        conv(&format!("filters = 3, kernel = {huge}, padding = \"same\"")),
        format!("`layers[0].kernel` {most} {huge}x{huge}")
    );
    assert_eq!(
        reason(&format!("type = \"max-pool2d\", size = {huge}, padding = {}", huge / 2)),
        format!("`layers[0].size` {most} {huge}x{huge}")
    );
    assert_eq!(
        reason(&format!("type = \"upsample\", factor = [{huge}, 1]")),
        format!("`layers[0].factor` {most} {huge}x1")
    );
    assert_eq!(
        reason("type = \"upsample\", factor = 1000"),
        "`layers[0]` (layer `upsample1`): it enlarges [1, 28, 28] by 1000x1000 to [1, 28000, \
         28000]; at most 268435456 (2^28) values are allowed"
    );
    assert_eq!(
        conv("filters = 1, kernel = 1, stride = 1048576, padding = 1048576"),
        "`layers[0]` (layer `conv1`): it pads its input to [1, 2097180, 2097180]; at most \
         268435456 (2^28) values are allowed"
    );
    assert_eq!(
        spec(&format!("input = [3, {huge}, {huge}]\nlayers = []")).unwrap_err(),
        format!("`input` is [3, {huge}, {huge}]; at most 268435456 (2^28) values are allowed")
    );
}

/// A convolution or pooling layer, most of them valid for the inputs they are tried on.
fn layers() -> impl Strategy<Value = String> {
    let pair = |sizes: std::ops::Range<usize>| (sizes.clone(), sizes);
    let conv = (pair(1..5), pair(1..4), pair(1..3), pair(0..3), 1..4_usize, any::<bool>())
        .prop_map(|((kh, kw), (sh, sw), (dh, dw), (ph, pw), filters, same)| {
            let place = if same {
                "padding = \"same\"".to_owned()
            } else {
                format!("stride = [{sh}, {sw}], padding = [{ph}, {pw}]")
            };
            format!(
                "type = \"conv2d\", filters = {filters}, kernel = [{kh}, {kw}], \
                 dilation = [{dh}, {dw}], {place}"
            )
        });
    let pool = (pair(1..5), pair(1..4), pair(0..3), prop_oneof![Just("max"), Just("avg")])
        .prop_map(|((height, width), (sh, sw), (ph, pw), kind)| {
            let (ph, pw) = (ph.min(height / 2), pw.min(width / 2));
            format!(
                "type = \"{kind}-pool2d\", size = [{height}, {width}], stride = [{sh}, {sw}], \
                 padding = [{ph}, {pw}]"
            )
        });
    prop_oneof![conv, pool]
}

proptest! {
    #[test]
    fn the_inferred_shape_is_that_of_the_output(
        channels in 1..4_usize,
        height in 1..9_usize,
        width in 1..9_usize,
        batch in 1..3_usize,
        layer in layers(),
    ) {
        let recipe =
            format!("input = [{channels}, {height}, {width}]\nlayers = [{{ {layer} }}]");
        // A kernel larger than the input is refused; all other settings are valid.
        if let Ok(spec) = spec(&recipe) {
            let network = Network::new(&spec, 0, &Device::flex());
            let input = Tensor::<4>::ones(spec.input().batch(batch), &Device::flex());
            prop_assert_eq!(network.forward(input).dims(), spec.output().batch(batch), "{}", recipe);
        }
    }
}
