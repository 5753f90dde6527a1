//! Small models with answers by hand.

use std::path::{Path, PathBuf};

use image::{DynamicImage, Rgb, RgbImage};
use prost::Message;

use super::*;
use crate::graph::nodes::{integer, integers};
use crate::graph::onnx::{
    Dimension, GraphProto, ModelProto, NodeProto, OperatorSet, TensorProto, TensorShape,
    TensorType, TypeProto, ValueInfo, data_type,
};
use crate::tasks::classification::Prediction;

fn value(name: &str, elem_type: i32, sizes: &[i64]) -> ValueInfo {
    let size = |&size: &i64| Dimension { value: (size > 0).then_some(size), name: None };
    let shape = TensorShape { dim: sizes.iter().map(size).collect() };
    let tensor = TensorType { elem_type, shape: Some(shape) };
    ValueInfo {
        name: name.to_owned(),
        kind: Some(TypeProto { tensor: Some(tensor), ..TypeProto::default() }),
        doc_string: String::new(),
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

/// The mean of each channel over `axes`, which keeps the other two axes.
fn means(axes: &[usize]) -> NodeProto {
    let attribute = vec![integers("axes", axes), integer("keepdims", 0)];
    NodeProto { attribute, ..node("ReduceMean", &["x"], "m") }
}

/// A model whose outputs are the means of the channels, or a softmax of them.
fn model(input: &[i64], axes: &[usize], with_softmax: bool, outputs: &[i64]) -> GraphProto {
    let last = if with_softmax { "Softmax" } else { "Identity" };
    GraphProto {
        node: vec![means(axes), node(last, &["m"], "y")],
        input: vec![value("x", data_type::FLOAT, input)],
        output: vec![value("y", data_type::FLOAT, outputs)],
        ..GraphProto::default()
    }
}

fn written(folder: &Path, graph: GraphProto) -> PathBuf {
    let path = folder.join("model.onnx");
    let model = ModelProto {
        ir_version: 8,
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: 13 }],
        ..ModelProto::default()
    };
    std::fs::write(&path, model.encode_to_vec()).unwrap();
    path
}

/// A picture of one color, 6 wide and 4 high.
fn picture(folder: &Path, color: [u8; 3]) -> PathBuf {
    let path = folder.join(format!("{color:?}.png"));
    DynamicImage::from(RgbImage::from_pixel(6, 4, Rgb(color))).save(&path).unwrap();
    path
}

fn plain() -> PixelScale {
    PixelScale { largest: 1.0, mean: vec![0.0], deviation: vec![1.0], is_bgr: false }
}

fn names(count: usize) -> Vec<String> {
    ["red", "green", "blue", "other"][..count].iter().map(|&name| name.to_owned()).collect()
}

fn opened(
    graph: GraphProto,
    scale: PixelScale,
    side: Option<usize>,
) -> Result<ForeignClassifier, ForeignClassifierError> {
    let folder = tempfile::tempdir().unwrap();
    ForeignClassifier::open(&written(folder.path(), graph), names(3), scale, side)
}

/// The probabilities of red, green and blue for a color, and what the model gives.
fn answer(classifier: &ForeignClassifier, color: [u8; 3]) -> ([f64; 3], GivenScores) {
    let folder = tempfile::tempdir().unwrap();
    let ForeignAnswers { given, mut pictures } =
        classifier.predict(&[picture(folder.path(), color)], 3);
    let Prediction { class, top, .. } = pictures.remove(0).1.unwrap();
    assert_eq!(class, top[0].0);
    let share = |name: &str| top.iter().find(|(class, _)| class == name).unwrap().1;
    (["red", "green", "blue"].map(share), given.unwrap())
}

fn near(found: [f64; 3], expected: [f64; 3]) {
    let far = found.iter().zip(expected).any(|(left, right)| (left - right).abs() > 1e-6);
    assert!(!far, "{found:?}, not {expected:?}");
}

/// The softmax of three logits, by its definition.
fn shares(logits: [f64; 3]) -> [f64; 3] {
    let sum: f64 = logits.iter().map(|value| value.exp()).sum();
    logits.map(|value| value.exp() / sum)
}

/// 255, 51 and 0 are 1, 0.2 and 0.
const COLOR: [u8; 3] = [255, 51, 0];

#[test]
fn the_shape_of_the_input_tells_the_order_of_its_axes() {
    for (input, axes, order) in [
        ([1, 3, 4, 6], [2, 3], AxisOrder::Nchw),
        ([0, 3, 0, 0], [2, 3], AxisOrder::Nchw),
        ([1, 4, 6, 3], [1, 2], AxisOrder::Nhwc),
        ([0, 0, 0, 3], [1, 2], AxisOrder::Nhwc),
    ] {
        let classifier = opened(model(&input, &axes, false, &[0, 3]), plain(), None).unwrap();
        assert_eq!(classifier.order(), order);
        let sides = if input[1..].contains(&0) { [224, 224] } else { [4, 6] };
        assert_eq!(classifier.shape(), [3, sides[0], sides[1]]);
        let (found, given) = answer(&classifier, COLOR);
        assert_eq!(given, GivenScores::Logits);
        near(found, shares([1.0, 0.2, 0.0]));
    }
}

/// Whole numbers as a weight.
fn numbers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        dims: vec![i64::try_from(values.len()).unwrap()],
        data_type: data_type::INT64,
        name: name.to_owned(),
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into(),
        ..TensorProto::default()
    }
}

#[test]
fn rows_and_columns_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    // Red in the first column, blue elsewhere.
    let color = |x: u32, _: u32| Rgb(if x == 0 { [255, 0, 0] } else { [0, 0, 255] });
    DynamicImage::from(RgbImage::from_fn(6, 4, color)).save(&path).unwrap();
    for (sizes, axes, column) in [([1, 3, 4, 6], [2, 3], 3), ([1, 4, 6, 3], [1, 2], 2)] {
        let mut graph = model(&sizes, &axes, false, &[1, 3]);
        graph.node.insert(0, node("Slice", &["x", "from", "to", "along"], "s"));
        graph.node[1].input = vec!["s".to_owned()];
        graph.initializer =
            vec![numbers("from", &[0]), numbers("to", &[1]), numbers("along", &[column])];
        let classifier = opened(graph, plain(), None).unwrap();
        let found = classifier.predict(std::slice::from_ref(&path), 3).pictures.remove(0).1;
        let top = found.unwrap().top;
        assert_eq!(top[0].0, "red");
        assert!((top[0].1 - shares([1.0, 0.0, 0.0])[0]).abs() < 1e-6, "{top:?}");
    }
}

#[test]
fn pixels_are_scaled_as_named() {
    let graph = || model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]);
    let scale = PixelScale {
        largest: 255.0,
        mean: vec![250.0, 50.0, 10.0],
        deviation: vec![5.0, 2.0, 10.0],
        is_bgr: false,
    };
    // (255 - 250) / 5, (51 - 50) / 2, (0 - 10) / 10.
    let classifier = opened(graph(), scale.clone(), None).unwrap();
    near(answer(&classifier, COLOR).0, shares([1.0, 0.5, -1.0]));
    // The first channel is blue then.
    let classifier = opened(graph(), PixelScale { is_bgr: true, ..scale }, None).unwrap();
    near(answer(&classifier, COLOR).0, shares([-1.0, 0.5, 1.0]));
    let halved = PixelScale { mean: vec![0.5], deviation: vec![0.5], ..plain() };
    let classifier = opened(graph(), halved, None).unwrap();
    near(answer(&classifier, COLOR).0, shares([1.0, -0.6, -1.0]));
    near(answer(&classifier.inverted(true), COLOR).0, shares([-1.0, 0.6, 1.0]));
}

#[test]
fn probabilities_are_told_by_their_sum() {
    let graph = model(&[0, 3, 0, 0], &[2, 3], true, &[0, 3]);
    let classifier = opened(graph, plain(), Some(8)).unwrap();
    assert_eq!(classifier.shape(), [3, 8, 8]);
    let (found, given) = answer(&classifier, COLOR);
    assert_eq!(given, GivenScores::Probabilities);
    near(found, shares([1.0, 0.2, 0.0]));
    // Means may sum to one by chance, but the node that makes them tells.
    let classifier = opened(model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]), plain(), None).unwrap();
    assert_eq!(answer(&classifier, [255, 0, 0]).1, GivenScores::Logits);
    // Where it does not, one picture alone could be either; another shows it.
    let mut graph = model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]);
    graph.node[1].op_type = "Abs".to_owned();
    let classifier = opened(graph, plain(), None).unwrap();
    assert_eq!(answer(&classifier, [255, 0, 0]).1, GivenScores::Probabilities);
    let folder = tempfile::tempdir().unwrap();
    let files = [[255, 0, 0], [255, 255, 0]].map(|color| picture(folder.path(), color));
    assert_eq!(classifier.predict(&files, 1).given, Some(GivenScores::Logits));
}

#[test]
fn a_bad_picture_does_not_stop_the_others() {
    let classifier = opened(model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]), plain(), None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let files = [folder.path().join("none.png"), picture(folder.path(), COLOR)];
    let found = classifier.predict(&files, 1);
    assert!(found.pictures[0].1.is_err());
    assert_eq!(found.pictures[1].1.as_ref().unwrap().class, "red");
    assert_eq!(classifier.predict(&files[..1], 1).given, None);
}

#[test]
fn what_is_no_classifier_is_refused() {
    let refused = |graph: GraphProto, scale: PixelScale, side: Option<usize>| {
        opened(graph, scale, side).err().unwrap().to_string()
    };
    let nchw = |outputs: &[i64]| model(&[1, 3, 4, 6], &[2, 3], false, outputs);
    for (graph, expected) in [
        (nchw(&[1, 4]), "has 4 outputs, but --classes names 3"),
        (nchw(&[1, 3, 4, 6]), "its output `y` is [1, 3, 4, 6]; understood are classifiers"),
        (model(&[1, 3], &[1], false, &[1, 3]), "its input `x` is [1, 3]; understood are"),
        (model(&[8, 3, 4, 6], &[2, 3], false, &[8, 3]), "its input `x` is [8, 3, 4, 6]"),
        (model(&[1, 4, 4, 6], &[2, 3], false, &[1, 4]), "its input `x` is [1, 4, 4, 6]"),
        (model(&[1, 3, 4, 1], &[2, 3], false, &[1, 3]), "channels may be first or last"),
        (model(&[1, 3, 9999, 6], &[2, 3], false, &[1, 3]), "its input `x` is [1, 3, 9999, 6]"),
        (
            GraphProto {
                input: vec![value("x", data_type::INT32, &[1, 3, 4, 6])],
                ..nchw(&[1, 3])
            },
            "`x` is of int32",
        ),
        (
            GraphProto {
                input: ["x", "z"].map(|name| value(name, data_type::FLOAT, &[1, 3, 4, 6])).to_vec(),
                ..nchw(&[1, 3])
            },
            "it has 2 inputs",
        ),
        (GraphProto { output: Vec::new(), ..nchw(&[1, 3]) }, "it has no output"),
    ] {
        let message = refused(graph, plain(), None);
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let message = refused(nchw(&[1, 3]), plain(), Some(32));
    assert!(message.contains("this one takes 6x4; leave it out"), "{message}");
    let message = refused(model(&[1, 3, 0, 0], &[2, 3], false, &[1, 3]), plain(), Some(0));
    assert!(message.contains("--size must be from 1"), "{message}");
    let gray = || model(&[1, 1, 4, 6], &[2, 3], false, &[1, 3]);
    let message = refused(gray(), PixelScale { is_bgr: true, ..plain() }, None);
    assert!(
        message.contains("--channels bgr is for colors, but the model takes gray"),
        "{message}"
    );
    // One output where three are named, which its file does not tell.
    let message = refused(model(&[1, 1, 4, 6], &[2, 3], false, &[0, 0]), plain(), None);
    assert!(message.contains("has 1 outputs, but --classes names 3"), "{message}");
}

#[test]
fn a_model_that_would_take_too_much_is_not_run() {
    let mut graph = model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]);
    graph.initializer.push(numbers("sizes", &[1, 3, 100_000, 100_000]));
    graph.node.insert(0, node("ConstantOfShape", &["sizes"], "large"));
    let message = opened(graph, plain(), None).err().unwrap().to_string();
    assert!(message.contains("takes too much to be run: node `large`"), "{message}");
    let mut graph = model(&[1, 3, 4, 6], &[2, 3], false, &[1, 3]);
    graph.node.push(node("MatMulInteger", &["x", "x"], "q"));
    let message = opened(graph, plain(), None).err().unwrap().to_string();
    assert!(message.contains("is quantized"), "{message}");
}
