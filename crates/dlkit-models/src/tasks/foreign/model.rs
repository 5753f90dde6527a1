//! A model of others, loaded and run.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use dlkit_files::guard;
use prost::bytes::Bytes;
use rten::{Model, ModelOptions, Value};

use super::error::ForeignModelError;
use super::weights::weights_beside;
use crate::freeze::read_model;
use crate::graph::cost::{Judge, Most};
use crate::graph::onnx::GraphProto;

/// Most that a model may take for one picture: 4 GiB besides its weights, and some minutes.
const MOST: Most = Most { memory: 4_294_967_296.0, operations: 1e13 };

/// Operators on which the runtime and onnxruntime do not agree: the colors of a quantized ECCV16 were gray.
const QUANTIZED: [&str; 2] = ["ConvInteger", "MatMulInteger"];

/// The file of a model, read but not loaded.
pub(crate) struct Opened {
    path: PathBuf,
    bytes: Bytes,
    pub(crate) graph: GraphProto,
}

/// A model of others, ready to run.
pub(crate) struct ForeignModel {
    path: PathBuf,
    model: Model,
    judge: Judge,
}

impl Opened {
    /// Reads an ONNX file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self, ForeignModelError> {
        let (bytes, proto) = read_model(path)?;
        Ok(Self { path: path.to_owned(), bytes, graph: proto.graph.unwrap_or_default() })
    }

    /// Loads the model, with the weights that lie beside it, if it may take what it takes for inputs of these
    /// sizes: the runtime computes what does not depend on the input while it loads.
    ///
    /// # Errors
    /// It is quantized or would take too much; its weights cannot be read; what the runtime refuses.
    pub(crate) fn load(
        self,
        inputs: &[(&str, [usize; 4])],
    ) -> Result<ForeignModel, ForeignModelError> {
        let Self { path, bytes, graph } = self;
        let mut operators = graph.node.iter().map(|node| node.op_type.as_str());
        if let Some(operator) = operators.find(|operator| QUANTIZED.contains(operator)) {
            return Err(ForeignModelError::Quantized { path, operator: operator.to_owned() });
        }
        let judge = Judge::new(&graph);
        judged(&path, &judge, inputs)?;
        let mut options = ModelOptions::with_all_ops();
        for (name, weights) in weights_beside(&path, &graph)? {
            options.external_data(&name, weights);
        }
        // It shares the bytes, which are not copied if they belong to one.
        drop(graph);
        let bytes: Vec<u8> = bytes.into();
        let model = guard(|| options.load(bytes)).map_err(failed(&path))?.map_err(failed(&path))?;
        Ok(ForeignModel { path, model, judge })
    }
}

impl ForeignModel {
    /// Where it was read from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks, by its sizes, that it does not take too much memory or time for inputs of these sizes.
    ///
    /// # Errors
    /// It would.
    pub(crate) fn judge(&self, inputs: &[(&str, [usize; 4])]) -> Result<(), ForeignModelError> {
        judged(&self.path, &self.judge, inputs)
    }

    /// An output for inputs of these sizes and values.
    ///
    /// # Errors
    /// Those of the runtime.
    pub(crate) fn run(
        &self,
        inputs: Vec<(&str, [usize; 4], Vec<f32>)>,
        output: &str,
    ) -> Result<Value, ForeignModelError> {
        let node = |name: &str| self.model.node_id(name).map_err(failed(&self.path));
        let mut given = Vec::new();
        for (name, sizes, values) in inputs {
            let value = Value::from_shape(sizes, values).map_err(failed(&self.path))?;
            given.push((node(name)?, value.into()));
        }
        let output = node(output)?;
        let found = guard(|| self.model.run(given, &[output], None)).map_err(failed(&self.path))?;
        let found = found.map_err(failed(&self.path))?.pop();
        found.ok_or_else(|| self.failed("it gave no output"))
    }

    /// Why it cannot be run.
    pub(crate) fn failed(&self, reason: impl Display) -> ForeignModelError {
        failed(&self.path)(reason)
    }
}

fn judged(
    path: &Path,
    judge: &Judge,
    inputs: &[(&str, [usize; 4])],
) -> Result<(), ForeignModelError> {
    judge.cost(inputs, MOST).map(|_| ()).map_err(|error| ForeignModelError::TooMuch {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn failed<E: Display>(path: &Path) -> impl Fn(E) -> ForeignModelError + '_ {
    move |reason| ForeignModelError::Run { path: path.to_owned(), reason: reason.to_string() }
}
