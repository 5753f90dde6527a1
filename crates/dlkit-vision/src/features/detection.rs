//! Detection and description of features.

use std::collections::HashSet;

use rayon::prelude::*;

use super::descriptor::{CellWeights, Descriptor};
use super::extrema::extrema;
use super::gray_picture::GrayPicture;
use super::keypoint::{Feature, Keypoint};
use super::localization::{CONTRAST, Localized, localize};
use super::orientation::{Window, orientations};
use super::plane::Plane;
use super::scale_space::{Octave, ScaleSpace, blur_at};
use super::vectorized::vectorized;
use crate::homography::Point;

/// Largest factor by which contrast is raised: more would raise the noise of eight bits too.
const LARGEST_GAIN: f32 = 8.0;

/// The share of the darkest and of the brightest pixels that the contrast leaves out.
const LEFT_OUT: f64 = 0.005;

/// Levels of brightness told apart for the contrast.
const BINS: usize = 1024;

/// Detects SIFT features, strongest first, and at most `most` of them.
///
/// Contrast is first raised to the whole range of brightness, at most by a factor of 8, so that
/// dark pictures have as many features as bright ones. Small and flat pictures have no features.
/// Keypoints with several prevailing directions give one feature for each.
///
/// # References
/// Lowe, "Distinctive image features from scale-invariant keypoints", 2004.
#[must_use]
pub fn detect_features(picture: &GrayPicture, most: usize) -> Vec<Feature> {
    let plane = stretched(picture.plane());
    let mut described = Vec::new();
    let (window, weights) = (Window::new(), CellWeights::new());
    for octave in ScaleSpace::of(&plane) {
        let stable = localized(&octave.levels);
        let features: Vec<Vec<Feature>> = stable
            .par_iter()
            .map(|keypoint| {
                vectorized(
                    #[inline(always)]
                    || describe(&octave, keypoint, &window, &weights),
                )
            })
            .collect();
        described.extend(features.into_iter().flatten());
    }
    // Stable, so that equal responses keep the order of their places.
    described.sort_by(|a, b| b.keypoint.response.total_cmp(&a.keypoint.response));
    described.truncate(most);
    described
}

/// The stable extrema of an octave, each once.
fn localized(levels: &[Plane]) -> Vec<Localized> {
    #[expect(clippy::cast_possible_truncation, reason = "planes are single precision")]
    let threshold = (0.5 * CONTRAST) as f32;
    let found: Vec<Option<Localized>> = extrema(levels, threshold)
        .into_par_iter()
        .map(|extremum| localize(levels, extremum))
        .collect();
    let mut seen = HashSet::new();
    found.into_iter().flatten().filter(|keypoint| seen.insert(keypoint.extremum)).collect()
}

/// The features of a keypoint: one for each direction.
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled with the vector instructions of its caller")]
fn describe(
    octave: &Octave,
    keypoint: &Localized,
    window: &Window,
    weights: &CellWeights,
) -> Vec<Feature> {
    let level = &octave.levels[keypoint.extremum.level];
    let scale = blur_at(keypoint.level);
    let place = [keypoint.x, keypoint.y, scale];
    orientations(level, place, window)
        .map(|angle| Feature {
            keypoint: Keypoint {
                place: Point::new(octave.in_picture(keypoint.x), octave.in_picture(keypoint.y)),
                scale: scale * octave.step,
                angle,
                response: keypoint.response,
            },
            descriptor: Descriptor::at(level, place, angle, weights),
        })
        .collect()
}

/// The plane with its contrast raised to the range 0 to 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "brightness is from 0 to 1"
)]
fn stretched(plane: &Plane) -> Plane {
    let last = (BINS - 1) as f32;
    let mut histogram = [0_usize; BINS];
    for value in &plane.values {
        histogram[(value * last + 0.5) as usize] += 1;
    }
    let left_out = (LEFT_OUT * plane.len() as f64) as usize;
    let beyond = |counts: &mut dyn Iterator<Item = &usize>| {
        let mut sum = 0;
        counts
            .take_while(|count| {
                sum += **count;
                sum <= left_out
            })
            .count()
    };
    let dark = beyond(&mut histogram.iter());
    let bright = BINS.saturating_sub(1 + beyond(&mut histogram.iter().rev()));
    let range = bright.saturating_sub(dark) as f32 / last;
    let gain = if range > 1.0 / LARGEST_GAIN { 1.0 / range } else { LARGEST_GAIN };
    let black = dark as f32 / last;
    let values = plane.values.iter().map(|value| (value - black) * gain).collect();
    Plane { width: plane.width, height: plane.height, values }
}
