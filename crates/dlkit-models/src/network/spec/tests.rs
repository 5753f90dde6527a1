//! Names, defaults, shapes and messages of networks.

use super::NetworkSpec;
use crate::network::{LayerSpec, NetworkConfig};
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

fn names(spec: &NetworkSpec) -> Vec<&str> {
    spec.layers().iter().map(LayerSpec::name).collect()
}

const fn maps(channels: usize, height: usize, width: usize) -> Shape {
    Shape::Maps { channels, height, width }
}

#[test]
fn parameters_are_counted() {
    let recipe = r#"
        input = [2, 5, 4]
        batch_norm = true
        activation = { kind = "prelu", per = "channel" }
        layers = [
            { type = "conv2d", filters = 3, kernel = [3, 2] },
            { type = "flatten" },
            { type = "dense", units = 2, bias = false },
        ]
    "#;
    let spec = spec(recipe).unwrap();
    let counts: Vec<_> = spec.layers().iter().map(LayerSpec::parameters).collect();
    // 3 filters of 2x3x2 and a bias; gamma and beta; slopes; nothing; 3 x 3 x 3 inputs, 2 units.
    assert_eq!(counts, [3 * 13, 6, 3, 0, 54]);
    assert_eq!(spec.parameters(), 102);
}

#[test]
fn defaults_apply_to_hidden_dense_and_convolution_layers_only() {
    let recipe = r#"
        input = [1, 4, 4]
        activation = "relu"
        batch_norm = true
        layers = [
            { type = "conv2d", filters = 2, kernel = 3 },
            { type = "max-pool2d", size = 2 },
            { type = "flatten" },
            { type = "dense", units = 3 },
            { type = "dropout", rate = 0.5 },
            { type = "dense", units = 2 },
            { type = "softmax" },
        ]
    "#;
    let expected = [
        "conv1",
        "conv1.batch_norm",
        "conv1.activation",
        "max_pool1",
        "flatten1",
        "dense1",
        "dense1.batch_norm",
        "dense1.activation",
        "dropout1",
        "dense2",
        "softmax1",
    ];
    assert_eq!(names(&spec(recipe).unwrap()), expected);
}

#[test]
fn a_layer_overrides_the_defaults() {
    let recipe = r#"
        input = [4]
        activation = "relu"
        batch_norm = true
        initializer = "he-normal"
        layers = [
            { type = "dense", units = 3, activation = "none", batch_norm = false },
            { type = "dense", units = 3, activation = "tanh", initializer = "zeros" },
            { type = "dense", units = 2, activation = "sigmoid", batch_norm = true },
        ]
    "#;
    let spec = spec(recipe).unwrap();
    let expected = [
        "dense1",
        "dense2",
        "dense2.batch_norm",
        "dense2.activation",
        "dense3",
        "dense3.batch_norm",
        "dense3.activation",
    ];
    assert_eq!(names(&spec), expected);
    let of = |name: &str| spec.layers().iter().find(|layer| layer.name() == name).unwrap();
    let functions = ["dense2.activation", "dense3.activation"].map(|name| of(name).description());
    assert_eq!(functions, ["tanh", "sigmoid"]);
    let initializers =
        ["dense1", "dense2", "dense3"].map(|name| format!("{:?}", of(name).initializer()));
    // The output layer takes the network's initializer too.
    assert_eq!(initializers, ["HeNormal", "Zeros", "HeNormal"]);
}

#[test]
fn names_are_counted_per_type_or_given() {
    let recipe = r#"
        input = [4]
        layers = [
            { type = "dense", units = 3, name = "encoder" },
            { type = "activation", function = "relu" },
            { type = "dense", units = 3 },
        ]
    "#;
    assert_eq!(names(&spec(recipe).unwrap()), ["encoder", "activation1", "dense2"]);
}

#[test]
fn an_error_carries_the_layers_before_it() {
    let recipe = "input = [1, 6, 5]\nlayers = [{ type = \"max-pool2d\", size = 2 }, \
                  { type = \"dense\", units = 2 }]";
    let error = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap_err();
    let before: Vec<_> = error.before.iter().map(|layer| (layer.name(), layer.output())).collect();
    assert_eq!(before, [("max_pool1", maps(1, 3, 2))]);
    assert_eq!(error.problem.key, "layers[1]");
}

#[test]
fn rejects_a_network_without_input_or_layers() {
    assert_eq!(
        spec("input = [3, 4]\nlayers = []").unwrap_err(),
        "`input` is [3, 4]; it must be [features] or [channels, height, width], each 1 or more"
    );
    assert_eq!(
        spec("input = [0]\nlayers = []").unwrap_err(),
        "`input` is [0]; it must be [features] or [channels, height, width], each 1 or more"
    );
    assert_eq!(
        spec("input = [3]\nlayers = []").unwrap_err(),
        "`layers` is empty; a network needs at least one layer"
    );
}

#[test]
fn rejects_names_given_twice_or_not_allowed() {
    let twice = "input = [3]\nlayers = [{ type = \"softmax\", name = \"a\" }, \
                 { type = \"softmax\", name = \"a\" }]";
    assert_eq!(
        spec(twice).unwrap_err(),
        "`layers[1].name` is \"a\", the name of an earlier layer; choose another"
    );
    assert_eq!(
        error("[3]", "type = \"softmax\", name = \"a.b\""),
        "`layers[0].name` may contain only letters, digits, `_` and `-`, not \"a.b\""
    );
}

#[test]
fn rejects_a_network_of_too_many_parameters() {
    let recipe = "input = [100000]\nlayers = [{ type = \"dense\", units = 20000 }, \
                  { type = \"dense\", units = 10000 }]";
    assert_eq!(
        spec(recipe).unwrap_err(),
        "`layers[1]` (layer `dense2`): dense, 10000 units on [20000] has 200010000 parameters, \
         but the whole network may have at most 2147483648 (2^31)"
    );
}

#[test]
fn a_softmax_is_seen_through_layers_that_only_regroup() {
    let ends = |layers: &str| {
        spec(&format!("input = [2, 3, 4]\nlayers = [{layers}]")).unwrap().ends_in_softmax()
    };
    let softmax = "{ type = \"softmax\" }";
    let regroup = "{ type = \"flatten\" }, { type = \"dropout\", rate = 0.5 }, \
                   { type = \"reshape\", shape = [4, 3, 2] }";
    assert!(ends(softmax));
    assert!(ends(&format!("{softmax}, {regroup}")));
    assert!(!ends(regroup));
    assert!(!ends(&format!("{softmax}, {{ type = \"activation\", function = \"relu\" }}")));
}

fn branches(layers: &str) -> Result<NetworkSpec, String> {
    spec(&format!("input = [2, 6, 4]\nlayers = [{layers}]"))
}

const A: &str = r#"{ type = "conv2d", filters = 3, kernel = 1, name = "a", activation = "relu" }"#;

#[test]
fn layers_read_the_values_that_they_name() {
    let spec = branches(&format!(
        r#"{A}, {{ type = "conv2d", filters = 3, kernel = 1, name = "b", from = "input" }},
           {{ type = "add", from = ["b", "a"] }}, {{ type = "max-pool2d", size = 2 }}"#
    ))
    .unwrap();
    let read: Vec<Vec<&str>> = spec
        .layers()
        .iter()
        .map(|layer| layer.origins().iter().map(|origin| spec.name_of(*origin)).collect())
        .collect();
    let expected =
        [vec!["input"], vec!["a"], vec!["input"], vec!["b", "a.activation"], vec!["add1"]];
    assert_eq!(read, expected);
    assert_eq!(spec.output(), maps(3, 3, 2));
}

#[test]
fn shapes_of_joined_layers() {
    let joined = |join: &str, from: &str, other: &str| {
        branches(&format!(r#"{A}, {other}, {{ type = "{join}", from = {from} }}"#))
            .map(|spec| spec.output())
    };
    let five = r#"{ type = "conv2d", filters = 5, kernel = 1, name = "b", from = "input" }"#;
    let mean = r#"{ type = "global-avg-pool", name = "b" }"#;
    assert_eq!(joined("concat", r#"["a", "b"]"#, five), Ok(maps(8, 6, 4)));
    assert_eq!(joined("concat", r#"["b", "a", "input"]"#, mean), Ok(maps(8, 6, 4)));
    assert_eq!(joined("multiply", r#"["b", "a"]"#, mean), Ok(maps(3, 6, 4)));
    let unlike = joined("add", r#"["a", "b"]"#, five).unwrap_err();
    assert_eq!(
        unlike,
        "`layers[2]` (layer `add1`): it joins [3, 6, 4] and [5, 6, 4], which do not match; they need as \
         many channels: change `filters` or `units` of one"
    );
    let smaller = r#"{ type = "conv2d", filters = 3, kernel = 3, name = "b", from = "input" }"#;
    let unlike = joined("concat", r#"["a", "b"]"#, smaller).unwrap_err();
    assert!(
        unlike.contains("[3, 6, 4] and [3, 4, 2], which do not match; they need one height"),
        "{unlike}"
    );
    let vector = r#"{ type = "flatten", name = "b" }"#;
    let unlike = joined("concat", r#"["a", "b"]"#, vector).unwrap_err();
    assert!(unlike.contains("a \"flatten\" or \"reshape\" layer"), "{unlike}");
    let one = joined("add", r#""b""#, five).unwrap_err();
    assert!(
        one.starts_with("`layers[2]` (layer `add1`): this layer joins two layers or more"),
        "{one}"
    );
}

#[test]
fn wrong_graphs_are_named_with_the_remedy() {
    let error = |layers: &str| branches(layers).unwrap_err();
    let conv = |keys: &str| format!(r#"{{ type = "conv2d", filters = 2, kernel = 1, {keys} }}"#);
    let unknown = error(&format!("{A}, {}", conv(r#"from = "aa""#)));
    assert_eq!(
        unknown,
        "`layers[1].from` names \"aa\", but no layer has that name, did you mean `a`? Allowed: input, a"
    );
    let cycle = error(&format!("{}, {}", conv(r#"name = "p", from = "q""#), conv(r#"name = "q""#)));
    assert!(
        cycle.starts_with("`layers[0].from` names \"q\", which itself reads `p`: a cycle"),
        "{cycle}"
    );
    let itself = error(&conv(r#"name = "p", from = "p""#));
    assert!(itself.contains("the layer itself"), "{itself}");
    let later = error(&format!(
        "{}, {}",
        conv(r#"name = "p", from = "q""#),
        conv(r#"name = "q", from = "input""#)
    ));
    assert!(later.contains("comes later; move `q` before `p`"), "{later}");
    let unread = error(&format!("{A}, {}", conv(r#"from = "input""#)));
    assert_eq!(
        unread,
        "`layers[0]` (layer `a`): no layer reads its output; name it in `from` of a later layer, or \
         remove it"
    );
    let several = error(&format!("{A}, {}", conv(r#"from = ["a", "input"]"#)));
    assert!(
        several.contains("reads one layer, but `from` names 2; join them by an \"add\""),
        "{several}"
    );
    let none = error(&format!("{A}, {}", conv("from = []")));
    assert_eq!(none, "`layers[1].from` is empty; name a layer, or leave it out");
}

#[test]
fn a_network_ends_in_a_softmax_only_on_the_way_to_its_output() {
    let ends = |layers: &str| {
        spec(&format!("input = [4]\nlayers = [{layers}]")).unwrap().ends_in_softmax()
    };
    assert!(ends(
        r#"{ type = "dense", units = 4 }, { type = "softmax" }, { type = "dropout", rate = 0.1 }"#
    ));
    assert!(!ends(
        r#"{ type = "softmax" }, { type = "multiply", from = ["softmax1", "input"] }, { type = "flatten" }"#
    ));
}

#[test]
fn values_are_kept_until_their_last_reader() {
    let kept =
        |layers: &str| spec(&format!("input = [4]\nlayers = [{layers}]")).unwrap().values_kept();
    assert_eq!(kept(r#"{ type = "dense", units = 3 }, { type = "dense", units = 2 }"#), 4 + 3);
    let branches = r#"{ type = "dense", units = 3, name = "a" },
        { type = "dense", units = 3, name = "b", from = "input" },
        { type = "add", from = ["a", "b"] }, { type = "dense", units = 9 }"#;
    assert_eq!(kept(branches), 3 + 9);
    let many = (0..5).map(|index| {
        format!("{{ type = \"dense\", units = 4, name = \"d{index}\", from = \"input\" }}")
    });
    let names = (0..5).map(|index| format!("\"d{index}\"")).collect::<Vec<_>>().join(", ");
    let layers = many.collect::<Vec<_>>().join(", ");
    assert_eq!(kept(&format!("{layers}, {{ type = \"add\", from = [{names}] }}")), 6 * 4);
}

#[test]
fn the_maps_that_do_not_match_are_named() {
    let unlike = branches(
        r#"{ type = "global-avg-pool", name = "mean" },
           { type = "conv2d", filters = 2, kernel = 3, name = "small", from = "input" },
           { type = "add", from = ["mean", "input", "small"] }"#,
    );
    let message = unlike.unwrap_err();
    assert!(message.contains("it joins [2, 6, 4] and [2, 4, 2], which do not match"), "{message}");
}
