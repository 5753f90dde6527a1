//! Inputs and outputs of a model, by its file.

use crate::graph::onnx::{GraphProto, ValueInfo, data_type};

/// An input or output: its name and sizes, none where any size will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) name: String,
    /// None where the file does not even say how many axes there are.
    pub(crate) sizes: Option<Vec<Option<usize>>>,
}

impl Port {
    /// An input or output of a type that the runtime turns into single precision.
    ///
    /// # Errors
    /// What it is instead.
    pub(crate) fn of(value: &ValueInfo) -> Result<Self, String> {
        let name = value.name.clone();
        let tensor = value.kind.as_ref().and_then(|kind| kind.tensor.as_ref());
        let tensor = tensor.ok_or_else(|| format!("`{name}` is not a tensor"))?;
        if ![data_type::FLOAT, data_type::FLOAT16, data_type::DOUBLE].contains(&tensor.elem_type) {
            return Err(format!("`{name}` is of {}", data_type::name(tensor.elem_type)));
        }
        let sizes = tensor.shape.as_ref().map(|shape| {
            let size = |value: Option<i64>| value.and_then(|size| usize::try_from(size).ok());
            shape.dim.iter().map(|dim| size(dim.value)).collect()
        });
        Ok(Self { name, sizes })
    }

    /// The inputs of a graph but for its weights, which old files list among them.
    ///
    /// # Errors
    /// One that is not of a suitable type.
    pub(crate) fn inputs(graph: &GraphProto) -> Result<Vec<Self>, String> {
        let is_weight = |name: &str| graph.initializer.iter().any(|weight| weight.name == name);
        graph.input.iter().filter(|input| !is_weight(&input.name)).map(Self::of).collect()
    }

    /// Sizes as text.
    pub(crate) fn text(sizes: &[Option<usize>]) -> String {
        let size =
            |size: &Option<usize>| size.map_or_else(|| "?".to_owned(), |size| size.to_string());
        format!("[{}]", sizes.iter().map(size).collect::<Vec<_>>().join(", "))
    }
}
