//! Markers of points: a light and a dark stroke around a color, so that they show on any picture.

use image::RgbImage;

use super::shapes::{circle, diamond, line};
use crate::homography::{Correspondence, Point};

/// Dark blue, a circle.
pub(super) const SOURCE: [f64; 3] = [0.0, 114.0, 178.0];
/// Orange, a diamond.
pub(super) const TARGET: [f64; 3] = [230.0, 159.0, 0.0];
/// Reddish purple, a cross.
pub(super) const OUTLIER: [f64; 3] = [204.0, 121.0, 167.0];

const LIGHT: [f64; 3] = [255.0; 3];
const DARK: [f64; 3] = [0.0; 3];

/// What a point is. The colors are told apart by people with any color vision and differ in
/// lightness on paper; the shapes differ too.
///
/// # References
/// Okabe and Ito, "Color universal design", 2008.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// A source point of an inlier.
    Source,
    /// A target of an inlier.
    Target,
    /// A point of an outlier.
    Outlier,
}

/// The half-widths of the strokes of a marker of a radius, the widest first, with the colors.
fn layers(radius: f64, color: [f64; 3]) -> [(f64, [f64; 3]); 3] {
    let core = (0.17 * radius).max(0.7);
    let rim = (0.12 * radius).max(0.8);
    [(core + 2.0 * rim, DARK), (core + rim, LIGHT), (core, color)]
}

/// Draws a marker; its middle stays open, to show the place.
pub(super) fn marker(picture: &mut RgbImage, kind: Marker, center: Point, radius: f64) {
    match kind {
        Marker::Source => {
            for (half_width, color) in layers(radius, SOURCE) {
                circle(picture, center, radius, half_width, color);
            }
        }
        Marker::Target => {
            for (half_width, color) in layers(radius, TARGET) {
                diamond(picture, center, 1.2 * radius, half_width, color);
            }
        }
        Marker::Outlier => {
            for (half_width, color) in layers(radius, OUTLIER) {
                for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                    let at = |share: f64| {
                        let reach = share * radius * std::f64::consts::FRAC_1_SQRT_2;
                        Point::new(center.x + x * reach, center.y + y * reach)
                    };
                    let arm = Correspondence { source: at(0.45), target: at(1.25) };
                    line(picture, arm, half_width, color);
                }
            }
        }
    }
}

/// Joins the points of a pair of inliers by a line, and those of an outlier by dashes. The line
/// ends at the markers.
pub(super) fn join(picture: &mut RgbImage, kind: Marker, pair: Correspondence, radius: f64) {
    let length = pair.source.distance(pair.target);
    if !length.is_finite() || length <= 2.4 * radius {
        return;
    }
    let at = |along: f64| {
        let share = along / length;
        Point::new(
            pair.source.x + share * (pair.target.x - pair.source.x),
            pair.source.y + share * (pair.target.y - pair.source.y),
        )
    };
    let (start, end) = (1.2 * radius, length - 1.2 * radius);
    let pieces =
        if kind == Marker::Outlier { dashes(start, end, radius) } else { vec![[start, end]] };
    let thin = (0.09 * radius).max(0.5);
    for (half_width, color) in [(2.0 * thin, DARK), (thin, LIGHT)] {
        for [from, to] in &pieces {
            let piece = Correspondence { source: at(*from), target: at(*to) };
            line(picture, piece, half_width, color);
        }
    }
}

/// Most dashes of a line: a target may be far outside the picture.
const MOST_DASHES: usize = 4_000;

/// Dashes as long as the radius between two places, with gaps of the same length.
fn dashes(start: f64, end: f64, radius: f64) -> Vec<[f64; 2]> {
    let steps = std::iter::successors(Some(start), |place| Some(place + 2.0 * radius));
    steps
        .take_while(|place| *place < end)
        .take(MOST_DASHES)
        .map(|place| [place, (place + radius).min(end)])
        .collect()
}

/// The half-widths and colors of a text that shows on any picture.
pub(super) fn text_layers(height: f64) -> [(f64, [f64; 3]); 2] {
    let core = (0.075 * height).max(0.6);
    [(core + (0.09 * height).max(0.9), DARK), (core, LIGHT)]
}
