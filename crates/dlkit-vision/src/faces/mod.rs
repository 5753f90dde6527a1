//! Faces in larger pictures: a trained cascade of local binary patterns finds them, and a cut brings
//! each to the size and place that a model of faces expects.
//!
//! The cascade finds upright faces that look at the camera, turned by up to about 15 degrees.
//!
//! # References
//! - Viola and Jones: Rapid object detection using a boosted cascade of simple features, 2001.
//! - Liao, Zhu, Lei, Zhang and Li: Learning multi-scale block local binary patterns for face
//!   recognition, 2007.

mod cascade;
mod cut;
mod detector;
mod error;
mod eyes;
mod frame;
mod grouping;
mod pyramid;
mod scan;

pub use cut::Cut;
pub use detector::{Detection, DetectionConfig, Detector};
pub use error::DetectorError;
pub use eyes::EyePlaces;
pub use frame::FaceFrame;
