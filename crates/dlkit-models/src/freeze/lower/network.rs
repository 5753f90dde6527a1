//! A whole network as an ONNX graph.

use super::layer::lower_layer;
use super::nodes::{Initializer, Nodes, integer, signed};
use crate::freeze::error::FreezeError;
use crate::freeze::onnx::{
    Dimension, NodeProto, TensorShape, TensorType, TypeProto, ValueInfo, data_type,
};
use crate::network::{NetworkSpec, Shape};

/// The name of the axis whose size is that of the batch.
const BATCH: &str = "batch";
/// The name of the input; no layer of a checked network has this or the next name.
const INPUT: &str = "input";
/// The name of the second output.
const PROBABILITIES: &str = "probabilities";

/// A network in the test phase as an ONNX graph, without the values of its weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lowered {
    pub(crate) nodes: Vec<NodeProto>,
    pub(crate) initializers: Vec<Initializer>,
    pub(crate) input: ValueInfo,
    /// What the network gives, named by its last layer, and probabilities if they were asked for.
    pub(crate) outputs: Vec<ValueInfo>,
}

/// The graph of a network; `with_softmax` adds probabilities as a second output: a softmax of what the
/// network gives, or that itself where it ends in a softmax.
///
/// The value after a layer has the layer's name, and nodes between two layers are named
/// `LAYER/PART`.
///
/// # Errors
/// A constant of a layer that single precision cannot hold.
pub(crate) fn lower(spec: &NetworkSpec, with_softmax: bool) -> Result<Lowered, FreezeError> {
    let mut nodes = Nodes::default();
    let mut value = INPUT;
    for layer in spec.layers() {
        lower_layer(layer, value, &mut nodes)?;
        value = layer.name();
    }
    let mut outputs = vec![value_info(value, spec.output())];
    if with_softmax {
        if spec.ends_in_softmax() {
            nodes.add(PROBABILITIES, "Identity", &[value], Vec::new());
        } else {
            nodes.add(PROBABILITIES, "Softmax", &[value], vec![integer("axis", 1)]);
        }
        outputs.push(value_info(PROBABILITIES, spec.output()));
    }
    let Nodes { nodes, initializers } = nodes;
    Ok(Lowered { nodes, initializers, input: value_info(INPUT, spec.input()), outputs })
}

/// A tensor of single precision with a batch axis of any size.
fn value_info(name: &str, shape: Shape) -> ValueInfo {
    let batch = Dimension { value: None, name: Some(BATCH.to_owned()) };
    let sizes = Vec::from(shape).into_iter();
    let sizes = sizes.map(|size| Dimension { value: Some(signed(size)), name: None });
    let shape = TensorShape { dim: std::iter::once(batch).chain(sizes).collect() };
    let tensor = TensorType { elem_type: data_type::FLOAT, shape: Some(shape) };
    ValueInfo {
        name: name.to_owned(),
        kind: Some(TypeProto { tensor: Some(tensor), ..TypeProto::default() }),
        doc_string: String::new(),
    }
}
