//! How often each pair counts: repeated and contradicting pairs count once together.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::normalized::NormalizedPairs;
use super::point::Point;

/// Largest side of a cell within which points are the same, as a share of the usual distance of
/// points.
const LARGEST: f64 = 2e-3;

/// The same as a share of the threshold.
const OF_THRESHOLD: f64 = 0.25;

/// Pairs within one threshold of each other on one side contradict each other if they spread over
/// this many thresholds on the other side.
const APART: f64 = 10.0;

/// The weights of pairs, in normalized coordinates. Pairs whose sources are in one place count once
/// together, and so do pairs whose targets are: they repeat each other, or at most one is right. So
/// do pairs that are nearly in one place on one side and far apart on the other.
///
/// `threshold` is in normalized target units.
pub(super) fn weights(data: &NormalizedPairs, threshold: f64) -> Vec<f64> {
    let side = (OF_THRESHOLD * threshold).min(LARGEST);
    let sources = || data.pairs.iter().map(|pair| pair.source);
    let targets = || data.pairs.iter().map(|pair| pair.target);
    let mut most = times(sources(), side);
    for counts in [
        times(targets(), side),
        contradictions(sources(), targets(), threshold),
        contradictions(targets(), sources(), threshold),
    ] {
        for (most, count) in most.iter_mut().zip(counts) {
            *most = count.max(*most);
        }
    }
    most.into_iter().map(|count| 1.0 / f64::from(count)).collect()
}

/// The number of points in the cell of each point, if the points of the other side that belong to
/// those are far apart; 1 otherwise.
fn contradictions(
    points: impl Iterator<Item = Point>,
    others: impl Iterator<Item = Point>,
    side: f64,
) -> Vec<u32> {
    let cells: Vec<u64> = points.map(|point| cell(point, side)).collect();
    let mut groups: HashMap<u64, Group, BuildHasherDefault<Mixed>> =
        HashMap::with_capacity_and_hasher(cells.len(), BuildHasherDefault::default());
    for (cell, other) in cells.iter().zip(others) {
        let group = groups.entry(*cell).or_insert(Group { count: 0, first: other, spread: 0.0 });
        let (x, y) = (other.x - group.first.x, other.y - group.first.y);
        group.spread = group.spread.max(x.abs()).max(y.abs());
        group.count += 1;
    }
    let count = |cell: &u64| match groups.get(cell) {
        Some(group) if group.spread > APART * side => group.count,
        _ => 1,
    };
    cells.iter().map(count).collect()
}

/// Points in one cell.
struct Group {
    count: u32,
    /// The first of the other side's points, and how far any is from it.
    first: Point,
    spread: f64,
}

/// The number of points in the cell of each point.
fn times(points: impl Iterator<Item = Point>, side: f64) -> Vec<u32> {
    let cells: Vec<u64> = points.map(|point| cell(point, side)).collect();
    let mut counts: HashMap<u64, u32, BuildHasherDefault<Mixed>> =
        HashMap::with_capacity_and_hasher(cells.len(), BuildHasherDefault::default());
    for cell in &cells {
        *counts.entry(*cell).or_insert(0) += 1;
    }
    cells.iter().map(|cell| counts.get(cell).copied().unwrap_or(1)).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only told apart")]
fn cell(point: Point, side: f64) -> u64 {
    let [x, y] = [point.x, point.y].map(|place| (place / side).floor() as i64 as u64);
    // Odd factors without pattern: cells near each other have different numbers.
    x.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(y.wrapping_mul(0xc2b2_ae3d_27d4_eb4f))
}

/// A hash of numbers that are well mixed: themselves.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number ^ (number >> 32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homography::Correspondence;

    #[test]
    fn repeated_and_contradicting_pairs_count_once_together() {
        let pairs: Vec<Correspondence> = [
            [10.0, 20.0, 30.0, 40.0],
            [300.0, 10.0, 310.0, 30.0],
            [300.0, 10.0, 310.0, 30.0],
            // One target for four sources, one of which is given twice.
            [50.0, 200.0, 900.0, 700.0],
            [90.0, 210.0, 900.0, 700.0],
            [90.0, 210.0, 900.0, 700.0],
            [10.0, 290.0, 900.0, 700.0],
            // One source for two targets.
            [250.0, 250.0, 260.0, 270.0],
            [250.0, 250.0, 20.0, 10.0],
            [130.0, 140.0, 150.0, 160.0],
        ]
        .map(|[x, y, u, v]| Correspondence::new(x, y, u, v))
        .to_vec();
        let data = NormalizedPairs::robust(&pairs);
        let found = weights(&data, 3.0 * data.target.scale);
        assert_eq!(found, [1.0, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 1.0]);
    }

    #[test]
    fn nearly_one_target_for_sources_far_apart_counts_once() {
        let shake = |index: i32| 0.1 * f64::from(index % 3);
        let mut pairs: Vec<Correspondence> = (0..20)
            .map(|index| {
                let (x, y) = (f64::from(index % 5) * 90.0, f64::from(index / 5) * 80.0);
                Correspondence::new(x, y, 1.1 * x + 7.0, 0.9 * y + 3.0)
            })
            .collect();
        pairs.extend((0..8).map(|index| {
            let (x, y) = (f64::from(index) * 40.0 + 3.0, f64::from(index) * 35.0 + 5.0);
            Correspondence::new(x, y, 901.0 + shake(index), 701.0 - shake(index))
        }));
        // Near each other on both sides: no contradiction.
        pairs.push(Correspondence::new(1.0, 1.0, 8.1, 3.9));
        let data = NormalizedPairs::robust(&pairs);
        let found = weights(&data, 3.0 * data.target.scale);
        let cluster: f64 = found[20..28].iter().sum();
        // Clusters on the border of cells count once in each.
        assert!(cluster < 2.0 + 1e-9, "{cluster}");
        assert_eq!(found[..20], [1.0; 20]);
        assert!((found[28] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn points_of_a_fine_grid_count_once_each() {
        let pairs: Vec<Correspondence> = (0..100)
            .map(|index| {
                let (x, y) = (f64::from(index % 10) * 1e-3, f64::from(index / 10) * 1e-3);
                Correspondence::new(x, y, 2.0 * x, 2.0 * y)
            })
            .collect();
        let data = NormalizedPairs::robust(&pairs);
        // The threshold is far larger than the grid.
        assert_eq!(weights(&data, 3.0 * data.target.scale), [1.0; 100]);
    }
}
