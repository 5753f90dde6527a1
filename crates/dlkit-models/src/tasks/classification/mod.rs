//! One of several classes for each picture or row of a table.

mod batch;
mod evaluate;
mod labeled;
mod model;
mod predict;
mod prepare;
mod report;
mod rows;

pub use crate::facts::{Normalization, PictureInput};
pub use batch::{ImageBatch, ImageSource};
pub use evaluate::evaluate;
pub(crate) use labeled::evaluate_labeled;
pub use model::Classifier;
pub use predict::{Prediction, Predictor, ScoreKind};
pub(crate) use prepare::prepare;
pub use report::{ClassFigures, ClassificationReport};
pub(crate) use rows::evaluate_rows;
pub use rows::{RowPredictor, RowSource};
