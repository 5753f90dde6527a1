//! Small models with known answers.

use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage, Luma};
use prost::Message;

use super::*;
use crate::facts::color::{lab_from_rgb, rgb_within_gamut};
use crate::graph::nodes::integers;
use crate::graph::onnx::{
    Dimension, EXTERNAL, Entry, GraphProto, ModelProto, NodeProto, OperatorSet, TensorProto,
    TensorShape, TensorType, TypeProto, ValueInfo, data_type,
};
use crate::tasks::colorization::Preparation;

fn value(name: &str, elem_type: i32, sizes: [i64; 4]) -> ValueInfo {
    let size = |size: i64| Dimension { value: (size > 0).then_some(size), name: None };
    let shape = TensorShape { dim: sizes.map(size).to_vec() };
    ValueInfo {
        name: name.to_owned(),
        kind: Some(TypeProto {
            tensor: Some(TensorType { elem_type, shape: Some(shape) }),
            ..TypeProto::default()
        }),
        doc_string: String::new(),
    }
}

fn weight(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        dims: dims.to_vec(),
        data_type: data_type::FLOAT,
        name: name.to_owned(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into(),
        ..TensorProto::default()
    }
}

fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        op_type: operator.to_owned(),
        ..NodeProto::default()
    }
}

fn model(graph: GraphProto) -> ModelProto {
    ModelProto {
        ir_version: 8,
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: 13 }],
        ..ModelProto::default()
    }
}

fn written(folder: &Path, name: &str, model: &ModelProto) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, model.encode_to_vec()).unwrap();
    path
}

/// A convolution as exporters write it.
fn convolution(output: &str) -> NodeProto {
    NodeProto {
        attribute: vec![integers("kernel_shape", &[1, 1]), integers("strides", &[1, 1])],
        ..node("Conv", &["x", "w", "b"], output)
    }
}

/// A 1x1 convolution from so many channels to two: a and b are straight lines of what is given.
fn lines(channels: i64, size: i64, factors: [f32; 2], offsets: [f32; 2]) -> GraphProto {
    let count = usize::try_from(channels).unwrap();
    let mut kernel = vec![factors[0]; count];
    kernel.extend(vec![factors[1]; count]);
    GraphProto {
        node: vec![convolution("y")],
        initializer: vec![weight("w", &[2, channels, 1, 1], &kernel), weight("b", &[2], &offsets)],
        input: vec![value("x", data_type::FLOAT, [1, channels, size, size])],
        output: vec![value("y", data_type::FLOAT, [1, 2, size, size])],
        ..GraphProto::default()
    }
}

/// A tint: each channel times a factor, then limited to a range.
fn tint(factors: [f32; 3], most: f32) -> GraphProto {
    GraphProto {
        node: vec![node("Mul", &["x", "f"], "z"), node("Clip", &["z", "least", "most"], "y")],
        initializer: vec![
            weight("f", &[1, 3, 1, 1], &factors),
            weight("least", &[], &[0.0]),
            weight("most", &[], &[most]),
        ],
        input: vec![value("x", data_type::FLOAT, [1, 3, 0, 0])],
        output: vec![value("y", data_type::FLOAT, [1, 3, 0, 0])],
        ..GraphProto::default()
    }
}

/// A picture of one lightness and its result's color in the middle.
fn color(colorizer: &ForeignColorizer, gray: u8) -> [f32; 3] {
    let picture = DynamicImage::from(GrayImage::from_pixel(40, 30, Luma([gray])));
    let result = colorizer.colorize(&picture, Preparation::Scan, None).unwrap().to_rgb8();
    assert_eq!(result.dimensions(), (40, 30));
    lab_from_rgb(result.get_pixel(20, 15).0.map(|value| f32::from(value) / 255.0))
}

fn near(found: [f32; 3], expected: [f32; 3]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 0.6, "{found} {expected}");
    }
}

#[test]
fn each_signature_is_told_and_gives_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |name, graph| ForeignColorizer::open(&written(folder.path(), name, &model(graph)), None);
    // L of gray 119 is 50.03.
    let zhang = open("zhang.onnx", lines(1, 0, [0.2, -0.4], [10.0, 5.0])).unwrap();
    assert_eq!(zhang.kind(), ForeignKind::Zhang);
    near(color(&zhang, 119), [50.03, 20.0, -15.0]);
    // Gray is 0.4667 in three channels.
    let ddcolor = open("ddcolor.onnx", lines(3, 64, [10.0, 0.0], [0.0, -20.0])).unwrap();
    assert_eq!(ddcolor.kind(), ForeignKind::DdColor);
    near(color(&ddcolor, 119), [50.03, 14.0, -20.0]);
    let tinted = |scale: f32| lab_from_rgb([1.0, 0.8, 0.6].map(|factor| factor * scale));
    for (name, most, kind) in [
        ("deoldify.onnx", 255.0, ForeignKind::DeOldify),
        ("web.onnx", 1.0, ForeignKind::DeOldifyWeb),
    ] {
        let found = open(name, tint([1.0, 0.8, 0.6], most)).unwrap();
        assert_eq!(found.kind(), kind);
        let [_, a, b] = tinted(119.0 / 255.0);
        let expected = lab_from_rgb(rgb_within_gamut([50.03, a, b]));
        near(color(&found, 119), expected);
    }
}

#[test]
fn hints_are_given_zeros_and_a_kind_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = lines(1, 256, [0.0, 0.0], [12.0, 3.0]);
    graph.node = vec![
        convolution("c"),
        node("Add", &["c", "user_ab"], "d"),
        node("Add", &["d", "user_map"], "y"),
    ];
    graph.input.push(value("user_ab", data_type::FLOAT, [1, 2, 256, 256]));
    // The mask comes first, and hints tell the size.
    graph.input.insert(0, value("user_map", data_type::FLOAT, [1, 1, 256, 256]));
    graph.input[1] = value("x", data_type::FLOAT, [1, 1, 0, 0]);
    let path = written(folder.path(), "a.onnx", &model(graph));
    near(color(&ForeignColorizer::open(&path, None).unwrap(), 119), [50.03, 12.0, 3.0]);
    let other = ForeignColorizer::open(&path, Some(ForeignKind::DeOldify)).err().unwrap();
    assert!(other.to_string().contains("[1, 2, 256, 256] of [1, 1, 256, 256]"), "{other}");
}

/// Lines whose a is that of the hints, and whose b is 20 where there are some.
fn hinted() -> GraphProto {
    let mut graph = lines(1, 0, [0.0; 2], [0.0; 2]);
    graph.node = vec![
        node("Mul", &["user_ab", "picked"], "a"),
        node("Mul", &["user_map", "marked"], "m"),
        node("Add", &["a", "m"], "y"),
    ];
    graph.initializer = vec![
        weight("picked", &[1, 2, 1, 1], &[1.0, 0.0]),
        weight("marked", &[1, 2, 1, 1], &[0.0, 20.0]),
    ];
    graph.input.push(value("user_ab", data_type::FLOAT, [1, 2, 0, 0]));
    graph.input.push(value("user_map", data_type::FLOAT, [1, 1, 0, 0]));
    graph
}

#[test]
fn hints_reach_the_model_where_they_lie() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "a.onnx", &model(hinted()));
    let colorizer = ForeignColorizer::open(&path, None).unwrap();
    colorizer.check_hints().unwrap();
    let picture = DynamicImage::from(GrayImage::from_pixel(40, 30, Luma([119])));
    // a is that of this color, and the model's b 20 at hints.
    let hints = Hints::parse("20,15,#9b6a78,6").unwrap();
    let found = colorizer.colorize(&picture, Preparation::None, Some(&hints)).unwrap().to_rgb8();
    let lab = |x, y| lab_from_rgb(found.get_pixel(x, y).0.map(|value| f32::from(value) / 255.0));
    let [_, a, _] = lab_from_rgb([0x9b, 0x6a, 0x78].map(|byte: u8| f32::from(byte) / 255.0));
    near(lab(20, 15), [50.03, a, 20.0]);
    near(lab(24, 15), [50.03, a, 20.0]);
    near(lab(5, 15), [50.03, 0.0, 0.0]);
    near(lab(20, 25), [50.03, 0.0, 0.0]);
    let path = written(folder.path(), "b.onnx", &model(lines(1, 8, [0.0; 2], [0.0; 2])));
    let without = ForeignColorizer::open(&path, None).unwrap();
    let message = without.check_hints().unwrap_err().to_string();
    assert!(message.contains("takes no hints") && message.contains("user_ab"), "{message}");
    let refused = without.colorize(&picture, Preparation::None, Some(&hints)).unwrap_err();
    assert_eq!(refused.to_string(), message);
}

#[test]
fn half_precision_is_run_in_single_precision() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = lines(1, 8, [0.0; 2], [0.0; 2]);
    graph.input = vec![value("x", data_type::FLOAT16, [1, 1, 8, 8])];
    graph.output = vec![value("y", data_type::FLOAT16, [1, 2, 8, 8])];
    // 0.25, -0.5; 2 and 10.
    for (weight, bits) in graph.initializer.iter_mut().zip([[0x3400_u16, 0xb800], [0x4000, 0x4900]])
    {
        weight.data_type = data_type::FLOAT16;
        weight.raw_data =
            bits.iter().flat_map(|bits| bits.to_le_bytes()).collect::<Vec<_>>().into();
    }
    let path = written(folder.path(), "half.onnx", &model(graph));
    let colorizer = ForeignColorizer::open(&path, None).unwrap();
    near(color(&colorizer, 119), [50.03, 2.0 + 50.03 / 4.0, 10.0 - 50.03 / 2.0]);
}

#[test]
fn quantized_models_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = lines(1, 8, [0.0; 2], [0.0; 2]);
    graph.node = vec![
        node("Cast", &["x"], "bytes"),
        node("ConvInteger", &["bytes", "w"], "c"),
        node("Cast", &["c"], "y"),
    ];
    let path = written(folder.path(), "int8.onnx", &model(graph));
    let message = ForeignColorizer::open(&path, None).err().unwrap().to_string();
    assert!(message.contains("is quantized (it has `ConvInteger`)"), "{message}");
}

#[test]
fn models_that_take_too_much_are_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let list = |values: &[i64]| TensorProto {
        dims: vec![i64::try_from(values.len()).unwrap()],
        data_type: data_type::INT64,
        name: "sizes".to_owned(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>().into(),
        ..TensorProto::default()
    };
    let message = |nodes: &[NodeProto], sizes: &[i64], size: i64| {
        let mut graph = lines(1, size, [0.0; 2], [0.0; 2]);
        graph.node = [&[convolution("c")], nodes].concat();
        graph.initializer.push(list(sizes));
        let path = written(folder.path(), "a.onnx", &model(graph));
        let message = match ForeignColorizer::open(&path, None) {
            Err(error) => error.to_string(),
            Ok(opened) => {
                let long = DynamicImage::from(GrayImage::new(64, 16));
                opened.colorize(&long, Preparation::None, None).unwrap_err().to_string()
            }
        };
        assert!(message.contains("takes too much to be run: node"), "{message}");
        assert!(message.contains("4 GiB are allowed"), "{message}");
        message
    };
    let filled = [node("ConstantOfShape", &["sizes"], "z"), node("Add", &["c", "z"], "y")];
    let found = message(&filled, &[1, 2, 100_000, 100_000], 8);
    assert!(
        found.contains("`z` (ConstantOfShape) makes [1, 2, 100000, 100000], 75 GiB"),
        "{found}"
    );
    let expanded = [node("Expand", &["c", "sizes"], "z"), node("Add", &["c", "z"], "y")];
    assert!(message(&expanded, &[1 << 30, 2, 8, 8], 8).contains("(Expand)"));
    let tiled = [node("Tile", &["c", "sizes"], "z"), node("Add", &["c", "z"], "y")];
    assert!(message(&tiled, &[1, 1, 1 << 20, 1 << 20], 0).contains("(Tile)"));
    // The weights are not there, however large they say they are.
    let mut graph = lines(1, 8, [0.0; 2], [0.0; 2]);
    graph.initializer[0].dims = vec![1 << 20, 1 << 20, 1, 1];
    let path = written(folder.path(), "b.onnx", &model(graph));
    assert!(ForeignColorizer::open(&path, None).is_err());
}

#[test]
fn weights_beside_the_model_are_read_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let external = |location: &str, length: &str| {
        let mut graph = lines(1, 8, [0.0, 0.0], [7.0, 9.0]);
        let bias = &mut graph.initializer[1];
        let bytes = std::mem::take(&mut bias.raw_data);
        std::fs::write(folder.path().join("a.onnx.data"), [&[0; 4], &bytes[..]].concat()).unwrap();
        let entries = [("location", location), ("offset", "4"), ("length", length)];
        bias.external_data = entries
            .map(|(key, value)| Entry { key: key.to_owned(), value: value.to_owned() })
            .to_vec();
        bias.data_location = EXTERNAL;
        ForeignColorizer::open(&written(folder.path(), "a.onnx", &model(graph)), None)
    };
    near(color(&external("a.onnx.data", "8").unwrap(), 119), [50.03, 7.0, 9.0]);
    let message = |found: Result<ForeignColorizer, ForeignError>| found.err().unwrap().to_string();
    assert!(message(external("../a.onnx.data", "8")).contains("not a file beside the model"));
    assert!(message(external("/etc/passwd", "8")).contains("not a file beside the model"));
    assert!(message(external("b.data", "8")).contains("b.data"));
    let beyond = message(external("a.onnx.data", "9"));
    assert!(beyond.contains("it has 12 bytes, but `b` lies beyond"), "{beyond}");
}

#[test]
fn other_models_are_told_what_would_be_understood() {
    let folder = tempfile::tempdir().unwrap();
    let message = |graph: GraphProto| {
        let path = written(folder.path(), "a.onnx", &model(graph));
        let message = ForeignColorizer::open(&path, None).err().unwrap().to_string();
        assert!(message.contains("understood are colorizers"), "{message}");
        message
    };
    assert!(message(lines(4, 8, [0.0; 2], [0.0; 2])).contains("its input is [1, 4, 8, 8]"));
    assert!(message(lines(1, 99_999, [0.0; 2], [0.0; 2])).contains("99999"));
    for (kind, name) in [(2, "uint8"), (16, "bfloat16")] {
        let input = vec![value("x", kind, [1, 1, 8, 8])];
        let bytes = GraphProto { input, ..lines(1, 8, [0.0; 2], [0.0; 2]) };
        let message = message(bytes);
        assert!(message.contains(&format!("`x` is of {name}; understood")), "{message}");
    }
    let flat = GraphProto { output: Vec::new(), ..lines(1, 8, [0.0; 2], [0.0; 2]) };
    assert!(message(flat).contains("no output"));
    let batch = GraphProto {
        input: vec![value("x", data_type::FLOAT, [7, 1, 8, 8])],
        ..lines(1, 8, [0.0; 2], [0.0; 2])
    };
    assert!(message(batch).contains("[7, 1, 8, 8]"));
    let mut hinted = lines(1, 8, [0.0; 2], [0.0; 2]);
    hinted.input.push(value("hints", data_type::FLOAT, [1, 2, 9, 9]));
    assert!(message(hinted).contains("of [1, 1, 8, 8]"));
    let mut huge = lines(1, 8, [0.0; 2], [0.0; 2]);
    huge.output = vec![value("y", data_type::FLOAT, [1, 2, 1 << 20, 1 << 20])];
    assert!(message(huge).contains("1048576"));
    let many = GraphProto { input: Vec::new(), ..lines(1, 8, [0.0; 2], [0.0; 2]) };
    assert!(message(many).contains("0 inputs"));
}
