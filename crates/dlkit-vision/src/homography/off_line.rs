//! Inliers that are nearly all on one line, which determines five of the eight unknowns.

use nalgebra::{Matrix3, Vector3};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::normalized::NormalizedPairs;
use super::point::{Correspondence, Point};

/// A line dominates if at least this share of the inliers is on it.
const DOMINANT: f64 = 0.75;

/// A point is on a line if it is within this many thresholds.
const WIDTH: f64 = 2.0;

/// Pairs of points through which lines are tried, and points they are tried on.
const LINES: usize = 40;
const TRIED_ON: usize = 128;

/// Two pairs off the line are tried together at most this often.
const MOST_TRIED: usize = 20_000;

/// Candidates that are optimized.
const SHORTLIST: usize = 5;

/// Sources off the line are at least this far from it, in normalized units: nearer ones say nothing.
const LEAST_DISTANCE: f64 = 0.01;

/// Largest expected number of maps with as much support off the line by chance.
const CHANCE: f64 = 0.01;

/// The line ax + by + c = 0, with a unit normal.
#[derive(Clone, Copy, Debug)]
struct Line([f64; 3]);

impl Line {
    fn distance(&self, point: Point) -> f64 {
        let Self([a, b, c]) = self;
        a * point.x + b * point.y + c
    }

    /// The line with the least sum of squared distances.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 points")]
    fn fitted(points: &[Point]) -> Self {
        let count = points.len() as f64;
        let mean =
            |coordinate: fn(&Point) -> f64| points.iter().map(coordinate).sum::<f64>() / count;
        let (x, y) = (mean(|point| point.x), mean(|point| point.y));
        let [mut xx, mut xy, mut yy] = [0.0; 3];
        for point in points {
            let (dx, dy) = (point.x - x, point.y - y);
            (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
        }
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        let (a, b) = (-angle.sin(), angle.cos());
        Self([a, b, -a * x - b * y])
    }

    /// The line through two of the points that most points are on.
    fn dominant(points: &[Point], tolerance: f64, random: &mut ChaCha12Rng) -> Option<Self> {
        let stride = points.len().div_ceil(TRIED_ON).max(1);
        let tried_on: Vec<Point> = points.iter().copied().step_by(stride).collect();
        let mut best: Option<(usize, Self)> = None;
        for _ in 0..LINES {
            let [p, q] = [0; 2].map(|_| points[random.random_range(0..points.len())]);
            let length = p.distance(q);
            if length <= tolerance {
                continue;
            }
            let (a, b) = ((p.y - q.y) / length, (q.x - p.x) / length);
            let line = Self([a, b, -a * p.x - b * p.y]);
            let on = tried_on.iter().filter(|p| line.distance(**p).abs() <= tolerance).count();
            if best.as_ref().is_none_or(|(most, _)| on > *most) {
                best = Some((on, line));
            }
        }
        let (_, line) = best?;
        let on: Vec<Point> =
            points.iter().copied().filter(|p| line.distance(*p).abs() <= tolerance).collect();
        Some(Self::fitted(&on))
    }
}

/// The pairs whose targets are on the dominant line of the inliers, and the line of their sources.
struct Dominated {
    on: Vec<usize>,
    sources: Line,
}

/// The line that dominates the inliers; none if they are spread. `threshold` is in normalized
/// target units.
fn dominated(
    data: &NormalizedPairs,
    inliers: &[usize],
    threshold: f64,
    random: &mut ChaCha12Rng,
) -> Option<Dominated> {
    let NormalizedPairs { pairs, weights, .. } = data;
    if inliers.len() < 4 {
        return None;
    }
    let tolerance = WIDTH * threshold;
    let targets: Vec<Point> = inliers.iter().map(|&index| pairs[index].target).collect();
    let line = Line::dominant(&targets, tolerance, random)?;
    let is_on = |index: &usize| line.distance(pairs[*index].target).abs() <= tolerance;
    let on: Vec<usize> = inliers.iter().copied().filter(is_on).collect();
    let weight = |indices: &[usize]| indices.iter().map(|&index| weights[index]).sum::<f64>();
    if weight(&on) < DOMINANT * weight(inliers) {
        return None;
    }
    let sources: Vec<Point> = on.iter().map(|&index| pairs[index].source).collect();
    Some(Dominated { on, sources: Line::fitted(&sources) })
}

/// If a line dominates the inliers of a model, the best model that agrees on the line and with
/// pairs off it; none otherwise.
///
/// All maps that agree with H on a line l are H + v l^T. Two pairs off the line give four equations
/// for the three unknowns v.
///
/// # References
/// Chum, Werner and Matas, "Two-view geometry estimation unaffected by a dominant plane", 2005, does
/// the same for fundamental matrices.
///
/// `threshold` is in normalized target units. `cost` takes a matrix and a limit, above which it may
/// return any number above; `settle` lowers the cost with all inliers.
pub(super) fn complete(
    data: &NormalizedPairs,
    (matrix, inliers): (&Matrix3<f64>, &[usize]),
    threshold: f64,
    random: &mut ChaCha12Rng,
    cost: impl Fn(&Matrix3<f64>, f64) -> f64,
    settle: impl Fn(Matrix3<f64>) -> Matrix3<f64>,
) -> Option<Matrix3<f64>> {
    let Dominated { sources: line, .. } = dominated(data, inliers, threshold, random)?;
    let off: Vec<usize> = (0..data.pairs.len())
        .filter(|&index| line.distance(data.pairs[index].source).abs() >= LEAST_DISTANCE)
        .collect();
    let mut shortlist: Vec<(Matrix3<f64>, f64)> = Vec::new();
    for [first, second] in two_of(&off, random) {
        let pairs = [first, second].map(|index| &data.pairs[index]);
        let Some(candidate) = through(matrix, line, pairs) else { continue };
        let to_beat = match shortlist.get(SHORTLIST - 1) {
            Some((_, cost)) => *cost,
            None => f64::INFINITY,
        };
        let cost = cost(&candidate, to_beat);
        if cost < to_beat {
            let place = shortlist.partition_point(|(_, other)| *other <= cost);
            shortlist.insert(place, (candidate, cost));
            shortlist.truncate(SHORTLIST);
        }
    }
    let optimized = shortlist.into_iter().map(|(start, _)| {
        [start, settle(start)].map(|matrix| (matrix, cost(&matrix, f64::INFINITY)))
    });
    let best = optimized.flatten().min_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(matrix, _)| matrix)
}

/// Pairs of indices: all of them if there are few enough, else random ones.
fn two_of(indices: &[usize], random: &mut ChaCha12Rng) -> Vec<[usize; 2]> {
    let count = indices.len();
    if count < 2 {
        return Vec::new();
    }
    if count * (count - 1) / 2 <= MOST_TRIED {
        let with_later = |first: usize| (first + 1..count).map(move |second| [first, second]);
        return (0..count).flat_map(with_later).map(|two| two.map(|at| indices[at])).collect();
    }
    let mut draw = || {
        let first = random.random_range(0..count);
        let second = (first + 1 + random.random_range(0..count - 1)) % count;
        [first, second].map(|at| indices[at])
    };
    (0..MOST_TRIED).map(|_| draw()).collect()
}

/// The map that agrees with `matrix` on a line and maps two pairs off it as well as it can.
fn through(matrix: &Matrix3<f64>, line: Line, pairs: [&Correspondence; 2]) -> Option<Matrix3<f64>> {
    // With a = H p, d = l p and the target (u, t), u (a3 + v3 d) = a1 + v1 d gives
    // v1 = u v3 - (a1 - u a3) / d, and t gives v2 likewise.
    let terms = pairs.map(|Correspondence { source, target }| {
        let mapped = matrix * source.homogeneous();
        let distance = line.distance(*source);
        let rest = [
            (mapped.x - target.x * mapped.z) / distance,
            (mapped.y - target.y * mapped.z) / distance,
        ];
        ([target.x, target.y], rest)
    });
    let [(first, first_rest), (second, second_rest)] = terms;
    let (mut product, mut square) = (0.0, 0.0);
    for axis in 0..2 {
        let step = first[axis] - second[axis];
        product += step * (first_rest[axis] - second_rest[axis]);
        square += step * step;
    }
    let third = product / square;
    let [v1, v2] = [0, 1].map(|axis| {
        let of = |target: [f64; 2], rest: [f64; 2]| target[axis] * third - rest[axis];
        0.5 * (of(first, first_rest) + of(second, second_rest))
    });
    let change = Vector3::new(v1, v2, third) * Vector3::from(line.0).transpose();
    let changed = matrix + change;
    let norm = changed.norm();
    (norm.is_finite() && norm > 0.0).then(|| changed / norm)
}

/// How many inliers are on one line and how many off it, if those off it are so few that they may
/// agree by chance; none if the inliers determine the homography.
///
/// `threshold` is in normalized target units.
pub(super) fn undetermined(
    data: &NormalizedPairs,
    inliers: &[usize],
    threshold: f64,
) -> Option<[usize; 2]> {
    let mut random = ChaCha12Rng::seed_from_u64(0);
    let Dominated { on, sources } = dominated(data, inliers, threshold, &mut random)?;
    let is_off =
        |index: &usize| sources.distance(data.pairs[*index].source).abs() >= LEAST_DISTANCE;
    let weight = |indices: &mut dyn Iterator<Item = usize>| -> f64 {
        indices.map(|index| data.weights[index]).sum()
    };
    let off = weight(&mut inliers.iter().copied().filter(is_off));
    let all = weight(&mut (0..data.pairs.len()).filter(is_off));
    // Most targets are within two usual distances of the middle, 2 sqrt(2).
    let place = (threshold * threshold / 8.0).min(1.0);
    (expected_by_chance(all, off, place) > CHANCE).then(|| [on.len(), inliers.len() - on.len()])
}

/// The expected number of maps, each through two of `all` pairs, with which `off` or more agree by
/// chance, if each does with a probability.
fn expected_by_chance(all: f64, off: f64, probability: f64) -> f64 {
    let (all, off) = (all.round(), off.round());
    if off < 3.0 {
        return f64::INFINITY;
    }
    let more = off - 2.0;
    let mut expected = all * (all - 1.0) / 2.0;
    let mut taken = 0.0;
    while taken < more {
        expected *= (all - 2.0 - taken) / (taken + 1.0) * probability;
        taken += 1.0;
    }
    expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_through_two_pairs_off_the_line_is_the_true_one() {
        let truth = Matrix3::new(1.1, 0.08, 0.4, -0.05, 0.95, 0.2, 0.2, -0.1, 1.0);
        let line = Line([0.6, 0.8, -0.1]);
        let wrong = truth + Vector3::new(0.3, -0.2, 0.1) * Vector3::from(line.0).transpose();
        let pairs = [(0.7, 0.9), (-0.8, 0.2)].map(|(x, y)| {
            let to = truth * Vector3::new(x, y, 1.0);
            Correspondence::new(x, y, to.x / to.z, to.y / to.z)
        });
        let found = through(&wrong, line, pairs.each_ref()).unwrap();
        let truth = truth / truth.norm();
        assert!((found - truth).norm() < 1e-12, "{found} {truth}");
    }

    #[test]
    fn fitted_lines_have_unit_normals() {
        for (dx, dy) in [(1.0, 0.0), (0.0, 2.0), (3.0, -1.0), (-2.0, -5.0)] {
            let points: Vec<Point> = (0..9)
                .map(|index| Point::new(5.0 + f64::from(index) * dx, -2.0 + f64::from(index) * dy))
                .collect();
            let line = Line::fitted(&points);
            assert!((line.0[0].hypot(line.0[1]) - 1.0).abs() < 1e-15);
            assert!(points.iter().all(|point| line.distance(*point).abs() < 1e-12), "{line:?}");
        }
    }

    /// By the definition: C(40, 2) maps, C(38, more) choices, each with its probability.
    #[test]
    fn chance_is_the_expected_number_of_maps() {
        assert!(expected_by_chance(40.0, 2.0, 1e-4).is_infinite());
        let expected = 780.0 * (38.0 * 37.0 / 2.0) * 1e-8;
        assert!((expected_by_chance(40.0, 4.0, 1e-4) / expected - 1.0).abs() < 1e-12);
    }
}
