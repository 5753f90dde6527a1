//! Quadrilaterals of four lines along which there are edges.

use super::field::{Field, support};
use super::line::Line;
use crate::homography::Point;

/// The sine of the smallest angle of a sheet's corner, 30 degrees: no camera shows less of a sheet
/// that is tilted by 60 degrees.
const SHARPEST: f64 = 0.5;

/// A side is at least this long, as a share of the picture's diagonal.
const SHORTEST: f64 = 0.06;

/// A sheet covers at least this share of the picture.
const SMALLEST: f64 = 0.02;

/// Edges along at least this share of each side.
const LEAST_SUPPORT: f64 = 0.45;

/// Opposite sides differ by at most this factor.
const TAPER: f64 = 3.5;

/// Quadrilaterals kept while looking, and in the end.
const KEPT: usize = 4000;

/// Pixels beyond a corner within which edges may go on, because they are blurred.
pub(super) const BLURRED: f64 = 3.0;

/// Four corners in order around the shape, in pixels of the small copy.
pub(super) type Corners = [Point; 4];

/// A line and the edges along it.
struct Profile {
    line: Line,
    /// Where along the line the first sample lies; the others follow at a pixel each.
    first: f64,
    /// Sums of the support up to each sample.
    sums: Vec<f32>,
}

impl Profile {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a line has at most some hundred samples"
    )]
    fn new(line: Line, fields: &[Field], size: [f64; 2]) -> Option<Self> {
        let [first, last] = line.chord(size)?;
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for step in 0..=(last - first) as usize {
            sum += support(fields, line.at(first + step as f64), line.normal);
            sums.push(sum);
        }
        Some(Self { line, first, sums })
    }

    /// The mean support between two places along the line; what is outside the picture has none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    fn support(&self, a: f64, b: f64) -> f64 {
        let (low, high) = (a.min(b), a.max(b));
        let last = self.sums.len() - 1;
        let index = |along: f64| ((along - self.first).round().max(0.0) as usize).min(last);
        let (start, end) = (index(low), index(high));
        let length = (high - low).max(1.0);
        (f64::from(self.sums[end] - self.sums[start]) / length).min(1.0)
    }

    /// The support beyond `corner`, seen from `other`.
    fn beyond(&self, corner: f64, other: f64) -> f64 {
        let length = (0.15 * (corner - other).abs()).clamp(6.0, 40.0);
        let sign = (corner - other).signum();
        self.support(corner + sign * BLURRED, corner + sign * (BLURRED + length))
    }
}

/// Lines, and where each meets each.
struct Arrangement {
    profiles: Vec<Profile>,
    /// Where line i meets line j: the point, and how far along line i; row by row.
    meetings: Vec<Option<(Point, f64)>>,
    size: [f64; 2],
    diagonal: f64,
}

/// Quadrilaterals of these lines, the best first.
pub(super) fn quadrilaterals(lines: &[Line], fields: &[Field], size: [f64; 2]) -> Vec<Corners> {
    let profiles = lines.iter().filter_map(|line| Profile::new(*line, fields, size)).collect();
    let arrangement = Arrangement::new(profiles, size);
    let mut found = Found::default();
    for first in 0..arrangement.profiles.len() {
        arrangement.collect_from(first, &mut found);
    }
    found.apart(arrangement.diagonal)
}

impl Arrangement {
    fn new(profiles: Vec<Profile>, size: [f64; 2]) -> Self {
        let diagonal = size[0].hypot(size[1]);
        let margin = 0.004 * diagonal;
        let inside = |point: &Point| {
            let within = |place: f64, end: f64| place > -margin && place < end - 1.0 + margin;
            within(point.x, size[0]) && within(point.y, size[1])
        };
        let mut meetings = Vec::with_capacity(profiles.len() * profiles.len());
        for a in &profiles {
            for b in &profiles {
                let meeting = (a.line.sine(&b.line) >= SHARPEST).then(|| a.line.meets(&b.line));
                let meeting = meeting.flatten().filter(inside);
                meetings.push(meeting.map(|point| (point, a.line.along(point))));
            }
        }
        Self { profiles, meetings, size, diagonal }
    }

    fn meeting(&self, a: usize, b: usize) -> Option<(Point, f64)> {
        self.meetings[a * self.profiles.len() + b]
    }

    /// The support of the side on line `on` between lines `from` and `to`; none if it is too short
    /// or has too little.
    fn side(&self, on: usize, from: usize, to: usize) -> Option<Side> {
        let ((start, a), (_, b)) = (self.meeting(on, from)?, self.meeting(on, to)?);
        let length = (a - b).abs();
        if length < SHORTEST * self.diagonal {
            return None;
        }
        let profile = &self.profiles[on];
        let support = profile.support(a, b);
        let beyond = || profile.beyond(a, b) + profile.beyond(b, a);
        (support >= LEAST_SUPPORT).then(|| Side { start, length, support, beyond: beyond() })
    }

    /// Collects the quadrilaterals of which `first` is the line with the smallest number.
    fn collect_from(&self, first: usize, found: &mut Found) {
        let count = self.profiles.len();
        for second in first + 1..count {
            if self.meeting(first, second).is_none() {
                continue;
            }
            for fourth in second + 1..count {
                // From the fourth line to the second.
                let Some(top) = self.side(first, fourth, second) else { continue };
                for third in first + 1..count {
                    if third == second || third == fourth {
                        continue;
                    }
                    let right = self.side(second, first, third);
                    let Some(right) = right.filter(|_| self.meeting(third, fourth).is_some())
                    else {
                        continue;
                    };
                    let Some(bottom) = self.side(third, second, fourth) else { continue };
                    let Some(left) = self.side(fourth, third, first) else { continue };
                    found.add([top, right, bottom, left], self.size);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Side {
    /// Where it starts.
    start: Point,
    length: f64,
    support: f64,
    /// The support beyond both ends, added.
    beyond: f64,
}

/// Quadrilaterals with their scores.
#[derive(Default)]
struct Found(Vec<(f64, Corners)>);

impl Found {
    fn add(&mut self, sides: [Side; 4], [width, height]: [f64; 2]) {
        let corners = sides.map(|side| side.start);
        let lengths = sides.map(|side| side.length);
        let tapers = |a: f64, b: f64| a > TAPER * b || b > TAPER * a;
        if tapers(lengths[0], lengths[2]) || tapers(lengths[1], lengths[3]) {
            return;
        }
        let Some(area) = convex_area(&corners) else { return };
        let share = area / (width * height);
        if share < SMALLEST {
            return;
        }
        let around: f64 = lengths.iter().sum();
        let mean = sides.iter().map(|side| side.support * side.length).sum::<f64>() / around;
        let least = sides.iter().fold(1.0_f64, |least, side| least.min(side.support));
        let beyond = sides.iter().map(|side| side.beyond).sum::<f64>() / 8.0;
        let score = 0.5 * mean + 0.5 * least - 0.5 * beyond + 0.08 * share.ln();
        self.0.push((score, corners));
        if self.0.len() >= 4 * KEPT {
            self.keep();
        }
    }

    fn keep(&mut self) {
        if self.0.len() > KEPT {
            self.0.select_nth_unstable_by(KEPT, |a, b| b.0.total_cmp(&a.0));
            self.0.truncate(KEPT);
        }
    }

    /// The best, none of which is almost another.
    fn apart(mut self, diagonal: f64) -> Vec<Corners> {
        const MOST: usize = 100;
        self.0.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut apart: Vec<Corners> = Vec::new();
        for (_, corners) in self.0 {
            if apart.len() == MOST {
                break;
            }
            if !apart.iter().any(|other| farthest(other, &corners) < 0.012 * diagonal) {
                apart.push(corners);
            }
        }
        apart
    }
}

/// The area of a quadrilateral, in square pixels; none if it is not convex.
pub(super) fn convex_area(corners: &Corners) -> Option<f64> {
    let [a, b, c, d] = *corners;
    let areas =
        [(a, b, c), (b, c, d), (c, d, a), (d, a, b)].map(|(a, b, c)| Point::double_area(a, b, c));
    let same = areas.iter().all(|area| *area > 0.0) || areas.iter().all(|area| *area < 0.0);
    same.then(|| f64::midpoint(areas[0].abs(), areas[2].abs()))
}

/// The largest distance between corners of two quadrilaterals, whichever corner comes first and
/// whichever way around they go.
pub(super) fn farthest(a: &Corners, b: &Corners) -> f64 {
    let turned = |turn: usize, back: bool| {
        let index =
            |corner: usize| if back { (turn + 4 - corner) % 4 } else { (turn + corner) % 4 };
        (0..4).map(|corner| a[corner].distance(b[index(corner)])).fold(0.0, f64::max)
    };
    (0..4).flat_map(|turn| [turned(turn, false), turned(turn, true)]).fold(f64::INFINITY, f64::min)
}

/// Whether one quadrilateral lies around another with a margin on all sides, as a sheet around what is
/// printed on it: at least 1.2 % and at most 20 % of its longer diagonal. Both are convex and go the same
/// way around.
pub(super) fn surrounds(outer: &Corners, inner: &Corners) -> bool {
    const MARGINS: std::ops::Range<f64> = 0.012..0.2;
    let diagonal = outer[0].distance(outer[2]).max(outer[1].distance(outer[3]));
    (0..4).all(|index| {
        let Some(side) = Line::between(outer[index], outer[(index + 1) % 4]) else { return false };
        let inward = side.offset(outer[(index + 2) % 4]).signum();
        let mut depths = inner.map(|corner| inward * side.offset(corner) / diagonal);
        depths.sort_by(f64::total_cmp);
        // The two corners of the side next to it.
        MARGINS.contains(&depths[0]) && MARGINS.contains(&depths[1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Corners =
        [Point::new(0.0, 0.0), Point::new(9.0, 0.0), Point::new(9.0, 5.0), Point::new(0.0, 5.0)];

    #[test]
    fn only_convex_shapes_have_an_area() {
        let [a, b, c, d] = SQUARE;
        assert_eq!(convex_area(&SQUARE), Some(45.0));
        assert_eq!(convex_area(&[d, c, b, a]), Some(45.0));
        assert_eq!(convex_area(&[a, c, b, d]), None);
    }

    #[test]
    fn sheets_surround_what_is_printed_on_them() {
        let inset = |by: f64| {
            let [a, b, c, d] = SQUARE;
            [(a, by, by), (b, -by, by), (c, -by, -by), (d, by, -by)]
                .map(|(corner, x, y)| Point::new(corner.x + x, corner.y + y))
        };
        assert!(surrounds(&SQUARE, &inset(0.5)));
        assert!(!surrounds(&SQUARE, &inset(0.05)) && !surrounds(&SQUARE, &inset(2.2)));
        assert!(!surrounds(&inset(0.5), &SQUARE));
        // A shadow's outline coincides with two sides of the sheet.
        let [a, b, c, d] = SQUARE;
        let shadow = [a, Point::new(9.6, 0.0), Point::new(9.6, 5.5), Point::new(0.0, 5.5)];
        assert!(!surrounds(&shadow, &[a, b, c, d]));
    }

    #[test]
    fn the_first_corner_and_the_direction_do_not_matter() {
        let [a, b, c, d] = SQUARE;
        assert!(farthest(&SQUARE, &[c, d, a, b]) < 1e-12);
        assert!(farthest(&SQUARE, &[c, b, a, d]) < 1e-12);
        let moved = Point::new(9.0, 8.0);
        assert!((farthest(&SQUARE, &[a, b, moved, d]) - 3.0).abs() < 1e-12);
    }
}
