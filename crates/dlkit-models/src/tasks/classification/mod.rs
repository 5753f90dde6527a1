//! One of several classes for each picture.

mod batch;
mod evaluate;
mod frozen;
mod load;
mod model;
mod predict;
mod report;
mod session;

pub use batch::{ImageBatch, ImageSource, Normalization, PictureInput};
pub use evaluate::evaluate;
pub use frozen::{evaluate_frozen, frozen_predictor};
pub use load::{classifier_of_weights, load_network, load_predictor, read_batch};
pub use model::Classifier;
pub use predict::{Prediction, Predictor, ScoreKind};
pub use report::{ClassFigures, ClassificationReport};
pub use session::{ClassificationError, Part, Session};
