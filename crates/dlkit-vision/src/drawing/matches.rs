//! Draws the matches of two pictures between them.

use image::{DynamicImage, Rgb, RgbImage};

use super::shapes::{disc, line};
use super::side_by_side::{GAP, side_by_side};
use crate::homography::{Correspondence, Point};

/// Most matches that are drawn: more cannot be followed by eye.
pub const MOST_MATCHES_DRAWN: usize = 60;

/// Colors that are told apart by people with any color vision, without black.
///
/// # References
/// Okabe and Ito, "Color universal design", 2008.
const COLORS: [[f64; 3]; 7] = [
    [230.0, 159.0, 0.0],
    [86.0, 180.0, 233.0],
    [0.0, 158.0, 115.0],
    [240.0, 228.0, 66.0],
    [0.0, 114.0, 178.0],
    [213.0, 94.0, 0.0],
    [204.0, 121.0, 167.0],
];

const RIM: [f64; 3] = [0.0, 0.0, 0.0];
const AROUND: Rgb<u8> = Rgb([128, 128, 128]);

/// Puts two pictures side by side, on gray, and joins the places of matches by lines. Of many
/// matches, [`MOST_MATCHES_DRAWN`] that spread over the first picture are drawn. Each line is
/// colored and has a black rim, so that it shows on bright and on dark pictures, and in print.
///
/// Returns the picture, as 8-bit RGB, and the number of matches drawn. None if the pictures are too
/// wide together, or the memory has no room for them.
#[must_use]
pub fn draw_matches(
    left: &DynamicImage,
    right: &DynamicImage,
    matches: &[Correspondence],
) -> Option<(RgbImage, usize)> {
    let mut picture = side_by_side(left, right)?.to_rgb8();
    fill_around(&mut picture, left, right);
    let shift = f64::from(left.width() + GAP);
    let longer = f64::from(picture.width().max(picture.height()));
    let half_width = (0.0006 * longer).max(0.8);
    let radius = (0.003 * longer).max(3.0);
    let drawn = spread(matches);
    for (index, Correspondence { source, target }) in drawn.iter().enumerate() {
        let color = COLORS[index % COLORS.len()];
        let target = Point::new(target.x + shift, target.y);
        let joined = Correspondence { source: *source, target };
        line(&mut picture, joined, 2.0 * half_width, RIM);
        line(&mut picture, joined, half_width, color);
        for point in [*source, target] {
            disc(&mut picture, point, radius + half_width, RIM);
            disc(&mut picture, point, radius, color);
        }
    }
    Some((picture, drawn.len()))
}

/// Fills what neither picture covers.
fn fill_around(picture: &mut RgbImage, left: &DynamicImage, right: &DynamicImage) {
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let in_left = x < left.width() && y < left.height();
        let in_right = x >= left.width() + GAP && y < right.height();
        if !in_left && !in_right {
            *pixel = AROUND;
        }
    }
}

/// At most [`MOST_MATCHES_DRAWN`] matches: the first, then always the one whose source is farthest
/// from those chosen.
///
/// # References
/// Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985.
fn spread(matches: &[Correspondence]) -> Vec<Correspondence> {
    if matches.len() <= MOST_MATCHES_DRAWN {
        return matches.to_vec();
    }
    let mut distances = vec![f64::INFINITY; matches.len()];
    let mut chosen = Vec::with_capacity(MOST_MATCHES_DRAWN);
    let mut next = 0;
    while chosen.len() < MOST_MATCHES_DRAWN {
        let last = matches[next];
        chosen.push(last);
        for (distance, pair) in distances.iter_mut().zip(matches) {
            *distance = distance.min(pair.source.distance(last.source));
        }
        // The first of several equally far ones.
        next = (0..matches.len())
            .fold(0, |best, index| if distances[index] > distances[best] { index } else { best });
    }
    chosen
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    fn gray(width: u32, height: u32) -> DynamicImage {
        GrayImage::from_pixel(width, height, Luma([255])).into()
    }

    #[test]
    fn lines_join_both_places() {
        let pair = Correspondence::new(10.0, 12.0, 30.0, 12.0);
        let (picture, drawn) = draw_matches(&gray(60, 40), &gray(50, 20), &[pair]).unwrap();
        assert_eq!(drawn, 1);
        assert_eq!(picture.dimensions(), (60 + GAP + 50, 40));
        let orange = Rgb([230, 159, 0]);
        for x in [10, 40, 60 + GAP / 2, 60 + GAP + 30] {
            assert_eq!(*picture.get_pixel(x, 12), orange, "{x}");
        }
        assert_eq!(picture.get_pixel(5, 30).0, [255; 3]);
        assert_eq!(*picture.get_pixel(60 + GAP + 5, 30), AROUND);
    }

    #[test]
    fn many_matches_are_thinned_and_spread() {
        let many: Vec<Correspondence> = (0..2000)
            .map(|index| {
                let x =
                    if index < 1900 { f64::from(index) * 1e-3 } else { f64::from(index - 1900) };
                Correspondence::new(x, 5.0, x, 5.0)
            })
            .collect();
        let chosen = spread(&many);
        assert_eq!(chosen.len(), MOST_MATCHES_DRAWN);
        assert_eq!(chosen[0], many[0]);
        assert!(chosen.iter().filter(|pair| pair.source.x > 2.0).count() > 50);
        assert_eq!(spread(&many[..9]), many[..9]);
    }
}
