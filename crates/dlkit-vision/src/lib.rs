//! Classical computer vision: homographies from pairs of points or from two
//! pictures, sheets in photos, warping of pictures, faces in photos, and eigenfaces.
//!
//! Coordinates are pixels everywhere: x to the right, y down, the center of the first pixel at
//! (0, 0), so that a picture covers -0.5 to width - 0.5. This is OpenCV's convention.

pub mod drawing;
pub mod eigenfaces;
pub mod faces;
pub mod features;
pub mod homography;
mod joining;
pub mod matrix_files;
pub mod page;
pub mod points;
pub mod ransac;
mod shrink;
pub mod warp;
