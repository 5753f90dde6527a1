//! Local features (SIFT), and matches between two pictures of the same thing.
//!
//! Features are found at extrema of the difference-of-Gaussians scale space, described by
//! histograms of gradients, and matched by their nearest neighbors. All results are the same for
//! any number of threads.
//!
//! # References
//! Lowe, "Distinctive image features from scale-invariant keypoints", 2004.

mod descriptor;
mod detection;
mod evidence;
mod extrema;
mod gaussian;
mod gradients;
mod gray_picture;
mod guided;
mod keypoint;
mod localization;
mod matching;
mod nearest;
mod orientation;
mod plane;
mod registration;
mod resizing;
mod scale_space;
mod vectorized;

pub(crate) use gaussian::blur;
pub(crate) use plane::Plane;

pub use descriptor::Descriptor;
pub use detection::detect_features;
pub use gray_picture::{GrayPicture, GrayPictureError};
pub use keypoint::{Feature, Keypoint};
pub use matching::{FeatureMatch, MatchConfig, Matches, match_features, match_pictures};
pub use registration::{Registration, RegistrationConfig, RegistrationError, register};
