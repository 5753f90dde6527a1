//! The bytes of an ONNX file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;

use super::error::{Damage, FreezeError};
use super::guard::check_parts;
use super::hash::sha256_hex;
use super::lower::{Content, Initializer, Lowered, lower, signed};
use super::metadata::Metadata;
use super::onnx::{GraphProto, ModelProto, OperatorSet, TensorProto, data_type};
use crate::network::Network;

/// Most bytes of a file: what Protocol Buffers allow.
const LARGEST_FILE: u64 = (1 << 31) - 1;

/// The version of the operators: known to every runtime in use, and all that is needed.
pub(super) const OPERATORS: i64 = 17;
/// The version of the format that came with these operators.
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
    let lowered = lower(network.spec(), with_softmax)?;
    let mut weights = network.weights().into_iter();
    let values = |initializer: &Initializer| match &initializer.content {
        Content::Constant { bytes, .. } => bytes.clone(),
        // Weights are named layer by layer in both.
        Content::Weight => weights.next().map_or_else(Bytes::new, |(_, data)| {
            data.iter::<f32>().flat_map(f32::to_le_bytes).collect()
        }),
    };
    let values: Vec<Bytes> = lowered.initializers.iter().map(values).collect();
    let sum = sha256_hex(values.iter().map(Bytes::as_ref));
    let metadata = Metadata { weights_sha256: sum, ..metadata.clone() };
    let model = model(lowered, values, &metadata)?;
    let bytes = model.encoded_len() as u64;
    if bytes > LARGEST_FILE {
        return Err(FreezeError::TooLarge { bytes, most: LARGEST_FILE });
    }
    Ok(model.encode_to_vec())
}

fn model(
    lowered: Lowered,
    values: Vec<Bytes>,
    metadata: &Metadata,
) -> Result<ModelProto, FreezeError> {
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
    Ok(ModelProto {
        ir_version: FORMAT,
        producer_name: "dlkit".to_owned(),
        producer_version: metadata.version.clone(),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPERATORS }],
        metadata_props: metadata.entries().map_err(FreezeError::Metadata)?,
        ..ModelProto::default()
    })
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

/// Reads an ONNX file of any program.
///
/// # Errors
/// A file that cannot be read, is too large or is no ONNX model.
pub(super) fn read_model(path: &Path) -> Result<ModelProto, FreezeError> {
    let damaged = || FreezeError::damaged(path);
    let read = || FreezeError::io("read", path);
    let file = File::open(path).map_err(read())?;
    let about = file.metadata().map_err(read())?;
    if !about.is_file() {
        return Err(damaged()(Damage::NoFile));
    }
    if about.len() > LARGEST_FILE {
        return Err(damaged()(Damage::Size { most: LARGEST_FILE }));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(read())?;
    decode_model(bytes.into()).map_err(damaged())
}

/// The model that bytes stand for.
pub(super) fn decode_model(bytes: Bytes) -> Result<ModelProto, Damage> {
    if bytes.is_empty() {
        return Err(Damage::Empty);
    }
    check_parts(&bytes)?;
    let model = ModelProto::decode(bytes)
        .map_err(|error| Damage::Bytes(format!("is damaged or no ONNX file ({error})")))?;
    if model.graph.is_none() { Err(Damage::NoGraph) } else { Ok(model) }
}
