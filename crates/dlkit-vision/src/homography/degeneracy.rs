//! Checks for points that do not determine a homography.

use super::error::{HomographyError, Side};
use super::model::Model;
use super::normalization::Normalization;
use super::point::{Correspondence, Point};

/// Within this share of the usual distance of points, two points coincide, and a point is on a
/// line. Rounding of coordinates far from the origin stays below it.
const TOLERANCE: f64 = 1e-9;

/// Checks that there are as many pairs as a model needs, that they are finite, and that they are at
/// as many places, for a homography four of which at least two are off any line through the others,
/// for an affine map not on one line.
///
/// If n - 1 of n points lie on a line, no four of them are in general position, and the homography
/// is not determined (Hartley and Zisserman 2004, 4.1.3).
pub(super) fn check(pairs: &[Correspondence], model: Model) -> Result<(), HomographyError> {
    if pairs.len() < model.pairs_needed() {
        return Err(HomographyError::TooFewPoints { model, given: pairs.len() });
    }
    for side in [Side::Source, Side::Target] {
        let points: Vec<Point> = pairs.iter().map(|pair| point_of(pair, side)).collect();
        if let Some(index) = points.iter().position(|point| !point.is_finite()) {
            return Err(HomographyError::PointNotFinite { pair: index + 1, side });
        }
        check_places(&points, side, model)?;
    }
    Ok(())
}

const fn point_of(pair: &Correspondence, side: Side) -> Point {
    match side {
        Side::Source => pair.source,
        Side::Target => pair.target,
    }
}

fn check_places(points: &[Point], side: Side, model: Model) -> Result<(), HomographyError> {
    let needed = model.pairs_needed();
    // By medians, so that a point far away does not make the others coincide.
    let tolerance = TOLERANCE * 2.0 / Normalization::robust(points.iter().copied()).scale;
    let mut places: Vec<Point> = Vec::with_capacity(needed);
    let mut repeated = None;
    for (index, &point) in points.iter().enumerate() {
        match places.iter().position(|place| place.distance(point) <= tolerance) {
            None => places.push(point),
            Some(first) => repeated = repeated.or(Some((places[first], index))),
        }
        if places.len() == needed {
            break;
        }
    }
    if let (Some((place, second)), true) = (repeated, places.len() < needed) {
        let first = points.iter().position(|&point| point == place).unwrap_or(0);
        return Err(HomographyError::TooFewPlaces {
            model,
            side,
            distinct: places.len(),
            first: first + 1,
            second: second + 1,
        });
    }
    let most_off = match model {
        Model::Homography => 1,
        Model::Affine => 0,
        Model::Similarity | Model::Rigid | Model::Translation => return Ok(()),
    };
    // With at most one point off the line, two of any three different points are on it.
    for [a, b] in [[places[0], places[1]], [places[0], places[2]], [places[1], places[2]]] {
        let length = a.distance(b);
        let on_line = |point: Point| {
            // Seen from the nearer end: from a far end, all points are in one direction.
            let (near, far) = if a.distance(point) < b.distance(point) { (a, b) } else { (b, a) };
            Point::double_area(near, far, point).abs() <= tolerance * length
        };
        if distinct_off_line(points, on_line, tolerance) <= most_off {
            let pairs: Vec<usize> =
                (1..=points.len()).filter(|&pair| on_line(points[pair - 1])).collect();
            return Err(HomographyError::Collinear { model, side, count: points.len(), pairs });
        }
    }
    Ok(())
}

/// Counts the different places off a line; 2 stands for 2 or more.
fn distinct_off_line(points: &[Point], on_line: impl Fn(Point) -> bool, tolerance: f64) -> usize {
    let mut off = points.iter().copied().filter(|&point| !on_line(point));
    let Some(first) = off.next() else { return 0 };
    if off.any(|point| point.distance(first) > tolerance) { 2 } else { 1 }
}

/// Finds three of four points that are nearly collinear, counted from 1: the height of their
/// triangle is below 2 % of its longest side, so that a click a few pixels off reverses its
/// orientation.
pub(super) fn nearly_collinear(pairs: &[Correspondence]) -> Option<(Side, [usize; 3])> {
    const NEARLY: f64 = 0.02;
    [Side::Source, Side::Target].into_iter().find_map(|side| {
        [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]].into_iter().find_map(|triple| {
            let [a, b, c] = triple.map(|index| point_of(&pairs[index], side));
            let longest = a.distance(b).max(b.distance(c)).max(c.distance(a));
            let height = Point::double_area(a, b, c).abs() / longest;
            (height < NEARLY * longest).then_some((side, triple.map(|index| index + 1)))
        })
    })
}

/// Finds two pairs with the same source or target, counted from 1.
pub(super) fn repeated_pair(pairs: &[Correspondence]) -> Option<(Side, usize, usize)> {
    [Side::Source, Side::Target].into_iter().find_map(|side| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        let key = |index: &usize| {
            let point = point_of(&pairs[*index], side);
            (point.x, point.y)
        };
        order.sort_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        order
            .windows(2)
            .find(|two| key(&two[0]) == key(&two[1]))
            .map(|two| (side, two[0].min(two[1]) + 1, two[0].max(two[1]) + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[Correspondence]) -> Result<(), HomographyError> {
        super::check(pairs, Model::Homography)
    }

    fn pairs(points: &[(f64, f64)]) -> Vec<Correspondence> {
        points
            .iter()
            .zip([(0.0, 0.0), (9.0, 1.0), (8.0, 7.0), (1.0, 9.0), (4.0, 5.0), (3.0, 1.0)])
            .map(|(&(x, y), (u, v))| Correspondence::new(x, y, u, v))
            .collect()
    }

    #[test]
    fn three_collinear_points_of_four_are_named() {
        let error = check(&pairs(&[(0.0, 0.0), (5.0, 1.0), (1.0, 1.0), (2.0, 2.0)])).unwrap_err();
        let message = error.to_string();
        for fact in ["3 of the 4 source points", "collinear", "(pairs 1, 3, 4)"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
    }

    #[test]
    fn a_line_is_a_line_at_every_scale_and_place() {
        for (scale, shift) in [(1e-6, 0.0), (1.0, 1e6), (1e6, 0.0)] {
            let at = |x: f64, y: f64| (x * scale + shift, y * scale + shift);
            let line = [at(0.1, 0.1), at(0.2, 0.2), at(0.3, 0.3), at(0.9, 0.4)];
            assert!(check(&pairs(&line)).is_err(), "{scale} {shift}");
            let good = [at(0.1, 0.1), at(0.9, 0.2), at(0.8, 0.7), at(0.2, 0.8)];
            assert_eq!(check(&pairs(&good)), Ok(()), "{scale} {shift}");
        }
    }

    #[test]
    fn targets_are_checked_too() {
        let reversed: Vec<_> = pairs(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)])
            .into_iter()
            .map(Correspondence::reversed)
            .collect();
        let message = check(&reversed).unwrap_err().to_string();
        assert!(message.starts_with("4 of the 4 target points"), "{message}");
    }

    #[test]
    fn repeated_points_are_named() {
        let five = [(0.0, 0.0), (5.0, 1.0), (5.0, 1.0), (1.0, 8.0), (0.0, 0.0)];
        let message = check(&pairs(&five)).unwrap_err().to_string();
        for fact in ["source", "3 different places", "2 and 3"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
    }

    #[test]
    fn three_collinear_points_among_six_are_allowed() {
        let six = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 1.0), (1.0, 3.0), (2.0, 1.0)];
        assert_eq!(check(&pairs(&six)), Ok(()));
    }

    #[test]
    fn a_point_far_away_does_not_make_others_coincide() {
        for far in [1e9, 1e12, 1e15] {
            let six =
                [(5.0, far), (0.0, 0.0), (90.0, 10.0), (80.0, 70.0), (20.0, 80.0), (30.0, 20.0)];
            assert_eq!(check(&pairs(&six)), Ok(()), "{far}");
        }
    }

    #[test]
    fn a_repeated_point_off_the_line_counts_once() {
        let six = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (4.0, 0.0), (1.0, 3.0), (1.0, 3.0)];
        assert!(matches!(check(&pairs(&six)), Err(HomographyError::Collinear { .. })));
    }

    #[test]
    fn plainer_models_need_fewer_places() {
        let line = pairs(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]);
        let reason = super::check(&line, Model::Affine).unwrap_err().to_string();
        assert!(reason.contains("an affine map needs 3 points of which no 3"), "{reason}");
        assert_eq!(super::check(&line, Model::Similarity), Ok(()));
        let same = pairs(&[(1.0, 2.0), (1.0, 2.0)]);
        let reason = super::check(&same, Model::Rigid).unwrap_err().to_string();
        assert!(reason.contains("1 different places"), "{reason}");
        assert_eq!(super::check(&same, Model::Translation), Ok(()));
        let none = super::check(&[], Model::Translation).unwrap_err().to_string();
        assert!(none.contains("a translation needs 1 or more pairs of points, not 0"), "{none}");
    }
}
