//! Hartley's normalization.

use nalgebra::Matrix3;

use super::point::Point;

/// The similarity p -> scale (p - center) that centers points at the origin, with a mean distance
/// of sqrt(2).
///
/// # References
/// Hartley, "In defense of the eight-point algorithm", 1997, section 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Normalization {
    pub(super) scale: f64,
    center: Point,
}

impl Normalization {
    /// The normalization of points; the scale is 1 if all coincide.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 points")]
    pub(super) fn of(points: impl Iterator<Item = Point> + Clone) -> Self {
        let count = points.clone().count() as f64;
        let sum = points
            .clone()
            .fold(Point::new(0.0, 0.0), |sum, point| Point::new(sum.x + point.x, sum.y + point.y));
        let center = Point::new(sum.x / count, sum.y / count);
        let mean = points.map(|point| point.distance(center)).sum::<f64>() / count;
        // All points in one place, which determines a translation, have no scale.
        let scale = if mean > 0.0 { std::f64::consts::SQRT_2 / mean } else { 1.0 };
        Self { scale, center }
    }

    /// The same by medians, so that a few points far away do not push the others together.
    pub(super) fn robust(points: impl Iterator<Item = Point> + Clone) -> Self {
        let middle = |coordinate: fn(Point) -> f64| {
            median(points.clone().map(coordinate).collect()).unwrap_or(0.0)
        };
        let center = Point::new(middle(|point| point.x), middle(|point| point.y));
        // Many points may coincide with the center.
        let distances = points.map(|point| point.distance(center));
        let usual = median(distances.filter(|distance| *distance > 0.0).collect()).unwrap_or(1.0);
        Self { scale: std::f64::consts::SQRT_2 / usual, center }
    }

    pub(super) fn apply(&self, point: Point) -> Point {
        Point::new((point.x - self.center.x) * self.scale, (point.y - self.center.y) * self.scale)
    }

    pub(super) fn matrix(&self) -> Matrix3<f64> {
        let Self { scale, center } = *self;
        Matrix3::new(scale, 0.0, -scale * center.x, 0.0, scale, -scale * center.y, 0.0, 0.0, 1.0)
    }

    pub(super) fn inverse(&self) -> Matrix3<f64> {
        let Self { scale, center } = *self;
        Matrix3::new(1.0 / scale, 0.0, center.x, 0.0, 1.0 / scale, center.y, 0.0, 0.0, 1.0)
    }
}

/// The median, the upper of two middle values; none without values.
fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_zero_and_the_mean_distance_the_root_of_two() {
        let points = [(1.0, 2.0), (101.0, 7.0), (60.0, -43.0)].map(|(x, y)| Point::new(x, y));
        let normalization = Normalization::of(points.iter().copied());
        let normalized = points.map(|point| normalization.apply(point));
        let origin = Point::new(0.0, 0.0);
        let [x, y] = normalized.iter().fold([0.0, 0.0], |[x, y], p| [x + p.x, y + p.y]);
        assert!(x.abs() + y.abs() < 1e-14);
        let distances: f64 = normalized.iter().map(|point| point.distance(origin)).sum();
        assert!((distances / 3.0 - std::f64::consts::SQRT_2).abs() < 1e-14);
        let product = normalization.matrix() * normalization.inverse();
        assert!((product - Matrix3::identity()).norm() < 1e-13);
    }

    #[test]
    fn a_point_far_away_does_not_push_the_others_together() {
        let mut points: Vec<Point> =
            (0..9).map(|i| Point::new(f64::from(i % 3) * 10.0, f64::from(i / 3) * 10.0)).collect();
        points.push(Point::new(1e9, -1e9));
        let normalization = Normalization::robust(points.iter().copied());
        // Center (10, 10); four of the nine not there are 10 px away, the others 14 or much more.
        assert!((normalization.scale - 0.1).abs() < 0.05, "{normalization:?}");
        let one = normalization.apply(points[0]).distance(normalization.apply(points[8]));
        assert!((2.0..4.0).contains(&one), "{one}");
        // Most in one place.
        let same = [1.0, 1.0, 1.0, 5.0].map(|x| Point::new(x, 0.0));
        assert!(Normalization::robust(same.into_iter()).scale.is_finite());
    }
}
