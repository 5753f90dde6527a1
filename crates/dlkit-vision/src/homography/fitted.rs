//! What an estimation finds first.

use super::error::Side;
use super::matrix::Homography;
use super::model::Model;

/// What an estimation found, before its errors and warnings.
pub(super) struct Fitted {
    pub(super) model: Model,
    pub(super) homography: Homography,
    pub(super) inliers: Vec<bool>,
    pub(super) weights: Vec<f64>,
    pub(super) condition: f64,
    pub(super) samples: Option<usize>,
    pub(super) side: Side,
    /// Numbers of inliers on and off a line that they hardly leave.
    pub(super) on_line: Option<[usize; 2]>,
}
