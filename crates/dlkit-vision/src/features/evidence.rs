//! Whether matches agree on a homography more than chance would make them.

use super::keypoint::Keypoint;
use crate::homography::{Factorials, Homography, Point};

/// Directions of matched features may differ by this angle from those of the homography.
const ANGLE: f64 = std::f64::consts::FRAC_PI_4;

/// Scales of matched features may differ by this factor from those of the homography.
const FACTOR: f64 = 2.0;

/// Whether the homography turns and enlarges the neighborhood of a keypoint about as much as the two
/// keypoints differ in direction and scale. Mirrored neighborhoods never agree: SIFT features do not
/// match their mirror images.
pub(super) fn agrees(homography: &Homography, source: &Keypoint, target: &Keypoint) -> bool {
    let Some([across, down]) = derivatives(homography, source.place) else { return false };
    let area = across.x * down.y - across.y * down.x;
    if area.is_nan() || area <= 0.0 {
        return false;
    }
    let factor = area.sqrt() * source.scale / target.scale;
    let (sine, cosine) = source.angle.sin_cos();
    let (x, y) = (cosine * across.x + sine * down.x, cosine * across.y + sine * down.y);
    let turn = (y.atan2(x) - target.angle).rem_euclid(std::f64::consts::TAU);
    let turn = turn.min(std::f64::consts::TAU - turn);
    (1.0 / FACTOR..=FACTOR).contains(&factor) && turn <= ANGLE
}

/// The derivatives of the mapped point by x and by y; none at infinity.
fn derivatives(homography: &Homography, point: Point) -> Option<[Point; 2]> {
    let mapped = homography.map(point)?;
    let depth = homography.depth(point);
    let [first, second, third] = homography.rows();
    let by = |axis: usize| {
        Point::new(
            (first[axis] - mapped.x * third[axis]) / depth,
            (second[axis] - mapped.y * third[axis]) / depth,
        )
    };
    Some([by(0), by(1)])
}

/// The decimal logarithm of the expected number of homographies on which at least `inliers` of
/// `matches` agree by chance, within `threshold` pixels of a target picture of `area` pixels and in
/// direction: the number of false alarms.
pub(super) fn log_false_alarms(matches: usize, inliers: usize, threshold: f64, area: f64) -> f64 {
    const SAMPLE: usize = 4;
    // Each match is at its place with this probability, and in the same direction with the next.
    let place = (std::f64::consts::PI * threshold * threshold / area).min(1.0);
    let direction = ANGLE / std::f64::consts::PI;
    Factorials::up_to(matches)
        .log_false_alarms([matches, inliers, SAMPLE], (place * direction).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keypoint(x: f64, y: f64, scale: f64, angle: f64) -> Keypoint {
        Keypoint { place: Point::new(x, y), scale, angle, response: 0.1 }
    }

    #[test]
    fn scale_and_direction_must_be_those_of_the_homography() {
        // Twice as large, a quarter turn from x to y.
        let turn =
            Homography::from_rows([[0.0, -2.0, 50.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).unwrap();
        let source = keypoint(10.0, 20.0, 3.0, 0.2);
        let with = |scale: f64, angle: f64| keypoint(10.0, 20.0, scale, angle);
        let quarter = std::f64::consts::FRAC_PI_2;
        assert!(agrees(&turn, &source, &with(6.0, 0.2 + quarter)));
        assert!(agrees(&turn, &source, &with(9.0, 0.8 + quarter)));
        assert!(!agrees(&turn, &source, &with(6.0, 0.2)));
        assert!(!agrees(&turn, &source, &with(2.5, 0.2 + quarter)));
        let mirror =
            Homography::from_rows([[-1.0, 0.0, 50.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).unwrap();
        assert!(!agrees(&mirror, &source, &with(3.0, std::f64::consts::PI - 0.2)));
    }

    #[test]
    fn few_of_many_agree_by_chance_but_many_do_not() {
        let alarms = |inliers| log_false_alarms(200, inliers, 3.0, 640.0 * 480.0);
        assert!(alarms(4).is_infinite());
        assert!(alarms(6) > 0.0, "{}", alarms(6));
        assert!(alarms(20) < -10.0, "{}", alarms(20));
        assert!(alarms(21) < alarms(20));
    }
}
