//! A network is data: a recipe's table, checked, built, run.

mod activation;
mod alignment;
mod batch_norm;
mod builder;
mod config;
mod curve;
mod error;
mod initializer;
mod layer;
mod layer_weights;
mod module;
mod operation;
pub(crate) mod prune;
mod receptive_field;
mod sliding;
mod spec;
mod spread;
mod summary;
mod trace;
mod weights;

pub use crate::value::{Problem, Shape, ShapeError};
pub use activation::{Activation, ActivationLayer, RandomizedRelu, RreluMode, SlopeSharing};
pub(crate) use activation::{SELU_ALPHA, SELU_SCALE};
pub use alignment::Alignment;
pub use batch_norm::BatchNorm;
pub use config::{
    ActivationConfig, BatchNormConfig, Conv2dConfig, DenseConfig, DropoutConfig, LayerConfig,
    NetworkConfig, PlainConfig, PoolConfig, ReshapeConfig, UpsampleConfig, UpsampleMode,
};
pub use curve::{CurvePoint, softmax};
pub use error::NetworkError;
pub use initializer::Initializer;
pub use layer::Layer;
pub use layer_weights::LayerWeights;
pub use module::Network;
pub use operation::{Convolution, Operation, Window};
pub use prune::{PruneError, Pruned, prune};
pub use spec::{LayerSpec, NetworkSpec};
pub use spread::Spread;
pub use summary::{LayerSummary, NetworkSummary};
pub use trace::{TracedValue, ValueStatistics};
pub use weights::WeightsError;
