//! Keypoints and features.

use super::descriptor::Descriptor;
use crate::homography::Point;

/// A place in a picture with its scale and direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keypoint {
    /// The center, in pixels of the picture.
    pub place: Point,
    /// The standard deviation of the Gaussian at which the place stands out, in pixels.
    pub scale: f64,
    /// The prevailing direction of the gradient in radians, 0 to 2 pi: 0 to the right, pi / 2 down.
    pub angle: f64,
    /// The absolute difference of Gaussians at the place, for brightness from 0 to 1.
    pub response: f64,
}

/// A keypoint and what the picture looks like around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Where it is.
    pub keypoint: Keypoint,
    /// What it looks like, whatever its scale and direction.
    pub descriptor: Descriptor,
}
