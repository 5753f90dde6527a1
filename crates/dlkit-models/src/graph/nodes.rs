//! Nodes and the values they begin with, as they are put together.

use prost::bytes::Bytes;

use crate::graph::onnx::{Attribute, NodeProto, attribute_kind, data_type};

/// A value that a graph begins with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Initializer {
    pub(crate) name: String,
    pub(crate) dims: Vec<usize>,
    pub(crate) content: Content,
}

/// Content of an initializer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// A weight of the network, of the same name.
    Weight,
    /// A constant of an operator.
    Constant { data_type: i32, bytes: Bytes },
}

/// The nodes of a graph so far.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    pub(crate) nodes: Vec<NodeProto>,
    pub(crate) initializers: Vec<Initializer>,
}

impl Nodes {
    /// Adds a node; its value has the node's name.
    pub(crate) fn add(
        &mut self,
        name: &str,
        operator: &str,
        inputs: &[&str],
        attribute: Vec<Attribute>,
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.to_owned()],
            name: name.to_owned(),
            op_type: operator.to_owned(),
            attribute,
            ..NodeProto::default()
        });
    }

    /// Adds a weight of the network and returns its name.
    pub(crate) fn weight(&mut self, layer: &str, field: &str, dims: &[usize]) -> String {
        let name = format!("{layer}.{field}");
        let (dims, content) = (dims.to_vec(), Content::Weight);
        self.initializers.push(Initializer { name: name.clone(), dims, content });
        name
    }

    /// Adds a number and returns its name.
    pub(crate) fn number(&mut self, layer: &str, part: &str, value: f32) -> String {
        self.numbers(layer, part, &[], &[value])
    }

    /// Adds numbers and returns their name.
    pub(crate) fn numbers(
        &mut self,
        layer: &str,
        part: &str,
        dims: &[usize],
        values: &[f32],
    ) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(layer, part, dims, data_type::FLOAT, bytes)
    }

    /// Adds integers and returns their name.
    pub(crate) fn integers(&mut self, layer: &str, part: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(layer, part, &[values.len()], data_type::INT64, bytes)
    }

    fn constant(
        &mut self,
        layer: &str,
        part: &str,
        dims: &[usize],
        data_type: i32,
        bytes: Bytes,
    ) -> String {
        let name = format!("{layer}/{part}");
        let content = Content::Constant { data_type, bytes };
        self.initializers.push(Initializer { name: name.clone(), dims: dims.to_vec(), content });
        name
    }
}

/// A whole number as an attribute.
pub(crate) fn integer(name: &str, value: i64) -> Attribute {
    Attribute {
        name: name.to_owned(),
        i: Some(value),
        kind: attribute_kind::INT,
        ..Attribute::default()
    }
}

/// Whole numbers as an attribute.
pub(crate) fn integers(name: &str, values: &[usize]) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ints: values.iter().map(|&value| signed(value)).collect(),
        kind: attribute_kind::INTS,
        ..Attribute::default()
    }
}

/// A number as an attribute.
pub(crate) fn float(name: &str, value: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f: Some(value),
        kind: attribute_kind::FLOAT,
        ..Attribute::default()
    }
}

/// A word as an attribute.
pub(crate) fn word(name: &str, value: &'static str) -> Attribute {
    Attribute {
        name: name.to_owned(),
        s: Some(Bytes::from_static(value.as_bytes())),
        kind: attribute_kind::STRING,
        ..Attribute::default()
    }
}

/// A size as ONNX has it; sizes of checked networks are far below the largest.
pub(crate) fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// A constant that exceeds single precision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OutOfRange {
    /// The layer.
    pub(crate) layer: String,
    /// Which constant.
    pub(crate) what: &'static str,
    /// Its value.
    pub(crate) value: f64,
}

/// A constant in single precision, which ONNX's operators compute in.
pub(crate) fn single(layer: &str, what: &'static str, value: f64) -> Result<f32, OutOfRange> {
    #[expect(clippy::cast_possible_truncation, reason = "checked below")]
    let single = value as f32;
    if single.is_finite() {
        Ok(single)
    } else {
        Err(OutOfRange { layer: layer.to_owned(), what, value })
    }
}
