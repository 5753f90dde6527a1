//! One number for each row of features.

mod batch;
mod evaluate;
mod model;
mod predict;
mod prepare;
mod report;

pub use crate::facts::Column;
pub use batch::{TableBatch, TableSource};
pub use evaluate::{evaluate, evaluate_table};
pub use model::Regressor;
pub use predict::RegressionPredictor;
pub(crate) use prepare::prepare;
pub use report::{FittedSample, RegressionReport};
