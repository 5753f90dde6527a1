//! Where the graph of a file differs from the one that its own network has.
//!
//! dlkit executes the network that a frozen file describes, never its graph. Both must therefore be
//! equal, byte for byte; this module names the first difference.

use prost::Message;
use prost::bytes::Bytes;

use crate::graph::nodes::{Content, Initializer};
use crate::graph::onnx::{GraphProto, NodeProto, TensorProto, data_type};
use crate::graph::text::shortened;

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
    /// The first difference of a graph from the one that is expected.
    pub(super) fn between(found: &GraphProto, expected: &GraphProto) -> Self {
        let ends = |graph: &GraphProto| (encoded(&graph.input), encoded(&graph.output));
        if let Some((node, other)) = first(&found.node, &expected.node) {
            let counts = (found.node.len(), expected.node.len());
            Self { reason: node_reason(node, other, counts), layer: other.map(layer_of_node) }
        } else if let Some((tensor, other)) = first(&found.initializer, &expected.initializer) {
            let counts = (found.initializer.len(), expected.initializer.len());
            let layer = other.map(|other| layer_of_initializer(&other.name));
            Self { reason: tensor_reason(tensor, other, counts), layer }
        } else if ends(found) != ends(expected) {
            "its inputs or outputs have other names, types or shapes than those of its network"
                .into()
        } else {
            "it contains something that dlkit never writes".into()
        }
    }
}

/// The values of the initializers that a network's graph has: its own constants, and the weights of
/// `found`.
///
/// # Errors
/// Weights of another size.
pub(super) fn initial_values(
    expected: &[Initializer],
    found: &[TensorProto],
) -> Result<Vec<Bytes>, Mismatch> {
    let value = |(index, initializer): (usize, &Initializer)| match &initializer.content {
        Content::Constant { bytes, .. } => Ok(bytes.clone()),
        Content::Weight => {
            let bytes = found.get(index).map(|tensor| tensor.raw_data.clone()).unwrap_or_default();
            // Sizes of checked networks multiply without overflow.
            let size = initializer.dims.iter().product::<usize>() * size_of::<f32>();
            if bytes.len() == size {
                return Ok(bytes);
            }
            let Initializer { name, .. } = initializer;
            let reason =
                format!("its initializer `{name}` has {} bytes; expected are {size}", bytes.len());
            Err(Mismatch { reason, layer: Some(layer_of_initializer(name)) })
        }
    };
    expected.iter().enumerate().map(value).collect()
}

/// The first two that are not the same, bit by bit, or the first of the longer list.
fn first<'a, M: Message>(
    found: &'a [M],
    expected: &'a [M],
) -> Option<(Option<&'a M>, Option<&'a M>)> {
    let pairs = (0..found.len().max(expected.len())).map(|i| (found.get(i), expected.get(i)));
    let bytes = |message: Option<&M>| message.map(M::encode_to_vec);
    pairs.into_iter().find(|&(found, expected)| bytes(found) != bytes(expected))
}

fn encoded<M: Message>(messages: &[M]) -> Vec<Vec<u8>> {
    messages.iter().map(M::encode_to_vec).collect()
}

/// The layer of a node called `LAYER` or `LAYER/PART`.
fn layer_of_node(node: &NodeProto) -> String {
    node.name.split_once('/').map_or(&*node.name, |(layer, _)| layer).to_owned()
}

/// The layer of an initializer called `LAYER.field` or `LAYER/PART`.
fn layer_of_initializer(name: &str) -> String {
    name.split_once('/')
        .or_else(|| name.rsplit_once('.'))
        .map_or(name, |(layer, _)| layer)
        .to_owned()
}

fn node_reason(
    found: Option<&NodeProto>,
    expected: Option<&NodeProto>,
    (count, expected_count): (usize, usize),
) -> String {
    let (Some(found), Some(expected)) = (found, expected) else {
        return format!("it has {count} nodes; its network has {expected_count}");
    };
    let (name, operator) = (shortened(&found.name), shortened(&found.op_type));
    if found.name == expected.name && found.op_type == expected.op_type {
        return format!(
            "its node `{name}` (`{operator}`) has other inputs, outputs or attributes than the \
             network it belongs to"
        );
    }
    format!(
        "its node `{name}` is `{operator}`; where this version of dlkit freezes that network, there \
         is `{}` named `{}`",
        expected.op_type, expected.name
    )
}

fn tensor_reason(
    found: Option<&TensorProto>,
    expected: Option<&TensorProto>,
    (count, expected_count): (usize, usize),
) -> String {
    let (Some(found), Some(expected)) = (found, expected) else {
        return format!("it has {count} initializers; its network has {expected_count}");
    };
    let text = |tensor: &TensorProto| {
        let dims = &tensor.dims[..tensor.dims.len().min(8)];
        format!("`{}` {} {dims:?}", shortened(&tensor.name), data_type::name(tensor.data_type))
    };
    let (found, expected) = (text(found), text(expected));
    if found == expected {
        return format!("its initializer {found} has other values, or stores them elsewhere");
    }
    format!("its initializer {found} is in the place of {expected}")
}
