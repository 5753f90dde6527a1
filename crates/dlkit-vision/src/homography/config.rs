//! Settings of the estimation of a homography.

use super::model::Model;
use crate::ransac::RansacConfig;

/// Settings of the estimation of a homography from pairs of points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HomographyConfig {
    /// The method, which decides whether some pairs may be outliers.
    pub method: Method,
    /// The error to minimize at the end.
    pub refinement: Refinement,
    /// The family of maps.
    pub model: Model,
}

/// The method, which decides whether some pairs may be outliers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Method {
    /// All pairs are inliers: the normalized direct linear transformation.
    #[default]
    Dlt,
    /// Outliers are left out: random sample consensus.
    Ransac(RansacConfig),
}

/// The sum of squared distances to minimize after the linear solution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refinement {
    /// None: keeps the linear solution.
    None,
    /// Distances from mapped sources to targets, as in OpenCV: right if only targets are inexact.
    #[default]
    Forward,
    /// Also distances from targets, mapped back, to sources: right if both are inexact.
    Symmetric,
    /// Only distances from targets, mapped back, to sources: right if only sources are inexact, or
    /// if targets are not in pixels. The threshold of the robust method is one of these distances.
    Backward,
}
