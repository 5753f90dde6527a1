//! Content of any ONNX file, frozen by dlkit or not.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::error::FreezeError;
use super::file::read_model;
use super::frozen::FrozenNetwork;
use crate::graph::node_text::node_text;
use crate::graph::onnx::{
    Dimension, EXTERNAL, GraphProto, ModelProto, TensorProto, TypeProto, ValueInfo, data_type,
};
use crate::graph::text::{shown, shown_lines};

/// An ONNX file, read once: its content and, if dlkit froze it, its network.
#[derive(Debug)]
pub struct Described {
    /// Its content.
    pub description: Description,
    /// The network, or why it cannot be used.
    pub frozen: Result<FrozenNetwork, FreezeError>,
}

/// Content of an ONNX file. Hidden characters in its text are made visible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// The program that wrote it, and its version.
    pub producer: String,
    /// Version of the format.
    pub format: i64,
    /// The sets of operators and their versions; ONNX's own is named `ai.onnx`.
    pub operators: BTreeMap<String, i64>,
    /// Inputs, those that are weights left out.
    pub inputs: Vec<ValueDescription>,
    /// Outputs.
    pub outputs: Vec<ValueDescription>,
    /// Every node as `output = Operator(inputs, attribute=value)`, in order.
    pub nodes: Vec<String>,
    /// Values of all initializers together.
    pub values: u64,
    /// Initializers that lie in another file, by name.
    pub external: Vec<String>,
    /// Metadata by key.
    pub metadata: BTreeMap<String, String>,
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValueDescription {
    /// Its name, by which runtimes ask for it.
    pub name: String,
    /// `float32`, `int64`, ...; for other types than tensors `sequence` and the like.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its sizes: numbers, names of sizes that may vary, `?` where the file says nothing; none
    /// where it does not even say how many there are.
    pub shape: Option<Vec<String>>,
}

/// Describes an ONNX file of any program; nothing in it is executed.
///
/// # Errors
/// The file cannot be read, is too large, or is not an ONNX model.
pub fn describe(path: &Path) -> Result<Described, FreezeError> {
    let (bytes, model) = read_model(path)?;
    let description = Description::new(&model);
    let frozen = FrozenNetwork::of_unchanged_model(path, bytes, model);
    Ok(Described { description, frozen })
}

impl Description {
    fn new(model: &ModelProto) -> Self {
        let nothing = GraphProto::default();
        let graph = model.graph.as_ref().unwrap_or(&nothing);
        let producer = format!("{} {}", model.producer_name, model.producer_version);
        let operators = model.opset_import.iter().map(|set| {
            let domain = if set.domain.is_empty() { "ai.onnx" } else { &set.domain };
            (shown(domain), set.version)
        });
        // Old files list their weights among the inputs.
        let weights: std::collections::BTreeSet<&str> =
            graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
        let inputs = graph.input.iter().filter(|input| !weights.contains(input.name.as_str()));
        let external = graph.initializer.iter().filter(|tensor| is_external(tensor));
        let metadata = model.metadata_props.iter();
        Self {
            producer: shown(producer.trim()),
            format: model.ir_version,
            operators: operators.collect(),
            inputs: inputs.map(ValueDescription::new).collect(),
            outputs: graph.output.iter().map(ValueDescription::new).collect(),
            nodes: graph.node.iter().map(node_text).collect(),
            values: graph.initializer.iter().map(size).fold(0, u64::saturating_add),
            external: external.map(|tensor| shown(&tensor.name)).collect(),
            metadata: metadata
                .map(|entry| (shown(&entry.key), shown_lines(&entry.value)))
                .collect(),
        }
    }
}

fn is_external(tensor: &TensorProto) -> bool {
    tensor.data_location == EXTERNAL || !tensor.external_data.is_empty()
}

/// The number of values; sizes that make no sense count as none.
fn size(tensor: &TensorProto) -> u64 {
    let mut sizes = tensor.dims.iter().map(|&size| u64::try_from(size).ok());
    sizes.try_fold(1_u64, |product, size| product.checked_mul(size?)).unwrap_or(0)
}

impl ValueDescription {
    fn new(value: &ValueInfo) -> Self {
        let (kind, shape) = value.kind.as_ref().map_or_else(|| ("?".to_owned(), None), about);
        Self { name: shown(&value.name), kind, shape }
    }
}

fn about(kind: &TypeProto) -> (String, Option<Vec<String>>) {
    if let Some(tensor) = &kind.tensor {
        let sizes = tensor.shape.as_ref().map(|shape| shape.dim.iter().map(size_text).collect());
        return (data_type::name(tensor.elem_type), sizes);
    }
    let others = [
        (&kind.sequence, "sequence"),
        (&kind.map, "map"),
        (&kind.sparse_tensor, "sparse tensor"),
        (&kind.optional, "optional"),
    ];
    let other = others.into_iter().find(|(content, _)| content.is_some());
    (other.map_or("?", |(_, name)| name).to_owned(), None)
}

fn size_text(size: &Dimension) -> String {
    match (size.value, &size.name) {
        (Some(value), _) => value.to_string(),
        (None, Some(name)) => shown(name),
        (None, None) => "?".to_owned(),
    }
}

impl fmt::Display for ValueDescription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = self.shape.as_ref().map_or_else(
            || "of unknown shape".to_owned(),
            |sizes| format!("[{}]", sizes.join(", ")),
        );
        write!(formatter, "{}: {} {shape}", self.name, self.kind)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sets = self.operators.iter().map(|(domain, version)| format!("{domain} {version}"));
        let sets = sets.collect::<Vec<_>>().join(", ");
        writeln!(formatter, "ONNX format {}, operators {sets}", self.format)?;
        writeln!(formatter, "producer: {}", self.producer)?;
        for (kind, values) in [("input", &self.inputs), ("output", &self.outputs)] {
            for value in values {
                writeln!(formatter, "{kind} {value}")?;
            }
        }
        writeln!(formatter, "values in initializers: {}", self.values)?;
        if !self.external.is_empty() {
            let names = self.external.join(", ");
            writeln!(formatter, "in other files, not read: {names}")?;
        }
        writeln!(formatter, "\nnodes: {}", self.nodes.len())?;
        for node in &self.nodes {
            writeln!(formatter, "  {node}")?;
        }
        write!(formatter, "\nmetadata: {}", self.metadata.len())?;
        for (key, value) in &self.metadata {
            write!(formatter, "\n  {key} = {}", value.trim_end().replace('\n', "\n    "))?;
        }
        Ok(())
    }
}
