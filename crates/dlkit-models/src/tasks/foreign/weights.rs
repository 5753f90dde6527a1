//! The files beside a model that hold its weights.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use dlkit_files::regular::read_regular;

use super::error::ForeignModelError;
use crate::graph::onnx::{EXTERNAL, GraphProto, TensorProto};

/// Most bytes of the weights in other files.
const LARGEST_WEIGHTS: u64 = 1 << 31;

/// The files beside a model that hold its weights, by the names it has for them.
pub(super) fn weights_beside(
    path: &Path,
    graph: &GraphProto,
) -> Result<Vec<(String, Vec<u8>)>, ForeignModelError> {
    let unread = |reason: String| ForeignModelError::Weights { path: path.to_owned(), reason };
    let outside: Vec<&TensorProto> =
        graph.initializer.iter().filter(|weight| weight.data_location == EXTERNAL).collect();
    let entry = |weight: &TensorProto, key: &str| {
        let found = weight.external_data.iter().find(|entry| entry.key == key);
        found.map(|entry| entry.value.clone())
    };
    let names: BTreeSet<String> =
        outside.iter().filter_map(|weight| entry(weight, "location")).collect();
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    let mut left = LARGEST_WEIGHTS;
    for name in names {
        let mut parts = Path::new(&name).components();
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(unread(format!("`{name}`: not a file beside the model")));
        }
        let bytes = read_regular(&folder.join(&name), left)
            .map_err(|error| unread(format!("{}: {error}", folder.join(&name).display())))?;
        let length = bytes.len() as u64;
        left = left.saturating_sub(length);
        for weight in
            outside.iter().filter(|weight| entry(weight, "location").as_ref() == Some(&name))
        {
            let number =
                |key| entry(weight, key).map_or(Some(0), |value| value.parse::<u64>().ok());
            let end = number("offset").and_then(|offset| offset.checked_add(number("length")?));
            if end.is_none_or(|end| end > length) {
                return Err(unread(format!(
                    "{name}: it has {length} bytes, but `{}` lies beyond",
                    weight.name
                )));
            }
        }
        files.push((name, bytes));
    }
    Ok(files)
}
