//! Shapes with smooth edges.

use image::{Rgb, RgbImage};

use crate::homography::{Correspondence, Point};

/// Pixels beyond the border of a shape that it may still tint.
const SOFT: f64 = 1.0;

/// Fills a disc around a point, in pixels.
pub(super) fn disc(picture: &mut RgbImage, center: Point, radius: f64, color: [f64; 3]) {
    let reach = radius + SOFT;
    let rows = [center.y - reach, center.y + reach];
    let columns = |_| [center.x - reach, center.x + reach];
    paint(picture, rows, columns, color, |point| radius - point.distance(center));
}

/// Draws a circle around a point, in pixels.
pub(super) fn circle(
    picture: &mut RgbImage,
    center: Point,
    radius: f64,
    half_width: f64,
    color: [f64; 3],
) {
    let reach = radius + half_width + SOFT;
    let rows = [center.y - reach, center.y + reach];
    let columns = |_| [center.x - reach, center.x + reach];
    let depth = |point: Point| half_width - (point.distance(center) - radius).abs();
    paint(picture, rows, columns, color, depth);
}

/// Draws a square that stands on a corner around a point; the radius is that of its corners, in
/// pixels.
pub(super) fn diamond(
    picture: &mut RgbImage,
    center: Point,
    radius: f64,
    half_width: f64,
    color: [f64; 3],
) {
    let corners = [(0.0, -radius), (radius, 0.0), (0.0, radius), (-radius, 0.0)];
    let corners = corners.map(|(x, y)| Point::new(center.x + x, center.y + y));
    for (index, source) in corners.into_iter().enumerate() {
        let target = corners[(index + 1) % 4];
        line(picture, Correspondence { source, target }, half_width, color);
    }
}

/// Fills a rectangle between two corners (x, y), in pixels.
pub(super) fn rectangle(
    picture: &mut RgbImage,
    [left, top]: [f64; 2],
    [right, bottom]: [f64; 2],
    color: [f64; 3],
) {
    let rows = [top - SOFT, bottom + SOFT];
    let columns = |_| [left - SOFT, right + SOFT];
    let depth = |point: Point| {
        let across = (point.x - left).min(right - point.x);
        across.min((point.y - top).min(bottom - point.y))
    };
    paint(picture, rows, columns, color, depth);
}

/// Draws a line from the source to the target of a pair, in pixels.
pub(super) fn line(picture: &mut RgbImage, pair: Correspondence, half_width: f64, color: [f64; 3]) {
    let Correspondence { source: a, target: b } = pair;
    let length = a.distance(b);
    if length < 1e-9 || !length.is_finite() {
        return;
    }
    let direction = Point::new((b.x - a.x) / length, (b.y - a.y) / length);
    let depth = |point: Point| {
        let (x, y) = (point.x - a.x, point.y - a.y);
        let along = (x * direction.x + y * direction.y).clamp(0.0, length);
        half_width - (x - along * direction.x).hypot(y - along * direction.y)
    };
    let reach = half_width + SOFT;
    let rows = [a.y.min(b.y) - reach, a.y.max(b.y) + reach];
    // Only the part of the line near each row is looked at.
    let columns = |y: f64| {
        let at = |row: f64| {
            let share = if direction.y.abs() < 1e-9 { 0.0 } else { (row - a.y) / direction.y };
            a.x + share.clamp(0.0, length) * direction.x
        };
        let (first, last) =
            if direction.y.abs() < 1e-9 { (a.x, b.x) } else { (at(y - reach), at(y + reach)) };
        [first.min(last) - reach, first.max(last) + reach]
    };
    paint(picture, rows, columns, color, depth);
}

/// Blends a color into pixels, by the share of each inside a shape. `columns` gives the first and
/// last column of a row that may be inside, `depth` the distance to the border of the shape, in
/// pixels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn paint(
    picture: &mut RgbImage,
    rows: [f64; 2],
    columns: impl Fn(f64) -> [f64; 2],
    color: [f64; 3],
    depth: impl Fn(Point) -> f64,
) {
    let (width, height) = picture.dimensions();
    let span = |[low, high]: [f64; 2], size: u32| {
        let limit = |place: f64| place.clamp(0.0, f64::from(size)) as u32;
        limit(low.floor())..limit(high.ceil() + 1.0)
    };
    for y in span(rows, height) {
        for x in span(columns(f64::from(y)), width) {
            let share = (depth(Point::new(f64::from(x), f64::from(y))) + 0.5).clamp(0.0, 1.0);
            if share > 0.0 {
                let Rgb(pixel) = picture.get_pixel_mut(x, y);
                for (part, new) in pixel.iter_mut().zip(color) {
                    *part = (f64::from(*part) * (1.0 - share) + new * share).round() as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: every pixel by its distance from the line.
    #[test]
    fn all_pixels_of_a_line_are_drawn_and_no_others() {
        let ends = [
            [3.2, 4.1, 30.7, 18.2],
            [30.0, 2.0, 5.0, 25.0],
            [4.0, 9.0, 28.0, 9.0],
            [9.0, 3.0, 9.0, 22.0],
            [-9.0, 12.0, 50.0, 14.0],
        ];
        for [x, y, u, v] in ends {
            let mut picture = RgbImage::new(36, 28);
            line(&mut picture, Correspondence::new(x, y, u, v), 1.4, [255.0; 3]);
            for (column, row, Rgb([value, ..])) in picture.enumerate_pixels() {
                let (a, b) = (Point::new(x, y), Point::new(u, v));
                let point = Point::new(f64::from(column), f64::from(row));
                let nearest = (0..=6000)
                    .map(|step| {
                        let share = f64::from(step) / 6000.0;
                        point.distance(Point::new(
                            a.x + share * (b.x - a.x),
                            a.y + share * (b.y - a.y),
                        ))
                    })
                    .fold(f64::INFINITY, f64::min);
                let expected = ((1.9 - nearest).clamp(0.0, 1.0) * 255.0).round();
                assert!((f64::from(*value) - expected).abs() < 3.0, "{x} {y}: {column} {row}");
            }
        }
    }
}
