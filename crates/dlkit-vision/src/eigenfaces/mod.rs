//! Eigenfaces: principal components of pictures of faces, used for recognition and reconstruction.
//!
//! A picture is a point with one coordinate for each pixel. Pictures of faces lie near a
//! low-dimensional affine space around their mean, the face space. The eigenfaces are the
//! directions in which they vary most. The distance from face space tells whether a picture is a
//! face, and its place within face space tells whose.
//!
//! # References
//! - Sirovich and Kirby: Low-dimensional procedure for the characterization of human faces, 1987.
//! - Turk and Pentland: Eigenfaces for recognition, 1991.

mod alignment;
mod calibration;
mod choice;
mod compare;
mod components;
mod copies;
mod cutting;
mod decomposition;
mod distance;
mod error;
mod evaluation;
mod face_measure;
mod face_set;
mod features;
mod file;
mod fold_fit;
mod held_out;
mod margins;
mod method;
mod model;
mod nearness;
mod normalization;
mod partition;
mod pictures;
mod principal;
mod products;
mod promise;
mod randomized;
mod rate;
mod recognition;
mod roc;
mod scores;
mod spectrum;
mod threshold;
mod thumbnails;

pub use alignment::{Aligned, Aligner, Placement};
pub use calibration::Calibration;
pub use compare::{Compared, compare};
pub use components::Components;
pub use copies::Copies;
pub use cutting::Alignment;
pub use distance::{Metric, Rule};
pub use error::EigenfacesError;
pub use evaluation::{Evaluation, EvaluationConfig, RecognitionRate, Separation, evaluate};
pub use face_measure::{FaceDistances, FaceMeasure};
pub use face_set::FaceSet;
pub use features::{FeatureConfig, FeatureKind};
pub use file::{LARGEST_MODEL_FILE, ModelFileError};
pub use method::{Method, MethodChoice};
pub use model::{Eigenfaces, FitConfig, Reconstruction, fit};
pub use normalization::Normalization;
pub use pictures::{MOST_VALUES, Pictures};
pub use principal::{PrincipalComponents, principal_components};
pub use promise::{ErrorKind, Judged, Promise};
pub use rate::Rate;
pub use recognition::{Candidate, Recognition, Verdict};
pub use roc::{EqualError, Roc, RocPoint};
pub use spectrum::Spectrum;
pub use threshold::{Threshold, ThresholdRule};
