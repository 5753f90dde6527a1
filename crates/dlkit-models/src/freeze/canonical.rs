//! Whether a file holds the graph that its own network has.
//!
//! A frozen file is executed as the network it describes, never as the graph it holds. Both must
//! therefore be the same, node by node; a file whose graph does something else is refused.

use super::error::FreezeError;
use super::file::OPERATORS;
use super::lower::lower;
use crate::graph::nodes::{Content, Initializer, signed};
use crate::graph::onnx::{
    Attribute, EXTERNAL, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfo, data_type,
};
use crate::graph::text::shortened;
use crate::network::NetworkSpec;

/// Why a graph is not that of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// What was found and what is expected.
    pub(super) reason: String,
    /// The layer it belongs to, if it is one's.
    pub(super) layer: Option<String>,
}

impl From<String> for Mismatch {
    fn from(reason: String) -> Self {
        Self { reason, layer: None }
    }
}

impl From<&str> for Mismatch {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}

impl Mismatch {
    /// At the layer that has what is expected: `LAYER`, `LAYER/PART` or `LAYER.field`.
    fn at(expected: &str, reason: String) -> Self {
        let layer = expected.split_once('/').map_or(expected, |(layer, _)| layer);
        Self { reason, layer: Some(layer.to_owned()) }
    }
}

/// Checks that the graph of a file is what `spec` is lowered to, the values of weights aside.
///
/// # Errors
/// The first difference.
pub(super) fn check_graph(
    model: &ModelProto,
    graph: &GraphProto,
    spec: &NetworkSpec,
) -> Result<(), Mismatch> {
    check_model(model)?;
    let expected =
        lower(spec, graph.output.len() > 1).map_err(|error: FreezeError| error.to_string())?;
    let count = (graph.node.len(), expected.nodes.len());
    for (found, expected) in graph.node.iter().zip(&expected.nodes) {
        check_node(found, expected).map_err(|reason| Mismatch::at(&expected.name, reason))?;
    }
    same_count("nodes", count).map_err(|reason| {
        // The first node that is missing says from where on.
        let missing = expected.nodes.get(graph.node.len());
        missing
            .map_or_else(|| reason.clone().into(), |node| Mismatch::at(&node.name, reason.clone()))
    })?;
    check_values("inputs", &graph.input, std::slice::from_ref(&expected.input))?;
    check_values("outputs", &graph.output, &expected.outputs)?;
    let count = (graph.initializer.len(), expected.initializers.len());
    for (found, expected) in graph.initializer.iter().zip(&expected.initializers) {
        check_initializer(found, expected).map_err(|reason| {
            let weight = expected.name.rsplit_once('.').filter(|_| !expected.name.contains('/'));
            Mismatch::at(weight.map_or(&expected.name, |(layer, _)| layer), reason)
        })?;
    }
    same_count("initializers", count)?;
    if !graph.sparse_initializer.is_empty() || !graph.quantization_annotation.is_empty() {
        return Err("it has sparse or quantized weights, which dlkit never writes".into());
    }
    Ok(())
}

fn check_model(model: &ModelProto) -> Result<(), String> {
    match &model.opset_import[..] {
        [set] if set.domain.is_empty() && set.version == OPERATORS => {}
        _ => return Err(format!("its operators are not those of ONNX's set {OPERATORS}")),
    }
    if model.functions.is_empty() && model.training_info.is_empty() {
        Ok(())
    } else {
        Err("it has functions or training graphs, which dlkit never writes".to_owned())
    }
}

/// The first few names.
fn listed(names: &[String]) -> String {
    let more = if names.len() > 4 { ", ..." } else { "" };
    let first: Vec<String> = names.iter().take(4).map(|name| shortened(name)).collect();
    format!("[{}{more}]", first.join(", "))
}

fn check_node(found: &NodeProto, expected: &NodeProto) -> Result<(), String> {
    let name = shortened(&found.name);
    if found.op_type != expected.op_type || !found.domain.is_empty() {
        return Err(format!(
            "its node `{name}` is `{}`; where this version of dlkit freezes that network, there is \
             `{}` named `{}`",
            shortened(&found.op_type),
            expected.op_type,
            expected.name
        ));
    }
    let wrong = if found.name != expected.name {
        format!("is named otherwise; expected is `{}`", expected.name)
    } else if found.input != expected.input {
        format!("takes {}; expected is {}", listed(&found.input), listed(&expected.input))
    } else if found.output != expected.output {
        format!("gives {}; expected is {}", listed(&found.output), listed(&expected.output))
    } else if same_attributes(&found.attribute, &expected.attribute) {
        return Ok(());
    } else {
        "has other attributes than the network it belongs to".to_owned()
    };
    Err(format!("its node `{name}` (`{}`) {wrong}", expected.op_type))
}

/// Compares bit by bit, so that no number is taken for another.
fn same_attributes(found: &[Attribute], expected: &[Attribute]) -> bool {
    let bits = |attribute: &Attribute| attribute.f.map(f32::to_bits);
    found == expected && found.iter().map(bits).eq(expected.iter().map(bits))
}

fn check_values(what: &str, found: &[ValueInfo], expected: &[ValueInfo]) -> Result<(), String> {
    let same = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(found, expected)| found.name == expected.name && found.kind == expected.kind);
    if same {
        return Ok(());
    }
    let names: Vec<&str> = expected.iter().map(|value| value.name.as_str()).collect();
    Err(format!(
        "its {what} have other names, types or shapes than its network, whose are {}",
        names.join(", ")
    ))
}

fn check_initializer(found: &TensorProto, expected: &Initializer) -> Result<(), String> {
    let name = shortened(&found.name);
    if found.name != expected.name {
        return Err(format!(
            "its initializer `{name}` stands where `{}` is expected",
            expected.name
        ));
    }
    let dims: Vec<i64> = expected.dims.iter().map(|&size| signed(size)).collect();
    if found.data_type != expected.data_type() || found.dims != dims {
        return Err(format!(
            "its initializer `{name}` is {} {:?}; expected is {} {dims:?}",
            data_type::name(found.data_type),
            &found.dims[..found.dims.len().min(8)],
            data_type::name(expected.data_type())
        ));
    }
    if found.data_location == EXTERNAL || !found.external_data.is_empty() {
        return Err(format!("its initializer `{name}` lies in another file"));
    }
    // Sizes of checked networks multiply without overflow.
    let size = match &expected.content {
        Content::Weight => expected.dims.iter().product::<usize>() * size_of::<f32>(),
        Content::Constant { bytes, .. } => bytes.len(),
    };
    if found.raw_data.len() != size {
        return Err(format!(
            "its initializer `{name}` has {} bytes; expected are {size}",
            found.raw_data.len()
        ));
    }
    match &expected.content {
        Content::Constant { bytes, .. } if *bytes != found.raw_data => {
            Err(format!("its constant `{name}` has another value than the network needs"))
        }
        _ => Ok(()),
    }
}

fn same_count(what: &str, (found, expected): (usize, usize)) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("it has {found} {what}; its network has {expected}"))
    }
}
