//! How a homography is estimated.

use crate::ransac::RansacConfig;

/// How a homography is estimated from pairs of points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HomographyConfig {
    /// Whether some pairs may be wrong.
    pub method: Method,
    /// The error that is made least at the end.
    pub refinement: Refinement,
}

/// Whether some pairs may be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Method {
    /// All pairs count: the normalized direct linear transformation.
    #[default]
    Dlt,
    /// Pairs that do not agree with the others are left out.
    Ransac(RansacConfig),
}

/// The sum of squared distances that is made least after the linear solution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refinement {
    /// Nothing: the linear solution stays.
    None,
    /// From mapped sources to targets, as OpenCV does: right where only targets are inexact.
    #[default]
    Forward,
    /// Also from targets mapped back to sources: right where both are inexact.
    Symmetric,
}
