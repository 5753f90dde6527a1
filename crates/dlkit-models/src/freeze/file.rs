//! The bytes of an ONNX file.

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::TensorData;
use prost::Message;
use prost::bytes::Bytes;

use super::agreement::Agreement;
use super::error::FreezeError;
use super::lower::{Lowered, lower};
use super::metadata::{Metadata, checksum_entry};
use crate::graph::Damage;
use crate::graph::guard::check_parts;
use crate::graph::nodes::{Content, Initializer, signed};
use crate::graph::onnx::{Entry, GraphProto, ModelProto, OperatorSet, TensorProto, data_type};
use crate::network::{Network, NetworkSpec};
use crate::training::Loss;
use crate::value::Shape;
use dlkit_files::regular::{Unread, read_regular};

/// Most bytes of a file: what Protocol Buffers allow.
const LARGEST_FILE: u64 = (1 << 31) - 1;

/// The version of the operators: known to every runtime in use, and all that is needed.
pub(super) const OPERATORS: i64 = 17;
/// Format version that belongs to these operators.
pub(super) const FORMAT: i64 = 8;

/// A network and its metadata as the bytes of an ONNX file.
///
/// # Errors
/// A network too large for one file, a constant beyond single precision.
pub(super) fn file_bytes(
    network: &Network,
    metadata: &Metadata,
    with_softmax: bool,
) -> Result<Vec<u8>, FreezeError> {
    if with_softmax {
        check_probabilities(network.spec(), metadata.loss)?;
    }
    let lowered = lower(network.spec(), with_softmax)?;
    let weights: BTreeMap<String, TensorData> = network.weights().into_iter().collect();
    let values = |initializer: &Initializer| match &initializer.content {
        Content::Constant { bytes, .. } => bytes.clone(),
        Content::Weight => weights.get(&initializer.name).map_or_else(Bytes::new, |data| {
            data.iter::<f32>().flat_map(f32::to_le_bytes).collect()
        }),
    };
    let values: Vec<Bytes> = lowered.initializers.iter().map(values).collect();
    let mut entries = metadata.entries().map_err(FreezeError::Metadata)?;
    let agreement = Agreement::of(&metadata.facts, network.spec(), metadata.loss);
    entries.extend(agreement.entries().map_err(FreezeError::Metadata)?);
    entries.push(checksum_entry(&entries, &values));
    let model = model(lowered, values, &metadata.version, entries);
    let bytes = model.encoded_len() as u64;
    if bytes > LARGEST_FILE {
        return Err(FreezeError::TooLarge { bytes, most: LARGEST_FILE });
    }
    Ok(model.encode_to_vec())
}

/// The file of a graph, the values of its initializers and metadata, written by a version of dlkit.
pub(super) fn model(
    lowered: Lowered,
    values: Vec<Bytes>,
    version: &str,
    entries: Vec<Entry>,
) -> ModelProto {
    let initializer = lowered
        .initializers
        .into_iter()
        .zip(values)
        .map(|(initializer, raw_data)| TensorProto {
            dims: initializer.dims.iter().map(|&size| signed(size)).collect(),
            data_type: initializer.data_type(),
            name: initializer.name,
            raw_data,
            ..TensorProto::default()
        })
        .collect();
    let graph = GraphProto {
        node: lowered.nodes,
        name: "dlkit".to_owned(),
        initializer,
        input: vec![lowered.input],
        output: lowered.outputs,
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: FORMAT,
        producer_name: "dlkit".to_owned(),
        producer_version: version.to_owned(),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
        metadata_props: entries,
        ..ModelProto::default()
    }
}

/// Whether the outputs of a network stand for probabilities: as they are, or after a softmax.
///
/// # Errors
/// A network that was trained to give something else.
pub(super) fn check_probabilities(spec: &NetworkSpec, loss: Loss) -> Result<(), FreezeError> {
    let are_scores = matches!(loss, Loss::CrossEntropy { .. });
    let is_vector = matches!(spec.output(), Shape::Features(_));
    if is_vector && (spec.ends_in_softmax() || are_scores) {
        return Ok(());
    }
    Err(FreezeError::NoProbabilities)
}

impl Initializer {
    /// The type of its values.
    pub(super) const fn data_type(&self) -> i32 {
        match self.content {
            Content::Weight => data_type::FLOAT,
            Content::Constant { data_type, .. } => data_type,
        }
    }
}

/// Reads an ONNX file of any program: its bytes and what they stand for.
///
/// # Errors
/// The file cannot be read, is too large, or is not an ONNX model.
pub(crate) fn read_model(path: &Path) -> Result<(Bytes, ModelProto), FreezeError> {
    let damaged = || FreezeError::damaged(path);
    let bytes = read_regular(path, LARGEST_FILE).map_err(|error| match error {
        Unread::NotRegular => damaged()(Damage::NoFile),
        Unread::TooLarge { most } => damaged()(Damage::Size { most }),
        other => FreezeError::io("read", path)(other.into()),
    })?;
    let bytes = Bytes::from(bytes);
    let model = decode_model(bytes.clone()).map_err(damaged())?;
    Ok((bytes, model))
}

/// The model that bytes stand for.
pub(super) fn decode_model(bytes: Bytes) -> Result<ModelProto, Damage> {
    if bytes.is_empty() {
        return Err(Damage::Empty);
    }
    check_parts(&bytes)?;
    let model = ModelProto::decode(bytes)
        .map_err(|error| Damage::Bytes(format!("is damaged or not an ONNX file ({error})")))?;
    if model.graph.is_none() { Err(Damage::NoGraph) } else { Ok(model) }
}
