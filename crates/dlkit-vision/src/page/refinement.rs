//! Moves the sides of a quadrilateral onto the edges near them, to a fraction of a pixel.

use image::{DynamicImage, GenericImageView};

use super::assembly::Corners;
use super::lab::{Lab, cell};
use super::line::Line;
use crate::homography::Point;

/// Colors between the pixels of a picture.
pub(super) trait Colors {
    /// The color at a place; none outside.
    fn color(&self, place: Point) -> Option<Lab>;
}

impl Colors for super::lab::LabPicture {
    fn color(&self, place: Point) -> Option<Lab> {
        self.at(place)
    }
}

/// The photo at its full size: sRGB values, from 0 to 255.
pub(super) struct FullSize<'a>(pub(super) &'a DynamicImage);

impl Colors for FullSize<'_> {
    fn color(&self, place: Point) -> Option<Lab> {
        let size = [self.0.width() as usize, self.0.height() as usize];
        let ([left, top], [right, down]) = cell(place, size)?;
        let [left, top] = [left, top].map(|index| u32::try_from(index).unwrap_or(u32::MAX));
        let pixel = |x: u32, y: u32| self.0.get_pixel(left + x, top + y).0.map(f32::from);
        let corners = [pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)];
        Some(std::array::from_fn(|part| {
            let [a, b, c, d] = corners.map(|corner| corner[part]);
            (a * (1.0 - right) + b * right) * (1.0 - down) + (c * (1.0 - right) + d * right) * down
        }))
    }
}

/// How far from a side its edge is looked for, and at what steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Pixels to either side.
    pub(super) pixels: f64,
    /// Pixels between places looked at.
    pub(super) step: f64,
}

impl Reach {
    /// Steps between the colors that are compared.
    const STEPS: usize = 3;

    /// Pixels over which colors are averaged along the side and compared across it.
    fn width(self) -> f64 {
        3.0 * self.step
    }
}

/// The largest color change across a side near one of its points.
struct Peak {
    along: f64,
    /// The distance from the side.
    offset: f64,
    /// The change of color.
    height: f64,
}

/// The quadrilateral with its sides on the edges near them. A side without edges stays.
pub(super) fn refined(corners: &Corners, colors: &impl Colors, reach: Reach) -> Corners {
    let mut lines = [None; 4];
    for (index, line) in lines.iter_mut().enumerate() {
        let (a, b) = (corners[index], corners[(index + 1) % 4]);
        let Some(side) = Line::between(a, b) else { return *corners };
        let moved = fitted(&side, &peaks(&side, [a, b], colors, reach), reach.pixels);
        *line = Some(moved.unwrap_or(side));
    }
    let mut moved = *corners;
    for index in 0..4 {
        let meeting = lines[index].zip(lines[(index + 3) % 4]).and_then(|(a, b)| a.meets(&b));
        match meeting {
            Some(point) if point.distance(corners[index]) <= 4.0 * reach.pixels => {
                moved[index] = point;
            }
            _ => {}
        }
    }
    moved
}

/// Where colors change most across the side, at places along it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "there are few places"
)]
fn peaks(side: &Line, [a, b]: [Point; 2], colors: &impl Colors, reach: Reach) -> Vec<Peak> {
    let (start, end) = (side.along(a), side.along(b));
    let places = ((end - start).abs() / (2.0 * reach.width())).clamp(12.0, 96.0) as usize;
    let offsets = (2.0 * reach.pixels / reach.step).round() as usize;
    let mut peaks = Vec::with_capacity(places);
    for place in 0..places {
        // Corners are rounded or covered more often than the rest.
        let share = 0.03 + 0.94 * (place as f64 + 0.5) / places as f64;
        let along = start + share * (end - start);
        // Offsets of changes are those halfway between the colors compared.
        let color = |index: usize| {
            let offset = index as f64 * reach.step - reach.pixels - 0.5 * reach.width();
            mean(side, along, offset, colors, reach.width())
        };
        let colors: Vec<Option<Lab>> = (0..=offsets + Reach::STEPS).map(color).collect();
        let changes: Vec<f64> = (0..=offsets)
            .map(|index| {
                let offset = index as f64 * reach.step - reach.pixels;
                let near = (offset / reach.pixels).powi(2);
                let change = colors[index].zip(colors[index + Reach::STEPS]);
                let change = change.map_or(0.0, |(a, b)| f64::from(super::lab::distance(a, b)));
                change * (-0.7 * near).exp()
            })
            .collect();
        let top = (0..changes.len()).max_by(|a, b| changes[*a].total_cmp(&changes[*b]));
        let Some(top) = top.filter(|top| *top > 0 && *top < offsets) else { continue };
        let [before, height, after] = [top - 1, top, top + 1].map(|index| changes[index]);
        let bend = before - 2.0 * height + after;
        let part = if bend < 0.0 { 0.5 * (before - after) / bend } else { 0.0 };
        let offset = (top as f64 + part) * reach.step - reach.pixels;
        peaks.push(Peak { along, offset, height });
    }
    peaks
}

/// The share of places along a side where the largest change of color around is on the side itself.
#[expect(clippy::cast_precision_loss, reason = "there are few places")]
pub(super) fn straightness(side: &Line, ends: [Point; 2], colors: &impl Colors) -> f64 {
    const REACH: Reach = Reach { pixels: 4.0, step: 0.5 };
    const ON_THE_SIDE: f64 = 0.6;
    let peaks = peaks(side, ends, colors, REACH);
    let on_side = peaks.iter().filter(|peak| peak.offset.abs() < ON_THE_SIDE).count();
    on_side as f64 / peaks.len().max(1) as f64
}

/// The mean color along a side, over some width, at an offset from it.
fn mean(side: &Line, along: f64, offset: f64, colors: &impl Colors, width: f64) -> Option<Lab> {
    let mut sum = [0.0; 3];
    for shift in [-0.5 * width, 0.0, 0.5 * width] {
        let foot = side.at(along + shift);
        let [x, y] = side.normal;
        let color = colors.color(Point::new(foot.x + offset * x, foot.y + offset * y))?;
        for (sum, part) in sum.iter_mut().zip(color) {
            *sum += part / 3.0;
        }
    }
    Some(sum)
}

/// The line through the peaks, those far from it left out more and more.
///
/// # References
/// Holland and Welsch, "Robust regression using iteratively reweighted least-squares", 1977, with
/// Cauchy's weights.
fn fitted(side: &Line, peaks: &[Peak], reach: f64) -> Option<Line> {
    const FEWEST: usize = 6;
    if peaks.len() < FEWEST {
        return None;
    }
    let heights: f64 = peaks.iter().map(|peak| peak.height).sum();
    let usual = heights / f64::from(u32::try_from(peaks.len()).ok()?) + 1e-9;
    let middle = peaks.iter().map(|peak| peak.along).sum::<f64>()
        / f64::from(u32::try_from(peaks.len()).ok()?);
    let (mut shift, mut slope) = (0.0, 0.0);
    for scale in [0.5, 0.35, 0.25, 0.18, 0.14, 0.12, 0.12, 0.12] {
        let [mut w, mut x, mut y, mut xx, mut xy] = [0.0; 5];
        for peak in peaks {
            let along = peak.along - middle;
            let residual = (peak.offset - shift - slope * along) / (scale * reach);
            // Strong edges count more, but none for many.
            let weight = (peak.height / usual).min(1.0) / (1.0 + residual * residual);
            w += weight;
            x += weight * along;
            y += weight * peak.offset;
            xx += weight * along * along;
            xy += weight * along * peak.offset;
        }
        let determinant = w * xx - x * x;
        if w < 1e-9 || determinant < 1e-9 {
            return None;
        }
        slope = (w * xy - x * y) / determinant;
        shift = (y - slope * x) / w;
    }
    let at = |along: f64| {
        let foot = side.at(along);
        let offset = shift + slope * (along - middle);
        Point::new(foot.x + offset * side.normal[0], foot.y + offset * side.normal[1])
    };
    Line::between(at(middle - 10.0), at(middle + 10.0))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 255")]
    fn sides_move_onto_the_edges_near_them() {
        // A disc's worth of samples per pixel would do; here the share of a pixel inside is exact
        // for upright sides.
        let share = |place: f64, low: f64, high: f64| {
            ((place + 0.5).min(high) - (place - 0.5).max(low)).clamp(0.0, 1.0)
        };
        let (left, right, top, bottom) = (20.3, 79.6, 15.8, 60.1);
        let picture = RgbImage::from_fn(100, 80, |x, y| {
            let inside = share(f64::from(x), left, right) * share(f64::from(y), top, bottom);
            Rgb([(70.0 + 120.0 * inside).round() as u8; 3])
        });
        let start = [(22.0, 14.5), (78.0, 17.0), (81.0, 61.0), (19.0, 58.5)];
        let corners = start.map(|(x, y)| Point::new(x, y));
        let reach = Reach { pixels: 4.0, step: 0.5 };
        let photo = picture.into();
        let found = refined(&corners, &FullSize(&photo), reach);
        let truth = [(left, top), (right, top), (right, bottom), (left, bottom)];
        for (found, (x, y)) in found.iter().zip(truth) {
            assert!(found.distance(Point::new(x, y)) < 0.25, "{found:?} {x} {y}");
        }
    }

    #[test]
    fn without_edges_the_corners_stay() {
        let photo = DynamicImage::new_rgb8(60, 60);
        let corners = [(10.0, 10.0), (50.0, 12.0), (48.0, 50.0), (9.0, 49.0)];
        let corners = corners.map(|(x, y)| Point::new(x, y));
        let reach = Reach { pixels: 4.0, step: 0.5 };
        for (found, corner) in refined(&corners, &FullSize(&photo), reach).iter().zip(corners) {
            assert!(found.distance(corner) < 1e-9, "{found:?} {corner:?}");
        }
    }
}
