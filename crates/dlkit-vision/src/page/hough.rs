//! The straight lines of a picture.

use std::f64::consts::PI;

use super::field::Field;
use super::line::Line;
use crate::homography::Point;

/// Directions that are told apart: 0.75 degrees.
const DIRECTIONS: usize = 240;

/// Weights of the directions around that of an edge: where there is texture beside it, its direction
/// is off by some degrees.
const SPREAD: [f32; 17] =
    [0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 0.95, 1.0, 1.0, 1.0, 0.95, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2];

/// Places and directions around a peak in which no other counts.
const APART: usize = 3;

/// Most lines of a picture.
const MOST_LINES: usize = 200;

/// A line has at least this length of edges, as a share of the picture's diagonal.
const SHORTEST: f64 = 0.014;

/// A point of an edge.
#[derive(Clone, Copy, Debug)]
struct Edge {
    place: Point,
    /// The direction across the edge, an angle from 0 to pi.
    angle: f64,
    /// How much it counts, from 0 to 1.
    weight: f32,
}

/// The lines along which there are most edges, best first.
///
/// # References
/// Duda and Hart, "Use of the Hough transformation to detect lines and curves in pictures", 1972;
/// with votes for the direction of each edge only (Ballard, 1981).
pub(super) fn lines(fields: &[Field]) -> Vec<Line> {
    let Some(first) = fields.first() else { return Vec::new() };
    let edges: Vec<Edge> = fields.iter().flat_map(edges).collect();
    let votes = Votes::of(&edges, first.width, first.height);
    let mut lines: Vec<Line> = Vec::new();
    for peak in votes.peaks() {
        if lines.len() == MOST_LINES {
            break;
        }
        let Some(line) = fitted(peak, &edges) else { continue };
        if !lines.iter().any(|other| coincide(other, &line, &votes)) {
            lines.push(line);
        }
    }
    lines
}

/// The edges of one scale: pixels where the step is largest across the edge, and the neighborhood
/// agrees on the direction.
#[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
fn edges(field: &Field) -> Vec<Edge> {
    const BORDER: usize = 2;
    let smoothed = field.smoothed(field.smoothing());
    let mut edges = Vec::new();
    for y in BORDER..field.height.saturating_sub(BORDER) {
        for x in BORDER..field.width.saturating_sub(BORDER) {
            let index = y * field.width + x;
            let (angle, coherence) = smoothed.direction(index);
            let (sine, cosine) = f64::from(angle).sin_cos();
            let normal = [cosine, sine];
            let (height, _) = field.step(index, normal);
            if height <= field.threshold {
                continue;
            }
            let (right, down) = (cosine.round(), sine.round());
            let (x, y) = (x as f64, y as f64);
            let beside = |sign: f64| {
                let neighbor = field.nearest(x + sign * right, y + sign * down);
                neighbor.map_or(0.0, |index| field.step(index, normal).0)
            };
            let (before, after) = (beside(-1.0), beside(1.0));
            if height < before || height <= after {
                continue;
            }
            // The top of a parabola through the three steps.
            let bend = f64::from(before - 2.0 * height + after);
            let top = if bend < 0.0 { 0.5 * f64::from(before - after) / bend } else { 0.0 };
            let shift = top * (right * cosine + down * sine);
            edges.push(Edge {
                place: Point::new(x + shift * cosine, y + shift * sine),
                angle: f64::from(angle),
                weight: coherence.powi(2) * (height / field.threshold - 1.0).min(1.0),
            });
        }
    }
    edges
}

/// The votes of edges for lines, by direction and by distance from the middle of the picture.
struct Votes {
    counts: Vec<f32>,
    /// Distances, one pixel each, the middle one is 0.
    distances: usize,
    middle: Point,
    size: [f64; 2],
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "directions and distances are far below 2^31"
)]
impl Votes {
    fn of(edges: &[Edge], width: usize, height: usize) -> Self {
        let size = [width as f64, height as f64];
        let reach = (0.5 * size[0].hypot(size[1])).ceil() as usize + 3;
        let distances = 2 * reach + 1;
        let middle = Point::new((size[0] - 1.0) / 2.0, (size[1] - 1.0) / 2.0);
        let mut counts = vec![0.0; DIRECTIONS * distances];
        for edge in edges {
            let near = (edge.angle / PI * DIRECTIONS as f64).round() as usize;
            for (offset, share) in SPREAD.iter().enumerate() {
                let direction = (near + DIRECTIONS + offset - SPREAD.len() / 2) % DIRECTIONS;
                let line = Line::through(middle, angle(direction));
                let place = line.offset(edge.place) + reach as f64;
                let first = place.floor();
                let part = (place - first) as f32;
                let index = direction * distances + first as usize;
                let weight = edge.weight * share;
                counts[index] += weight * (1.0 - part);
                counts[index + 1] += weight * part;
            }
        }
        for row in counts.chunks_exact_mut(distances) {
            smooth(row);
        }
        Self { counts, distances, middle, size }
    }

    /// The votes at a direction and distance, which may be a little beyond the first or last
    /// direction: there, lines turn over.
    fn at(&self, direction: isize, distance: usize) -> f32 {
        let count = DIRECTIONS.cast_signed();
        let turned = direction < 0 || direction >= count;
        let distance = if turned { self.distances - 1 - distance } else { distance };
        self.counts[direction.rem_euclid(count).cast_unsigned() * self.distances + distance]
    }

    /// Lines with more votes than those near them, most votes first.
    fn peaks(&self) -> Vec<Line> {
        let shortest = (SHORTEST * self.size[0].hypot(self.size[1])) as f32;
        let mut peaks = Vec::new();
        for direction in 0..DIRECTIONS {
            for distance in APART..self.distances - APART {
                let votes = self.counts[direction * self.distances + distance];
                if votes >= shortest && self.is_peak(direction, distance, votes) {
                    peaks.push((votes, direction, distance));
                }
            }
        }
        peaks.sort_by(|a, b| b.0.total_cmp(&a.0));
        let line = |(_, direction, distance): (f32, usize, usize)| {
            let mut line = Line::through(self.middle, angle(direction));
            line.distance += distance as f64 - (self.distances / 2) as f64;
            line
        };
        peaks.into_iter().map(line).collect()
    }

    fn is_peak(&self, direction: usize, distance: usize, votes: f32) -> bool {
        let apart = APART.cast_signed();
        (-apart..=apart).all(|turn| {
            let near = direction.cast_signed() + turn;
            (distance - APART..=distance + APART).all(|place| {
                let other = self.at(near, place);
                // Of equal ones the first counts.
                let is_later = (turn, place) > (0, distance);
                votes > other || (votes >= other && is_later) || (turn, place) == (0, distance)
            })
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are few directions")]
fn angle(direction: usize) -> f64 {
    direction as f64 * PI / DIRECTIONS as f64
}

/// Weights 1/4, 1/2, 1/4 along a row.
fn smooth(row: &mut [f32]) {
    let mut before = 0.0;
    for index in 0..row.len() {
        let here = row[index];
        let after = row.get(index + 1).copied().unwrap_or(0.0);
        row[index] = 0.25 * before + 0.5 * here + 0.25 * after;
        before = here;
    }
}

/// The line that fits the edges near a line best, by least squares of their distances; none if
/// fewer than two are near.
fn fitted(line: Line, edges: &[Edge]) -> Option<Line> {
    let mut line = line;
    for reach in [2.5, 1.5] {
        let angle = line.normal[1].atan2(line.normal[0]);
        let near = edges.iter().filter(|edge| {
            let turn = (edge.angle - angle).rem_euclid(PI);
            line.offset(edge.place).abs() < reach && turn.min(PI - turn) < 0.2
        });
        let [mut sum, mut x, mut y] = [0.0; 3];
        let [mut xx, mut xy, mut yy] = [0.0; 3];
        for edge in near {
            let weight = f64::from(edge.weight);
            sum += weight;
            x += weight * edge.place.x;
            y += weight * edge.place.y;
            xx += weight * edge.place.x * edge.place.x;
            xy += weight * edge.place.x * edge.place.y;
            yy += weight * edge.place.y * edge.place.y;
        }
        if sum < 2.0 {
            return None;
        }
        let (x, y) = (x / sum, y / sum);
        let (xx, xy, yy) = (xx / sum - x * x, xy / sum - x * y, yy / sum - y * y);
        // The direction along which the points spread most, turned by a right angle.
        let along = 0.5 * (2.0 * xy).atan2(xx - yy);
        line = Line::through(Point::new(x, y), along + 0.5 * PI);
    }
    Some(line)
}

/// Whether two lines differ by less than about a pixel within the picture.
fn coincide(a: &Line, b: &Line, votes: &Votes) -> bool {
    a.sine(b) < 0.03
        && a.chord(votes.size)
            .is_some_and(|ends| ends.iter().all(|along| b.offset(a.at(*along)).abs() < 1.5))
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::super::lab::LabPicture;
    use super::*;

    #[test]
    fn the_sides_of_a_square_are_the_first_lines() {
        let inside = |x: u32, y: u32| (30..90).contains(&x) && (20..70).contains(&y);
        let pixel = |x, y| if inside(x, y) { Rgb([200; 3]) } else { Rgb([90; 3]) };
        let picture = LabPicture::of(&RgbImage::from_fn(120, 100, pixel).into());
        let field = Field::of(&picture.blurred(1.0), 1.0, 0.0);
        let lines = lines(&[field]);
        assert_eq!(lines.len(), 4);
        for (x, y) in [(29.5, 45.0), (89.5, 45.0), (60.0, 19.5), (60.0, 69.5)] {
            let near = lines.iter().map(|line| line.offset(Point::new(x, y)).abs());
            let nearest = near.fold(f64::INFINITY, f64::min);
            assert!(nearest < 0.1, "{x} {y}: {nearest}");
        }
    }
}
