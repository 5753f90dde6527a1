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
    let result = colorizer.colorize(&picture, Preparation::Scan).unwrap().to_rgb8();
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
    let half =
        GraphProto { input: vec![value("x", 10, [1, 1, 8, 8])], ..lines(1, 8, [0.0; 2], [0.0; 2]) };
    assert!(message(half).contains("float16"));
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
