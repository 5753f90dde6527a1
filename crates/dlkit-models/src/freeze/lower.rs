//! A whole network as an ONNX graph.

use super::error::FreezeError;
use crate::graph::nodes::{Initializer, Nodes, integer, signed};
use crate::graph::onnx::{
    Dimension, NodeProto, TensorShape, TensorType, TypeProto, ValueInfo, data_type,
};
use crate::network::{Alignment, NetworkSpec, Origin, Site};
use crate::value::Shape;

/// The name of the axis whose size is that of the batch.
const BATCH: &str = "batch";
/// The name of the second output; no layer of a checked network has it.
const PROBABILITIES: &str = "probabilities";

/// A network in the test phase as an ONNX graph, without the values of its weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lowered {
    pub(crate) nodes: Vec<NodeProto>,
    pub(crate) initializers: Vec<Initializer>,
    pub(crate) input: ValueInfo,
    /// The outputs: that of the last layer, under its name, and probabilities if requested.
    pub(crate) outputs: Vec<ValueInfo>,
}

/// The graph of a network. `with_softmax` adds probabilities as a second output: the softmax of the
/// output, or the output itself if the network ends in a softmax.
///
/// The value after a layer has the layer's name, and nodes between two layers are named
/// `LAYER/PART`.
///
/// # Errors
/// A constant of a layer exceeds single precision.
pub(crate) fn lower(spec: &NetworkSpec, with_softmax: bool) -> Result<Lowered, FreezeError> {
    let mut nodes = Nodes::default();
    for layer in spec.layers() {
        let inputs: Vec<&str> = layer.origins().iter().map(|from| spec.name_of(*from)).collect();
        let site = Site { name: layer.name(), inputs: &inputs, shapes: layer.inputs() };
        layer.rule().lower(&site, &mut nodes)?;
    }
    let input = spec.name_of(Origin::Input);
    let value = spec.layers().last().map_or(input, |layer| layer.name());
    // A fully convolutional network takes pictures of any size, or of all multiples of the strides of the
    // branches that it joins.
    let any_size = Alignment::new(spec).is_ok();
    let [given, found] = [["height", "width"], ["rows", "columns"]]
        .map(|names| if any_size { Some(names) } else { None });
    let mut outputs = vec![value_info(value, spec.output(), found)];
    if with_softmax {
        if spec.ends_in_softmax() {
            nodes.add(PROBABILITIES, "Identity", &[value], Vec::new());
        } else {
            nodes.add(PROBABILITIES, "Softmax", &[value], vec![integer("axis", 1)]);
        }
        outputs.push(value_info(PROBABILITIES, spec.output(), found));
    }
    let Nodes { nodes, initializers } = nodes;
    Ok(Lowered { nodes, initializers, input: value_info(input, spec.input(), given), outputs })
}

/// A tensor of single precision with a batch axis of any size; `names` are those of the height and
/// the width of maps, where these may have any size too.
fn value_info(name: &str, shape: Shape, names: Option<[&str; 2]>) -> ValueInfo {
    let batch = Dimension { value: None, name: Some(BATCH.to_owned()) };
    let fixed = |size: usize| Dimension { value: Some(signed(size)), name: None };
    let mut dim = vec![batch];
    match (shape, names) {
        (Shape::Maps { channels, .. }, Some(names)) => {
            dim.push(fixed(channels));
            dim.extend(names.map(|name| Dimension { value: None, name: Some(name.to_owned()) }));
        }
        _ => dim.extend(Vec::from(shape).into_iter().map(fixed)),
    }
    let shape = TensorShape { dim };
    let tensor = TensorType { elem_type: data_type::FLOAT, shape: Some(shape) };
    ValueInfo {
        name: name.to_owned(),
        kind: Some(TypeProto { tensor: Some(tensor), ..TypeProto::default() }),
        doc_string: String::new(),
    }
}
