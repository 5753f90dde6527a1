//! Homographies: estimation from pairs of points, mapping, and quality.
//!
//! Coordinates are pixels, x to the right and y down, the center of the first pixel at (0, 0), as
//! in OpenCV. A homography maps source points to target points.

mod chance;
mod comparison;
mod config;
mod degeneracy;
mod dlt;
mod error;
mod estimate;
mod fitted;
mod lens;
mod linear;
mod loss;
mod matrix;
mod minimal;
mod model;
mod multiplicity;
mod near;
mod normal_equations;
mod normalization;
mod normalized;
mod off_line;
mod paper;
mod point;
mod proportions;
mod quadrilateral;
mod refine;
mod robust;
mod transfer_error;
mod uncertainty;
mod units;
mod warning;

pub(crate) use chance::Factorials;
pub use comparison::{ModelScore, compare_models};
pub use config::{HomographyConfig, Method, Refinement};
pub use error::{HomographyError, Side};
pub use estimate::{Estimate, estimate};
pub use lens::{ExifFocalLength, focal_length_of_exif};
pub use matrix::Homography;
pub use model::Model;
pub(crate) use near::estimate_near;
pub use paper::{FORMATS, PaperFormat};
pub use point::{Correspondence, Point};
pub use proportions::{FULL_FRAME_DIAGONAL, Proportions, Range};
pub use quadrilateral::{Quadrilateral, QuadrilateralError};
pub use transfer_error::{ErrorSummary, TransferError};
pub use uncertainty::{Reach, Region, Uncertainty, picture_corners};
pub use units::{targets_are_pixels, units_per_pixel};
pub use warning::Warning;
