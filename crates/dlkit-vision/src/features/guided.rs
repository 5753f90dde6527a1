//! Matches of features whose places are nearly known.

use std::collections::HashMap;

use rayon::prelude::*;

use super::descriptor::{Descriptor, LENGTH};
use super::evidence::agrees;
use super::keypoint::{Feature, Keypoint};
use super::matching::FeatureMatch;
use crate::homography::{Homography, Point};

/// Largest distance of matching descriptors: nearer ones show the same place, as a rule exactly.
const FARTHEST: f64 = 0.4;

/// Matches the features of two pictures that a homography maps to within `reach` pixels of each
/// other, in about the same scale and direction: two match if each looks most like the other of all
/// that are so near. Features that the whole picture has several of, such as windows of a house,
/// match too.
pub(super) fn guided_matches(
    first: &[Feature],
    second: &[Feature],
    homography: &Homography,
    reach: f64,
) -> Vec<FeatureMatch> {
    let cells = Cells::of(second, reach);
    let forward: Vec<Option<Candidate>> = first
        .par_iter()
        .map(|feature| {
            let mapped = homography.map(feature.keypoint.place)?;
            let near = cells.around(mapped);
            let near = near.filter(|&index| second[index].keypoint.place.distance(mapped) <= reach);
            near.filter_map(|index| candidate(feature, &second[index], index, homography))
                .min_by_key(|candidate| (candidate.square, candidate.index))
        })
        .collect();
    let mut backward: HashMap<usize, (u32, usize)> = HashMap::new();
    for (index, candidate) in forward.iter().enumerate() {
        if let Some(candidate) = candidate {
            let best = backward.entry(candidate.index).or_insert((candidate.square, index));
            *best = (*best).min((candidate.square, index));
        }
    }
    let mutual = forward.iter().enumerate().filter_map(|(index, candidate)| {
        let candidate = (*candidate)?;
        (backward.get(&candidate.index)?.1 == index).then(|| FeatureMatch {
            source: first[index].keypoint,
            target: second[candidate.index].keypoint,
            distance: distance(candidate.square),
            ratio: 1.0,
        })
    });
    mutual.collect()
}

/// A feature of the second picture that may match.
#[derive(Clone, Copy)]
struct Candidate {
    index: usize,
    /// The squared distance of the descriptors.
    square: u32,
}

fn candidate(
    first: &Feature,
    second: &Feature,
    index: usize,
    homography: &Homography,
) -> Option<Candidate> {
    let square = squared_distance(&first.descriptor, &second.descriptor);
    let near = distance(square) <= FARTHEST;
    (near && agrees(homography, &first.keypoint, &second.keypoint))
        .then_some(Candidate { index, square })
}

fn squared_distance(first: &Descriptor, second: &Descriptor) -> u32 {
    let entries = first.entries().iter().zip(second.entries());
    entries.map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
}

fn distance(square: u32) -> f64 {
    f64::from(square).sqrt() / f64::from(LENGTH)
}

/// Features by square cells of their picture.
struct Cells {
    side: f64,
    cells: HashMap<[i64; 2], Vec<usize>>,
}

impl Cells {
    fn of(features: &[Feature], side: f64) -> Self {
        let mut cells: HashMap<[i64; 2], Vec<usize>> = HashMap::new();
        for (index, Feature { keypoint: Keypoint { place, .. }, .. }) in features.iter().enumerate()
        {
            cells.entry(cell(*place, side)).or_default().push(index);
        }
        Self { side, cells }
    }

    /// The features at most `side` away from a point, and some others.
    fn around(&self, point: Point) -> impl Iterator<Item = usize> {
        let [x, y] = cell(point, self.side);
        let offsets = (-1..=1).flat_map(|down| (-1..=1).map(move |across| [across, down]));
        let cells = offsets.filter_map(move |[across, down]| {
            self.cells.get(&[x.saturating_add(across), y.saturating_add(down)])
        });
        cells.flatten().copied()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn cell(place: Point, side: f64) -> [i64; 2] {
    [(place.x / side).floor() as i64, (place.y / side).floor() as i64]
}

#[cfg(test)]
mod tests {
    use super::super::descriptor::ENTRIES;
    use super::*;

    #[test]
    fn all_features_within_a_side_are_in_the_cells_around() {
        let feature = |x: f64, y: f64| {
            let place = Point::new(x, y);
            let keypoint = Keypoint { place, scale: 2.0, angle: 0.0, response: 0.1 };
            Feature { keypoint, descriptor: Descriptor::of([0; ENTRIES]) }
        };
        let features: Vec<Feature> = (0..400)
            .map(|index| feature(f64::from(index % 20) * 1.3 - 9.0, f64::from(index / 20) * 1.1))
            .collect();
        let cells = Cells::of(&features, 3.0);
        for point in [Point::new(0.2, 5.0), Point::new(-8.0, 0.1), Point::new(2.9, 2.9)] {
            let mut found: Vec<usize> = cells
                .around(point)
                .filter(|&index| features[index].keypoint.place.distance(point) <= 3.0)
                .collect();
            found.sort_unstable();
            let all = 0..features.len();
            let expected: Vec<usize> = all
                .filter(|&index| features[index].keypoint.place.distance(point) <= 3.0)
                .collect();
            assert_eq!(found, expected);
        }
    }
}
