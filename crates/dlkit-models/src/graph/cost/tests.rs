//! Sizes by the definitions of ONNX, and graphs that take too much.

use super::*;
use crate::graph::onnx::{Attribute, NodeProto, TensorProto, ValueInfo, attribute_kind, data_type};

const MOST: Most = Most { memory: 1e9, operations: 1e12 };

fn node(operator: &str, inputs: &[&str], output: &str, attribute: &[Attribute]) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        op_type: operator.to_owned(),
        attribute: attribute.to_vec(),
        ..NodeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> Attribute {
    let ints = values.to_vec();
    Attribute { name: name.to_owned(), ints, kind: attribute_kind::INTS, ..Attribute::default() }
}

fn int(name: &str, value: i64) -> Attribute {
    let i = Some(value);
    Attribute { name: name.to_owned(), i, kind: attribute_kind::INT, ..Attribute::default() }
}

fn text(name: &str, value: &str) -> Attribute {
    let s = Some(value.as_bytes().to_vec().into());
    Attribute { name: name.to_owned(), s, kind: attribute_kind::STRING, ..Attribute::default() }
}

/// A list of whole numbers.
fn list(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        dims: vec![i64::try_from(values.len()).unwrap()],
        data_type: data_type::INT64,
        name: name.to_owned(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>().into(),
        ..TensorProto::default()
    }
}

fn scalar(name: &str, value: i64) -> TensorProto {
    TensorProto { dims: Vec::new(), ..list(name, &[value]) }
}

/// A weight of these sizes, whose numbers are not looked at.
fn weight(name: &str, dims: &[i64]) -> TensorProto {
    let dims = dims.to_vec();
    TensorProto {
        dims,
        data_type: data_type::FLOAT,
        name: name.to_owned(),
        ..TensorProto::default()
    }
}

fn graph(nodes: &[NodeProto], weights: &[TensorProto]) -> GraphProto {
    let output = nodes.last().unwrap().output[0].clone();
    GraphProto {
        node: nodes.to_vec(),
        initializer: weights.to_vec(),
        output: vec![ValueInfo { name: output, ..ValueInfo::default() }],
        ..GraphProto::default()
    }
}

/// The sizes of the last node's output for an input x of `[1, 6, 8, 10]`.
fn sizes(nodes: &[NodeProto], weights: &[TensorProto]) -> Option<Vec<f64>> {
    let judge = Judge::new(&graph(nodes, weights));
    let mut run = Run { most: MOST, cost: Cost::default(), values: HashMap::new() };
    run.values.insert("x".to_owned(), Some(Known::of_sizes(&[1, 6, 8, 10])));
    run.graph(&judge.0, 0.0).unwrap();
    let output = &nodes.last().unwrap().output[0];
    run.values.get(output).cloned().flatten().map(|known| known.sizes)
}

#[test]
fn sizes_are_those_of_the_definitions() {
    let conv = |attribute: &[Attribute]| [node("Conv", &["x", "w"], "y", attribute)];
    let back = |attribute: &[Attribute]| [node("ConvTranspose", &["x", "v"], "y", attribute)];
    let pool = |attribute: &[Attribute]| [node("MaxPool", &["x"], "y", attribute)];
    let weights = [weight("w", &[4, 6, 3, 3]), weight("v", &[6, 2, 4, 4]), weight("m", &[10, 7])];
    let two = ints("strides", &[2, 2]);
    for (nodes, expected) in [
        (conv(&[]), [1.0, 4.0, 6.0, 8.0]),
        (conv(&[two.clone(), ints("pads", &[1, 1, 1, 1])]), [1.0, 4.0, 4.0, 5.0]),
        (conv(&[ints("dilations", &[2, 2])]), [1.0, 4.0, 4.0, 6.0]),
        (conv(&[two.clone(), text("auto_pad", "SAME_UPPER")]), [1.0, 4.0, 4.0, 5.0]),
        (back(&[two.clone(), ints("pads", &[1, 1, 1, 1])]), [1.0, 2.0, 16.0, 20.0]),
        (back(&[two.clone(), int("group", 2)]), [1.0, 4.0, 18.0, 22.0]),
        (pool(&[two.clone(), ints("kernel_shape", &[3, 3])]), [1.0, 6.0, 3.0, 4.0]),
        (
            pool(&[two.clone(), ints("kernel_shape", &[3, 3]), int("ceil_mode", 1)]),
            [1.0, 6.0, 4.0, 5.0],
        ),
        ([node("GlobalAveragePool", &["x"], "y", &[])], [1.0, 6.0, 1.0, 1.0]),
        ([node("MatMul", &["x", "m"], "y", &[])], [1.0, 6.0, 8.0, 7.0]),
        ([node("Transpose", &["x"], "y", &[ints("perm", &[0, 2, 3, 1])])], [1.0, 8.0, 10.0, 6.0]),
        ([node("ReduceMean", &["x"], "y", &[ints("axes", &[-1, 2])])], [1.0, 6.0, 1.0, 1.0]),
        ([node("Concat", &["x", "x"], "y", &[int("axis", -3)])], [1.0, 12.0, 8.0, 10.0]),
    ] {
        assert_eq!(sizes(&nodes, &weights), Some(expected.to_vec()), "{:?}", nodes[0]);
    }
    let equation = text("equation", "bchw, cd -> bdhw");
    let sum = [node("Einsum", &["x", "m"], "y", &[equation])];
    assert_eq!(sizes(&sum, &[weight("m", &[6, 3])]), Some(vec![1.0, 3.0, 8.0, 10.0]));
}

#[test]
fn moved_and_padded_values_have_their_sizes() {
    let lists = [
        list("to", &[0, -1, 2]),
        list("pads", &[0, 0, 1, 2, 0, 0, 3, 4]),
        list("starts", &[-3, 9]),
        list("ends", &[i64::MAX, 0]),
        list("axes", &[2, 3]),
        list("steps", &[1, -2]),
        list("one", &[0]),
        list("sizes", &[1, 6, 16, 30]),
        scalar("second", 1),
        list("times", &[1, 2, 1, 3]),
    ];
    for (inputs, operator, attribute, expected) in [
        (&["x", "to"][..], "Reshape", vec![], vec![1.0, 240.0, 2.0]),
        (&["x", "pads"], "Pad", vec![], vec![1.0, 6.0, 12.0, 16.0]),
        (&["x", "starts", "ends", "axes", "steps"], "Slice", vec![], vec![1.0, 6.0, 3.0, 5.0]),
        (&["x", "one"], "Unsqueeze", vec![], vec![1.0, 1.0, 6.0, 8.0, 10.0]),
        (&["x", "one"], "Squeeze", vec![], vec![6.0, 8.0, 10.0]),
        (&["x", "", "", "sizes"], "Resize", vec![], vec![1.0, 6.0, 16.0, 30.0]),
        (&["x", "second"], "Gather", vec![int("axis", 1)], vec![1.0, 8.0, 10.0]),
        (&["x", "times"], "Tile", vec![], vec![1.0, 12.0, 8.0, 30.0]),
        (&["x"], "Flatten", vec![int("axis", 2)], vec![6.0, 80.0]),
    ] {
        let nodes = [node(operator, inputs, "y", &attribute)];
        assert_eq!(sizes(&nodes, &lists), Some(expected), "{operator}");
    }
    let shuffle = [node("DepthToSpace", &["w"], "y", &[int("blocksize", 2)])];
    assert_eq!(sizes(&shuffle, &[weight("w", &[1, 8, 3, 5])]), Some(vec![1.0, 2.0, 6.0, 10.0]));
    let mut parts = node("Split", &["x"], "a", &[int("axis", 3)]);
    parts.output = ["a", "b", "c"].map(str::to_owned).to_vec();
    // 4, 4 and 2 of 10.
    let nodes = [parts, node("Relu", &["c"], "y", &[])];
    assert_eq!(sizes(&nodes, &[]), Some(vec![1.0, 6.0, 8.0, 2.0]));
}

#[test]
fn sizes_that_a_graph_computes_are_followed() {
    // Twice the height and width of x, as exporters write it.
    let nodes = [
        node("Shape", &["x"], "shape", &[]),
        node("Slice", &["shape", "two", "four"], "end", &[]),
        node("Mul", &["end", "times"], "doubled", &[]),
        node("Slice", &["shape", "zero", "two"], "begin", &[]),
        node("Concat", &["begin", "doubled"], "wanted", &[int("axis", 0)]),
        node("Resize", &["x", "", "", "wanted"], "y", &[]),
    ];
    let lists = [list("two", &[2]), list("four", &[4]), list("zero", &[0]), list("times", &[2, 2])];
    assert_eq!(sizes(&nodes, &lists), Some(vec![1.0, 6.0, 16.0, 20.0]));
    // What a graph expands where -1 stands for a size of its own.
    let nodes = [
        node("Equal", &["given", "minus"], "is", &[]),
        node("Where", &["is", "ones", "given"], "wanted", &[]),
        node("Expand", &["x", "wanted"], "y", &[]),
    ];
    let lists = [list("given", &[5, -1, 8, -1]), list("minus", &[-1]), list("ones", &[1; 4])];
    assert_eq!(sizes(&nodes, &lists), Some(vec![5.0, 6.0, 8.0, 10.0]));
    let nodes = [
        node("Range", &["zero", "nine", "two"], "list", &[]),
        node("Gather", &["list", "last"], "size", &[]),
        node("Unsqueeze", &["size", "first"], "sizes", &[]),
        node("ConstantOfShape", &["sizes"], "y", &[]),
    ];
    let scalars = [scalar("zero", 0), scalar("nine", 9), scalar("two", 2), scalar("last", -1)];
    let lists = [&scalars[..], &[list("first", &[0])]].concat();
    assert_eq!(sizes(&nodes, &lists), Some(vec![8.0]));
}

fn refused(nodes: &[NodeProto], weights: &[TensorProto]) -> String {
    let judge = Judge::new(&graph(nodes, weights));
    judge.cost(&[("x", [1, 6, 8, 10])], MOST).unwrap_err().to_string()
}

#[test]
fn too_much_is_an_error_that_names_the_node() {
    let large = list("large", &[1 << 20, 1 << 20]);
    let message = refused(&[node("ConstantOfShape", &["large"], "y", &[])], &[large]);
    assert_eq!(
        message,
        "node `y` (ConstantOfShape) makes [1048576, 1048576], 4 TiB at once; 954 MiB are allowed"
    );
    let lists = [
        list("many", &[1, 6, 80_000, 100_000]),
        list("times", &[1, 1, 100_000, 100_000]),
        list("pads", &[0, 0, 0, 0, 0, 0, 1 << 40, 0]),
        list("places", &[1, 1, 1, i64::MAX]),
        scalar("zero", 0),
        scalar("end", 1 << 40),
        scalar("one", 1),
        weight("row", &[1, 200_000]),
        weight("column", &[200_000, 1]),
    ];
    for (inputs, operator) in [
        (&["x", "", "", "many"][..], "Resize"),
        (&["x", "times"], "Tile"),
        (&["one", "times"], "Expand"),
        (&["x", "pads"], "Pad"),
        (&["places"], "ConstantOfShape"),
        (&["zero", "end", "one"], "Range"),
        (&["row", "column"], "Add"),
        (&["column", "row"], "MatMul"),
    ] {
        let message = refused(&[node(operator, inputs, "y", &[])], &lists);
        assert!(message.contains(&format!("node `y` ({operator}) makes [")), "{message}");
    }
    let padded = node("Conv", &["x", "w"], "y", &[ints("pads", &[0, 0, 1 << 30, 0])]);
    assert!(refused(&[padded], &[weight("w", &[1, 6, 1, 1])]).contains("(Conv)"));
    let far = node("ConvTranspose", &["x", "w"], "y", &[ints("strides", &[1 << 20, 1 << 20])]);
    assert!(refused(&[far], &[weight("w", &[6, 1, 1, 1])]).contains("(ConvTranspose)"));
    assert!(refused(&[node("Loop", &["x"], "y", &[])], &[]).contains("whose end cannot be told"));
}

#[test]
fn time_is_that_of_all_nodes_and_memory_what_is_there_at_once() {
    // 1,000 products of 1000x1000 are 1e12 multiplications.
    let weights = [weight("w", &[1000, 1000])];
    let product = |place: usize| {
        let from = if place == 0 { "w".to_owned() } else { format!("v{}", place - 1) };
        node("MatMul", &[from.as_str(), "w"], &format!("v{place}"), &[])
    };
    let nodes: Vec<NodeProto> = (0..900).map(product).collect();
    let judge = Judge::new(&graph(&nodes, &weights));
    let cost = judge.cost(&[], MOST).unwrap();
    // Two maps of a million numbers at once.
    assert!((cost.memory - 8e6).abs() < 1.0 && (cost.operations - 9e11).abs() < 1.0, "{cost:?}");
    let nodes: Vec<NodeProto> = (0..1001).map(product).collect();
    let message = refused(&nodes, &weights);
    assert!(message.contains("1.0e12 operations up to node `v1000` (MatMul); 1.0e12"), "{message}");
}

#[test]
fn graphs_within_are_followed() {
    let large = list("large", &[1 << 20, 1 << 20]);
    let inner = graph(&[node("ConstantOfShape", &["large"], "z", &[])], &[]);
    let branch = Attribute {
        name: "then_branch".to_owned(),
        g: Some(Box::new(inner)),
        kind: attribute_kind::GRAPH,
        ..Attribute::default()
    };
    let message = refused(&[node("If", &["x"], "y", &[branch])], &[large]);
    assert!(message.contains("node `z` (ConstantOfShape)"), "{message}");
}

#[test]
fn what_does_not_follow_counts_as_nothing() {
    let nodes = [node("NonZero", &["x"], "a", &[]), node("ConstantOfShape", &["a"], "y", &[])];
    let judge = Judge::new(&graph(&nodes, &[]));
    let cost = judge.cost(&[("x", [1, 6, 8, 10])], MOST).unwrap();
    assert!(cost.memory.abs() < 1.0, "{cost:?}");
    // Malformed nodes: no inputs, axes beyond, sizes below 0.
    for broken in [
        node("Conv", &[], "y", &[]),
        node("Conv", &["x", "x"], "y", &[ints("strides", &[0, 0])]),
        node("Concat", &["x"], "y", &[int("axis", 9)]),
        node("Transpose", &["x"], "y", &[ints("perm", &[7])]),
        node("Split", &["x"], "y", &[int("axis", -9)]),
        node("MatMul", &["x", "scalar"], "y", &[]),
        node("Unsqueeze", &["x"], "y", &[ints("axes", &[40])]),
        node("GatherND", &["x", "scalar"], "y", &[]),
    ] {
        assert_eq!(
            sizes(std::slice::from_ref(&broken), &[scalar("scalar", 3)]),
            None,
            "{broken:?}"
        );
    }
}
