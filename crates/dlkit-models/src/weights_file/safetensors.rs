//! Hugging Face's `.safetensors`.

use burn::tensor::{DType, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};

use super::Refusal;
use super::expected::Expected;

/// The bytes of a file.
pub(super) fn pack(weights: &[(String, TensorData)]) -> Result<Vec<u8>, String> {
    let values: Vec<(&str, Vec<usize>, Vec<u8>)> = weights
        .iter()
        .map(|(name, data)| {
            let bytes = data.iter::<f32>().flat_map(f32::to_le_bytes).collect();
            (name.as_str(), data.shape().to_vec(), bytes)
        })
        .collect();
    let views = values
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    views.and_then(|views| serialize(views, None)).map_err(|error| error.to_string())
}

/// The weights in the bytes of a file.
pub(super) fn unpack(
    bytes: &[u8],
    expected: &Expected,
) -> Result<Vec<(String, TensorData)>, Refusal> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| format!("not an intact .safetensors file: {error}"))?;
    expected.check(file.iter().map(|(name, _)| name))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            let kind = match view.dtype() {
                Dtype::F32 => DType::F32,
                Dtype::F64 => DType::F64,
                Dtype::F16 => DType::F16,
                Dtype::BF16 => DType::BF16,
                other => {
                    let reason = format!("its type is {other:?}");
                    return Err(Refusal::Content(format!(
                        "{name}: {reason}; supported types are F32, F64, F16 and BF16"
                    )));
                }
            };
            let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape(), kind);
            let single: Vec<f32> = data.iter::<f32>().collect();
            Ok((name, TensorData::new(single, view.shape())))
        })
        .collect()
}
