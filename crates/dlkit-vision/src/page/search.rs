//! The search for a sheet.

use image::DynamicImage;

use super::assembly::{Corners, farthest, quadrilaterals, surrounds};
use super::confidence::{LEAST_CONFIDENCE, confidence, odds};
use super::error::PageError;
use super::evidence::{Evidence, Scene};
use super::field::Field;
use super::hough::lines;
use super::lab::LabPicture;
use super::refinement::{FullSize, Reach, refined};
use crate::homography::{Point, Quadrilateral};

/// Smallest side of a picture in which a sheet is looked for, in pixels.
const LEAST_SIDE: u32 = 48;

/// Scales at which edges are looked for: deviations of Gaussians, in pixels of the small copy. The
/// second sees blurred and faint edges.
const SCALES: [f64; 2] = [1.0, 2.5];

/// A quadrilateral is taken for a frame on a sheet if its odds are at most so many times those of one
/// around it: chosen on rendered sheets, as the weights are.
const INNER_ODDS: f64 = 33.0;

/// A quadrilateral that may be the outline of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The corners, in pixels of the photo, clockwise from the top left.
    pub corners: [Point; 4],
    /// What speaks for it.
    pub evidence: Evidence,
    /// How sure it is that this is the outline of a sheet, 0 to 1. It orders candidates; it is no
    /// probability.
    pub confidence: f64,
}

/// A sheet that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPage {
    /// Its corners, in pixels of the photo: top left, top right, bottom right, bottom left, where
    /// the top is the side that is uppermost in the photo.
    pub outline: Quadrilateral,
    /// How sure it is that there is a sheet, from [`LEAST_CONFIDENCE`] to 1. It orders answers; it is
    /// no probability. If a sheet was recognized by a frame or a picture on it, it is that of the frame.
    pub confidence: f64,
}

/// Finds the sheet in a photo. All of it must be visible.
///
/// # Errors
/// The photo is smaller than 48 x 48 pixels, or nothing in it looks enough like a sheet.
///
/// ```
/// use dlkit_vision::page::find_page;
/// use image::{DynamicImage, Rgb, RgbImage};
///
/// let inside = |x, y| (40..120).contains(&x) && (30..140).contains(&y);
/// let photo = RgbImage::from_fn(160, 170, |x, y| {
///     if inside(x, y) { Rgb([235, 232, 228]) } else { Rgb([90, 70, 50]) }
/// });
/// let page = find_page(&DynamicImage::from(photo)).unwrap();
/// let top_left = page.outline.corners()[0];
/// assert!((top_left.x - 39.5).abs() < 0.5 && (top_left.y - 29.5).abs() < 0.5);
/// assert!(find_page(&DynamicImage::new_rgb8(160, 170)).is_err());
/// ```
pub fn find_page(photo: &DynamicImage) -> Result<FoundPage, PageError> {
    let (width, height) = (photo.width(), photo.height());
    if width.min(height) < LEAST_SIDE {
        return Err(PageError::TooSmall { width, height, least: LEAST_SIDE });
    }
    let candidates = candidates(photo);
    let best = candidates.first();
    let not_found =
        PageError::NotFound { best: best.map(|best| best.confidence), least: LEAST_CONFIDENCE };
    let Some(best) = best.filter(|best| best.confidence >= LEAST_CONFIDENCE) else {
        return Err(not_found);
    };
    // A frame or a picture printed on a sheet stands out more than the sheet does.
    let is_whole = |other: &&Candidate| {
        odds(other.confidence) * INNER_ODDS >= odds(best.confidence)
            && surrounds(&other.corners, &best.corners)
    };
    let whole = candidates.iter().find(is_whole).unwrap_or(best);
    let corners = sharpened(photo, &whole.corners);
    let outline = Quadrilateral::new(&corners).or_else(|_| Quadrilateral::new(&whole.corners));
    outline.map(|outline| FoundPage { outline, confidence: best.confidence }).map_err(|_| not_found)
}

/// The quadrilaterals of a photo that may be the outline of a sheet, the likeliest first. Their
/// corners are those of a copy with at most 640 pixels on the longer side, in pixels of the photo.
#[must_use]
pub fn candidates(photo: &DynamicImage) -> Vec<Candidate> {
    let picture = LabPicture::of(photo);
    let noise = picture.noise();
    let blurred = SCALES.map(|sigma| picture.blurred(sigma));
    let fields: Vec<Field> = blurred
        .iter()
        .zip(SCALES)
        .map(|(blurred, sigma)| Field::of(blurred, sigma, noise))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
    let size = [picture.width() as f64, picture.height() as f64];
    let scene = Scene { picture: &blurred[0], fields: &fields, noise };
    let mut found: Vec<(Corners, Evidence, f64)> = Vec::new();
    for corners in quadrilaterals(&lines(&fields), &fields, size) {
        let mut corners = corners;
        for reach in [4.0, 2.0] {
            let reach = Reach { pixels: reach, step: 0.5 };
            corners = refined(&corners, &blurred[0], reach);
        }
        if let Some(evidence) = scene.evidence(&corners) {
            found.push((corners, evidence, confidence(&evidence)));
        }
    }
    found.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut apart: Vec<(Corners, Candidate)> = Vec::new();
    for (corners, evidence, confidence) in found {
        let near = 0.008 * picture.diagonal();
        if !apart.iter().any(|(other, _)| farthest(other, &corners) < near) {
            let in_photo = upright(corners).map(|corner| picture.in_photo(corner));
            apart.push((corners, Candidate { corners: in_photo, evidence, confidence }));
        }
    }
    apart.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Corners clockwise, the first two those of the side that is uppermost.
fn upright(corners: Corners) -> Corners {
    let [a, b, c, d] = corners;
    let clockwise = Point::double_area(a, b, c) > 0.0;
    let corners = if clockwise { [a, b, c, d] } else { [a, d, c, b] };
    // The top side runs to the right more than any other.
    let rightward = |side: usize| {
        let (from, to) = (corners[side], corners[(side + 1) % 4]);
        (to.x - from.x) / from.distance(to).max(1e-9)
    };
    let top = (0..4).max_by(|a, b| rightward(*a).total_cmp(&rightward(*b))).unwrap_or(0);
    std::array::from_fn(|index| corners[(top + index) % 4])
}

/// Corners found in the small copy, moved onto the edges of the photo itself.
fn sharpened(photo: &DynamicImage, corners: &Corners) -> Corners {
    let scale = LabPicture::scale_of(photo);
    let mut corners = *corners;
    if scale < 1.2 {
        return corners;
    }
    for pixels in [1.5 * scale, 0.75 * scale] {
        let reach = Reach { pixels, step: (0.25 * scale).max(0.5) };
        corners = refined(&corners, &FullSize(photo), reach);
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uppermost_side_comes_first() {
        let at = |points: [(f64, f64); 4]| points.map(|(x, y)| Point::new(x, y));
        let expected = at([(10.0, 12.0), (50.0, 8.0), (55.0, 80.0), (8.0, 82.0)]);
        let [a, b, c, d] = expected;
        for given in [[a, b, c, d], [c, d, a, b], [b, a, d, c], [d, c, b, a]] {
            assert_eq!(upright(given), expected);
        }
    }

    #[test]
    fn small_pictures_are_refused() {
        let message = find_page(&DynamicImage::new_rgb8(47, 100)).unwrap_err().to_string();
        assert!(message.contains("47 x 100") && message.contains("48 x 48"), "{message}");
    }
}
