//! Straight lines in the plane of the picture.

use super::field::Direction;
use crate::homography::Point;

/// The points whose scalar product with the normal is the distance, both in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) normal: Direction,
    pub(super) distance: f64,
}

impl Line {
    /// The line through a point, at right angles to a direction given as an angle from the x axis.
    pub(super) fn through(point: Point, angle: f64) -> Self {
        let (y, x) = angle.sin_cos();
        Self { normal: [x, y], distance: x * point.x + y * point.y }
    }

    /// The line through two points; none if they coincide.
    pub(super) fn between(a: Point, b: Point) -> Option<Self> {
        let length = a.distance(b);
        if length < 1e-9 || !length.is_finite() {
            return None;
        }
        let normal = [(b.y - a.y) / length, (a.x - b.x) / length];
        Some(Self { normal, distance: normal[0] * a.x + normal[1] * a.y })
    }

    /// The signed distance of a point.
    pub(super) fn offset(&self, point: Point) -> f64 {
        self.normal[0] * point.x + self.normal[1] * point.y - self.distance
    }

    /// How far along the line a point lies, from the point of the line that is nearest to (0, 0).
    pub(super) fn along(&self, point: Point) -> f64 {
        self.normal[0] * point.y - self.normal[1] * point.x
    }

    /// The point so far along the line.
    pub(super) fn at(&self, along: f64) -> Point {
        let [x, y] = self.normal;
        Point::new(self.distance * x - along * y, self.distance * y + along * x)
    }

    /// The sine of the angle between two lines, from 0 to 1.
    pub(super) fn sine(&self, other: &Self) -> f64 {
        (self.normal[0] * other.normal[1] - self.normal[1] * other.normal[0]).abs()
    }

    /// Where two lines meet; none if they are parallel.
    pub(super) fn meets(&self, other: &Self) -> Option<Point> {
        let ([a, b], [c, d]) = (self.normal, other.normal);
        let area = a * d - b * c;
        (area.abs() > 1e-9).then(|| {
            Point::new(
                (self.distance * d - other.distance * b) / area,
                (other.distance * a - self.distance * c) / area,
            )
        })
    }

    /// The first and last place along the line within a picture of these columns and rows; none if
    /// it passes beside it.
    pub(super) fn chord(&self, [width, height]: [f64; 2]) -> Option<[f64; 2]> {
        let [x, y] = self.normal;
        let foot = self.at(0.0);
        let (mut first, mut last) = (f64::NEG_INFINITY, f64::INFINITY);
        for (place, step, end) in [(foot.x, -y, width - 1.0), (foot.y, x, height - 1.0)] {
            if step.abs() < 1e-12 {
                if place < 0.0 || place > end {
                    return None;
                }
                continue;
            }
            let ends = [-place / step, (end - place) / step];
            first = first.max(ends[0].min(ends[1]));
            last = last.min(ends[0].max(ends[1]));
        }
        (first < last).then_some([first, last])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_meet_where_both_pass() {
        let a = Line::between(Point::new(1.0, 2.0), Point::new(7.0, 5.0)).unwrap();
        let b = Line::through(Point::new(3.0, 3.0), 0.3);
        let meeting = a.meets(&b).unwrap();
        assert!(a.offset(meeting).abs() < 1e-12 && b.offset(meeting).abs() < 1e-12);
        assert!((meeting.x - 3.0).abs() < 1e-12 && (meeting.y - 3.0).abs() < 1e-12);
        let again = a.at(a.along(meeting));
        assert!(again.distance(meeting) < 1e-12);
        assert_eq!(Line::between(meeting, meeting), None);
    }

    #[test]
    fn chords_end_at_the_border() {
        let line = Line::between(Point::new(0.0, 2.0), Point::new(4.0, 6.0)).unwrap();
        let [first, last] = line.chord([6.0, 5.0]).unwrap().map(|along| line.at(along));
        let (low, high) = if first.x < last.x { (first, last) } else { (last, first) };
        assert!(
            low.distance(Point::new(0.0, 2.0)) < 1e-9 && high.distance(Point::new(2.0, 4.0)) < 1e-9
        );
        assert_eq!(line.chord([6.0, 1.5]), None);
    }
}
