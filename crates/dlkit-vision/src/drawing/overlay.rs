//! Draws points on a photo.

use image::{DynamicImage, RgbImage};

use super::glyphs::Text;
use super::legend::Legend;
use super::markers::{Marker, join, marker, text_layers};
use crate::homography::{Correspondence, Point};

/// A photo with points drawn on it.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The photo, as 8-bit RGB.
    pub picture: RgbImage,
    /// Number of points outside the photo, which are not drawn.
    pub outside: usize,
}

/// Most pairs that are drawn with markers of full size.
const FEW: f64 = 40.0;

/// Most pairs whose numbers are drawn.
pub const MOST_NUMBERED: usize = 100;

/// Draws the source points of pairs as blue circles and their targets as orange diamonds, joined by
/// a line. Targets are drawn in the coordinates of the photo. Pairs that do not count are purple
/// crosses joined by dashes, below the others. All have a light and a dark stroke, and shapes and
/// colors that are told apart in print and by people with any color vision. Up to
/// [`MOST_NUMBERED`] pairs have their number beside the source point; a legend stands in the corner
/// with the fewest points, if the photo has room.
///
/// # Shapes
/// - pairs, counts: one entry for each pair; a pair without an entry in `counts` counts
#[must_use]
pub fn draw_correspondences(
    photo: &DynamicImage,
    pairs: &[Correspondence],
    counts: &[bool],
) -> Overlay {
    let mut picture = photo.to_rgb8();
    let (width, height) = picture.dimensions();
    let counted = |index: usize| counts.get(index).copied().unwrap_or(true);
    let radius = radius(width.max(height), pairs.len());
    let (counting, left_out): (Vec<usize>, Vec<usize>) =
        (0..pairs.len()).partition(|index| counted(*index));
    let points: Vec<Point> = pairs.iter().flat_map(|pair| [pair.source, pair.target]).collect();
    let text = text_height(width.max(height));
    // Below the markers, so that it hides none.
    let legend = Legend::new(text, !left_out.is_empty()).draw(&mut picture, &points);
    for index in &left_out {
        let pair = pairs[*index];
        join(&mut picture, Marker::Outlier, pair, radius);
        for point in [pair.source, pair.target] {
            marker(&mut picture, Marker::Outlier, point, 0.8 * radius);
        }
    }
    for index in &counting {
        join(&mut picture, Marker::Source, pairs[*index], radius);
    }
    for index in &counting {
        marker(&mut picture, Marker::Source, pairs[*index].source, radius);
    }
    for index in &counting {
        marker(&mut picture, Marker::Target, pairs[*index].target, radius);
    }
    if pairs.len() <= MOST_NUMBERED {
        let markers = points.iter().map(|point| Area::around(*point, 1.2 * radius));
        let legend = legend.map(|[[left, top], [right, bottom]]| Area([left, top, right, bottom]));
        number(&mut picture, pairs, markers.chain(legend).collect(), radius, text);
    }
    let inside = |point: Point| {
        (-0.5..f64::from(width) - 0.5).contains(&point.x)
            && (-0.5..f64::from(height) - 0.5).contains(&point.y)
    };
    Overlay { outside: points.into_iter().filter(|point| !inside(*point)).count(), picture }
}

/// Writes the number of each pair beside its source point, where the fewest of the areas taken and
/// of the other numbers are.
fn number(
    picture: &mut RgbImage,
    pairs: &[Correspondence],
    mut taken: Vec<Area>,
    radius: f64,
    height: f64,
) {
    let size = [f64::from(picture.width()), f64::from(picture.height())];
    for (index, Correspondence { source, .. }) in pairs.iter().enumerate() {
        let number = (index + 1).to_string();
        let text = Text { text: &number, height };
        let width = text.width();
        let gap = 1.3 * radius + 0.2 * height;
        let beside = |side: f64| source.x + if side > 0.0 { gap } else { -gap - width };
        let foot = |side: f64| source.y + if side > 0.0 { gap + height } else { -gap };
        let diagonal = [(1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (-1.0, 1.0)]
            .map(|(across, down)| Point::new(beside(across), foot(down)));
        let straight = [
            Point::new(beside(1.0), source.y + height / 2.0),
            Point::new(beside(-1.0), source.y + height / 2.0),
            Point::new(source.x - width / 2.0, foot(-1.0)),
            Point::new(source.x - width / 2.0, foot(1.0)),
        ];
        let covered = |start: &Point| {
            let own = Area::of_text(*start, width, height);
            let others = taken.iter().filter(|other| own.meets(other)).count();
            // Outside the picture, a number says nothing.
            others + if own.is_within(size) { 0 } else { taken.len() + 1 }
        };
        let best = diagonal.into_iter().chain(straight).min_by_key(covered);
        if let Some(start) = best {
            text.draw(picture, start, &text_layers(height));
            taken.push(Area::of_text(start, width, height));
        }
    }
}

/// A part of the picture: left, top, right, bottom.
#[derive(Clone, Copy)]
struct Area([f64; 4]);

impl Area {
    fn around(point: Point, reach: f64) -> Self {
        Self([point.x - reach, point.y - reach, point.x + reach, point.y + reach])
    }

    fn of_text(start: Point, width: f64, height: f64) -> Self {
        let rim = 0.2 * height;
        Self([start.x - rim, start.y - height - rim, start.x + width + rim, start.y + rim])
    }

    fn meets(self, other: &Self) -> bool {
        let (own, other) = (self.0, other.0);
        own[0] < other[2] && other[0] < own[2] && own[1] < other[3] && other[1] < own[3]
    }

    fn is_within(self, [width, height]: [f64; 2]) -> bool {
        let [left, top, right, bottom] = self.0;
        left >= -0.5 && top >= -0.5 && right <= width - 0.5 && bottom <= height - 0.5
    }
}

/// The radius of a marker: visible when a screen shows the whole photo, and smaller for many pairs.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 pairs")]
fn radius(longer_side: u32, pairs: usize) -> f64 {
    let crowd = (FEW / (pairs.max(1) as f64)).sqrt().clamp(0.4, 1.0);
    (0.009 * f64::from(longer_side) * crowd).max(4.5)
}

/// The height of a digit, legible when a screen shows the whole photo.
fn text_height(longer_side: u32) -> f64 {
    (0.018 * f64::from(longer_side)).max(9.0)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const SOURCE: Rgb<u8> = Rgb([0, 114, 178]);
    const TARGET: Rgb<u8> = Rgb([230, 159, 0]);
    const OUTLIER: Rgb<u8> = Rgb([204, 121, 167]);

    fn gray(value: u8) -> DynamicImage {
        RgbImage::from_pixel(300, 200, Rgb([value; 3])).into()
    }

    fn pair(x: f64, y: f64, u: f64, v: f64) -> Correspondence {
        Correspondence::new(x, y, u, v)
    }

    /// Whether a color is within a distance of a point, in pixels.
    fn has(picture: &RgbImage, color: Rgb<u8>, point: Point, distance: f64) -> bool {
        picture.enumerate_pixels().any(|(x, y, pixel)| {
            *pixel == color && Point::new(f64::from(x), f64::from(y)).distance(point) <= distance
        })
    }

    #[test]
    fn inliers_are_circles_and_diamonds_and_those_outside_are_counted() {
        let pairs = [pair(50.0, 60.0, 150.0, 160.0), pair(100.0, 30.0, 400.0, 30.0)];
        let Overlay { picture, outside } = draw_correspondences(&gray(128), &pairs, &[true, true]);
        assert_eq!(outside, 1);
        // The places themselves stay as they are.
        for pair in &pairs[..1] {
            for (point, color, other) in
                [(pair.source, SOURCE, TARGET), (pair.target, TARGET, SOURCE)]
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "inside"
                )]
                let middle = *picture.get_pixel(point.x as u32, point.y as u32);
                assert_eq!(middle, Rgb([128; 3]));
                assert!(has(&picture, color, point, 6.0) && !has(&picture, other, point, 6.0));
            }
        }
        assert!(!has(&picture, OUTLIER, Point::new(150.0, 100.0), 400.0));
    }

    #[test]
    fn outliers_are_crosses_below_the_others() {
        let pairs = [pair(50.0, 60.0, 150.0, 100.0), pair(150.0, 100.0, 80.0, 150.0)];
        let picture = draw_correspondences(&gray(128), &pairs, &[true, false]).picture;
        assert!(has(&picture, OUTLIER, pairs[1].target, 4.0));
        assert!(!has(&picture, SOURCE, pairs[1].target, 8.0));
        // The target of the inlier is over the source of the outlier.
        assert!(has(&picture, TARGET, pairs[0].target, 6.0));
    }

    #[test]
    fn markers_and_numbers_have_light_and_dark_on_any_picture() {
        for background in [0, 128, 255] {
            let pairs = [pair(50.0, 60.0, 150.0, 160.0)];
            let picture = draw_correspondences(&gray(background), &pairs, &[true]).picture;
            for point in [pairs[0].source, pairs[0].target, Point::new(60.0, 50.0)] {
                let near = picture.enumerate_pixels().filter(|(x, y, _)| {
                    Point::new(f64::from(*x), f64::from(*y)).distance(point) <= 9.0
                });
                let grays = near.filter(|(_, _, Rgb([r, g, b]))| r == g && g == b);
                let grays: Vec<u8> = grays.map(|(_, _, pixel)| pixel.0[0]).collect();
                let (dark, light) = (grays.iter().min(), grays.iter().max());
                assert!(dark < Some(&60) && light > Some(&200), "{background}: {dark:?} {light:?}");
            }
        }
    }

    #[test]
    fn numbers_do_not_cover_points_or_each_other_where_there_is_room() {
        // Two source points side by side, at the upper edge.
        let pairs = [pair(100.0, 6.0, 100.0, 150.0), pair(118.0, 6.0, 150.0, 150.0)];
        let mut with = gray(128).to_rgb8();
        let points: Vec<Point> = pairs.iter().flat_map(|pair| [pair.source, pair.target]).collect();
        let markers = points.iter().map(|point| Area::around(*point, 4.8)).collect();
        number(&mut with, &pairs, markers, 4.0, 9.0);
        let changed: Vec<(u32, u32)> = with
            .enumerate_pixels()
            .filter(|(_, _, pixel)| **pixel != Rgb([128; 3]))
            .map(|(x, y, _)| (x, y))
            .collect();
        assert!(changed.len() > 40, "{}", changed.len());
        for (x, y) in changed {
            let place = Point::new(f64::from(x), f64::from(y));
            assert!(points.iter().all(|point| place.distance(*point) > 4.0), "{x} {y}");
        }
    }

    #[test]
    fn many_points_are_drawn_smaller_and_without_numbers() {
        assert!((radius(1000, 4) - 9.0).abs() < 1e-12);
        assert!((radius(2000, 160) - 9.0).abs() < 1e-12);
        assert!((radius(2000, 1_000_000) - 7.2).abs() < 1e-12);
        assert!((radius(100, 4) - 4.5).abs() < 1e-12);
        let pairs = vec![pair(150.0, 100.0, 150.0, 100.0); MOST_NUMBERED + 1];
        let picture = draw_correspondences(&gray(128), &pairs, &[]).picture;
        // Nothing beside the markers but the legend.
        assert!(!has(&picture, Rgb([255; 3]), Point::new(165.0, 90.0), 9.0));
    }
}
