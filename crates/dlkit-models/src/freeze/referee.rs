//! The second runtime: rten, which shares no code with Burn.

use burn::tensor::TensorData;
use rten::{Model, ModelOptions, NodeId, OpRegistry, Value, op_registry};

use super::error::FreezeError;

/// Makes a registry of operators and a list of their names.
macro_rules! operators {
    ($($operator:ident),*) => {
        /// Operators of frozen files.
        pub(super) const OPERATORS: &[&str] = &[$(stringify!($operator)),*];

        fn registry() -> OpRegistry {
            op_registry!($($operator),*)
        }
    };
}

operators!(
    Add,
    AveragePool,
    BatchNormalization,
    Concat,
    Conv,
    ConvTranspose,
    DepthToSpace,
    Div,
    Elu,
    Erf,
    Expand,
    Flatten,
    Gemm,
    GlobalAveragePool,
    Identity,
    InstanceNormalization,
    LayerNormalization,
    LeakyRelu,
    MaxPool,
    Mul,
    PRelu,
    Relu,
    Reshape,
    Resize,
    Shape,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh
);

/// A frozen file as rten loads it.
pub(super) struct Referee {
    model: Model,
}

impl Referee {
    /// Loads the bytes of a file whose graph was checked. It knows only operators of frozen files
    /// and does not optimize nodes, so that every intermediate value is available.
    ///
    /// # Errors
    /// Those of rten.
    pub(super) fn load(bytes: Vec<u8>) -> Result<Self, FreezeError> {
        let mut options = ModelOptions::with_ops(registry());
        let model = options.enable_optimization(false).load(bytes);
        Ok(Self { model: model.map_err(|error| FreezeError::Referee(error.to_string()))? })
    }

    /// The named values for an input, in the order of the names.
    ///
    /// # Errors
    /// The graph lacks the value; those of rten.
    pub(super) fn values(
        &self,
        input: &str,
        data: &TensorData,
        names: &[String],
    ) -> Result<Vec<Vec<f32>>, FreezeError> {
        let failed = |error: &dyn std::error::Error| FreezeError::Referee(error.to_string());
        let node = |name: &str| self.model.node_id(name).map_err(|error| failed(&error));
        let given = Value::from_shape(data.shape().to_vec(), data.iter::<f32>().collect())
            .map_err(|error| failed(&error))?;
        let outputs = names.iter().map(|name| node(name)).collect::<Result<Vec<NodeId>, _>>()?;
        let values = self.model.run(vec![(node(input)?, given.into())], &outputs, None);
        let values = values.map_err(|error| failed(&error))?.into_iter().map(numbers);
        values.collect::<Option<_>>().ok_or_else(|| {
            FreezeError::Referee(
                "rten returned a value that is not a single-precision tensor".into(),
            )
        })
    }
}

/// The numbers of a vector or of maps, with their batch axis.
fn numbers(value: Value) -> Option<Vec<f32>> {
    let numbers = match value.clone().into_shape_vec::<f32, 2>() {
        Ok((_, numbers)) => numbers,
        Err(_) => value.into_shape_vec::<f32, 4>().ok()?.1,
    };
    Some(numbers)
}
