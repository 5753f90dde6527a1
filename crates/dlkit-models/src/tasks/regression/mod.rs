//! One or several numbers for each row of a table.

mod batch;
mod evaluate;
mod model;
mod predict;
mod prepare;
mod report;

pub use crate::facts::{Column, Feature, Targets};
pub use batch::{TableBatch, TableSource};
pub use evaluate::evaluate;
pub(crate) use evaluate::evaluate_table;
pub use model::Regressor;
pub use predict::RegressionPredictor;
pub(crate) use prepare::prepare;
pub use report::{FittedSample, RegressionReport, TargetFigures};
