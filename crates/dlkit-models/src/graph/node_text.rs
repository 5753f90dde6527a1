//! A node as a line of text.

use super::text::shown;
use crate::graph::onnx::{Attribute, NodeProto, TensorProto, attribute_kind, data_type};

/// Most elements of a list that are written out.
const LONGEST_LIST: usize = 8;

/// `output = Operator(inputs, attribute=value)`.
pub(crate) fn node_text(node: &NodeProto) -> String {
    let outputs: Vec<String> = node.output.iter().map(|name| shown(name)).collect();
    let operator = operator_text(node);
    // An input that is left out has an empty name.
    let inputs =
        node.input.iter().map(|name| if name.is_empty() { "-".to_owned() } else { shown(name) });
    let attributes = node
        .attribute
        .iter()
        .map(|attribute| format!("{}={}", shown(&attribute.name), attribute_text(attribute)));
    let arguments: Vec<String> = inputs.chain(attributes).collect();
    format!("{} = {operator}({})", outputs.join(", "), arguments.join(", "))
}

/// The name of a node's operator; one that is not ONNX's own stands after its domain.
pub(crate) fn operator_text(node: &NodeProto) -> String {
    if node.domain.is_empty() {
        return shown(&node.op_type);
    }
    format!("{}.{}", shown(&node.domain), shown(&node.op_type))
}

fn attribute_text(attribute: &Attribute) -> String {
    let text = |bytes: &[u8]| format!("\"{}\"", shown(&String::from_utf8_lossy(bytes)));
    match attribute.kind {
        attribute_kind::FLOAT => attribute.f.unwrap_or(0.0).to_string(),
        attribute_kind::INT => attribute.i.unwrap_or(0).to_string(),
        attribute_kind::STRING => text(attribute.s.as_deref().unwrap_or(b"")),
        attribute_kind::FLOATS => list(&attribute.floats, ToString::to_string),
        attribute_kind::INTS => list(&attribute.ints, ToString::to_string),
        attribute_kind::STRINGS => list(&attribute.strings, |bytes| text(bytes)),
        attribute_kind::TENSOR => {
            attribute.t.as_deref().map_or_else(|| "tensor".to_owned(), tensor_text)
        }
        attribute_kind::GRAPH => {
            let nodes = attribute.g.as_deref().map_or(0, |graph| graph.node.len());
            format!("graph of {nodes} nodes")
        }
        kind => format!("attribute of type {kind}"),
    }
}

fn tensor_text(tensor: &TensorProto) -> String {
    let sizes = list(&tensor.dims, ToString::to_string);
    format!("{} {sizes}", data_type::name(tensor.data_type))
}

fn list<T>(values: &[T], text: impl Fn(&T) -> String) -> String {
    let mut shown: Vec<String> = values.iter().take(LONGEST_LIST).map(text).collect();
    if values.len() > LONGEST_LIST {
        shown.push(format!("... {} in total", values.len()));
    }
    format!("[{}]", shown.join(", "))
}
