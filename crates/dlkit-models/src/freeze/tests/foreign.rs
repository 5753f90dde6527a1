//! Files as other programs write them, described.

use std::fs;

use prost::Message;

use crate::freeze::{Described, Description, FreezeError, FrozenNetwork, describe};
use crate::graph::onnx::{
    Attribute, Dimension, EXTERNAL, Entry, GraphProto, ModelProto, NodeProto, OperatorSet,
    TensorProto, TensorShape, TensorType, TypeProto, ValueInfo, attribute_kind, data_type,
};

fn value(name: &str, kind: Option<TypeProto>) -> ValueInfo {
    ValueInfo { name: name.to_owned(), kind, doc_string: String::new() }
}

fn tensor(elem_type: i32, sizes: Option<Vec<Dimension>>) -> TypeProto {
    let shape = sizes.map(|dim| TensorShape { dim });
    TypeProto { tensor: Some(TensorType { elem_type, shape }), ..TypeProto::default() }
}

fn attribute(name: &str, kind: i32, change: impl FnOnce(&mut Attribute)) -> Attribute {
    let mut attribute = Attribute { name: name.to_owned(), kind, ..Attribute::default() };
    change(&mut attribute);
    attribute
}

fn foreign() -> ModelProto {
    let branch = GraphProto { node: vec![NodeProto::default(); 3], ..GraphProto::default() };
    let node = NodeProto {
        input: vec!["x".to_owned(), String::new()],
        output: vec!["a".to_owned(), "b".to_owned()],
        op_type: "Weird\u{1b}[2J".to_owned(),
        domain: "com.other".to_owned(),
        attribute: vec![
            attribute("then", attribute_kind::GRAPH, |attribute| {
                attribute.g = Some(Box::new(branch));
            }),
            attribute("sizes", attribute_kind::INTS, |attribute| {
                attribute.ints = (1..=9).collect();
            }),
            attribute("mode", attribute_kind::STRING, |attribute| {
                attribute.s = Some(vec![b'o', 0xff].into());
            }),
            attribute("odd", 99, |_| {}),
        ],
        ..NodeProto::default()
    };
    let weight = TensorProto {
        dims: vec![1000, 1000],
        data_type: data_type::FLOAT,
        name: "w".to_owned(),
        external_data: vec![Entry { key: "location".to_owned(), value: "w.bin".to_owned() }],
        data_location: EXTERNAL,
        ..TensorProto::default()
    };
    let negative = TensorProto { dims: vec![-4, i64::MAX], ..TensorProto::default() };
    let huge = TensorProto { dims: vec![i64::MAX; 8], ..TensorProto::default() };
    let named = Dimension { value: None, name: Some("batch".to_owned()) };
    let sizes = vec![named, Dimension::default(), Dimension { value: Some(3), name: None }];
    let sequence = TypeProto { sequence: Some(Vec::new().into()), ..TypeProto::default() };
    let graph = GraphProto {
        node: vec![node],
        initializer: vec![weight, negative, huge],
        input: vec![
            value("x", Some(tensor(data_type::FLOAT, Some(sizes)))),
            value("w", Some(tensor(data_type::FLOAT, None))),
            value("y", Some(tensor(77, None))),
        ],
        output: vec![value("a", Some(sequence)), value("b", None)],
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: 3,
        producer_name: "other".to_owned(),
        graph: Some(graph),
        opset_import: vec![
            OperatorSet { domain: String::new(), version: 9 },
            OperatorSet { domain: "com.other".to_owned(), version: 1 },
        ],
        ..ModelProto::default()
    }
}

#[test]
fn files_of_other_programs_are_described_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("foreign.onnx");
    fs::write(&path, foreign().encode_to_vec()).unwrap();
    let Described { description, frozen } = describe(&path).unwrap();
    let Description { producer, operators, inputs, outputs, nodes, values, external, .. } =
        description;
    assert_eq!(producer, "other");
    assert_eq!(
        operators.into_iter().collect::<Vec<_>>(),
        [("ai.onnx".to_owned(), 9), ("com.other".to_owned(), 1)]
    );
    // Weights are no inputs, although old files list them there.
    let inputs: Vec<String> = inputs.iter().map(ToString::to_string).collect();
    assert_eq!(inputs, ["x: float32 [batch, ?, 3]", "y: type 77 of unknown shape"]);
    let outputs: Vec<String> = outputs.iter().map(ToString::to_string).collect();
    assert_eq!(outputs, ["a: sequence of unknown shape", "b: ? of unknown shape"]);
    assert_eq!(
        nodes,
        ["a, b = com.other.Weird\\u{1b}[2J(x, -, then=graph of 3 nodes, \
          sizes=[1, 2, 3, 4, 5, 6, 7, 8, ... 9 in total], mode=\"o\u{fffd}\", \
          odd=attribute of type 99)"]
    );
    // Sizes that are negative or overflow count as none.
    assert_eq!((values, external), (1_000_000, vec!["w".to_owned()]));
    assert!(matches!(frozen, Err(FreezeError::Foreign { .. })), "{frozen:?}");
    let message = FrozenNetwork::load(&path).unwrap_err().to_string();
    let expected = "not frozen by dlkit, so it cannot be used; unknown operators: \
         `com.other.Weird\\u{1b}[2J`; show its content";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn operators_that_are_not_known_are_named_once_and_only_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("foreign.onnx");
    let message = |operators: &[&str]| {
        let node = |name: &&str| NodeProto { op_type: (*name).to_owned(), ..NodeProto::default() };
        let node = operators.iter().map(node).collect();
        let graph = Some(GraphProto { node, ..GraphProto::default() });
        let model = ModelProto { graph, ..ModelProto::default() };
        fs::write(&path, model.encode_to_vec()).unwrap();
        FrozenNetwork::load(&path).unwrap_err().to_string()
    };
    assert!(
        message(&["Gemm", "Relu"])
            .contains("it cannot be used; show its content with dlkit inspect")
    );
    let two = message(&["LSTM", "Gemm", "LSTM", "x\u{202e}\u{200b}"]);
    assert!(two.contains("unknown operators: `LSTM`, `x\\u{202e}\\u{200b}`; show"), "{two}");
    let many = message(&["A", "B", "C", "D", "E", "F"]);
    assert!(many.contains("unknown operators: `A`, `B`, `C`, `D`, `...`; show"), "{many}");
}
