//! One of several classes for each picture or row of a table.

mod batch;
mod calibration;
mod evaluate;
pub mod foreign;
mod labeled;
mod labels;
mod model;
mod predict;
mod prepare;
mod ranking;
#[cfg(test)]
mod reference_tests;
mod report;
mod rows;
mod scored;
mod threshold;

pub use crate::facts::{Normalization, PictureInput};
pub use batch::{ClassSource, ImageBatch, ImageSource};
pub use calibration::{Calibration, CalibrationBin};
pub use evaluate::{evaluate, score};
pub(crate) use labeled::evaluate_labeled;
pub use model::Classifier;
pub use predict::{Prediction, Predictor, ScoreKind};
pub(crate) use prepare::prepare;
pub use ranking::{ClassCurves, Ranking};
pub use report::{ClassFigures, ClassificationReport};
pub(crate) use rows::evaluate_rows;
pub use rows::{RowPredictor, RowSource};
pub use scored::{Scored, ScoredSample};
pub use threshold::choose_threshold;
