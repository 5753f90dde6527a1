//! Nearest and second nearest descriptors.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use rayon::prelude::*;

use super::descriptor::ENTRIES;
use super::keypoint::Feature;
use super::vectorized::vectorized;

/// Descriptors of one task; it must not depend on the number of threads.
const BLOCK: usize = 128;

/// Descriptors that stay in the first cache while those of a block pass.
const TILE: usize = 64;

/// Descriptors as numbers whose products are summed two at a time, and what else is compared.
pub(super) struct Candidates {
    entries: Vec<[i16; ENTRIES]>,
    squares: Vec<i32>,
    /// Features at the same place have the same number.
    places: Vec<usize>,
}

impl Candidates {
    pub(super) fn of(features: &[Feature]) -> Self {
        let entries: Vec<[i16; ENTRIES]> =
            features.iter().map(|feature| feature.descriptor.entries().map(i16::from)).collect();
        let squares = entries.iter().map(|entries| product(entries, entries)).collect();
        // Features of one keypoint have equal responses and so follow each other.
        let mut places = Vec::with_capacity(features.len());
        for (index, feature) in features.iter().enumerate() {
            let same = index > 0 && features[index - 1].keypoint.place == feature.keypoint.place;
            places.push(if same { places[index - 1] } else { index });
        }
        Self { entries, squares, places }
    }

    const fn len(&self) -> usize {
        self.entries.len()
    }
}

/// The nearest descriptor, and the distance of the nearest at another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nearest {
    /// The index; that of the first if several are equally near.
    pub(super) index: usize,
    place: usize,
    /// Squared distances.
    pub(super) first: i32,
    pub(super) second: i32,
}

impl Nearest {
    const NONE: Self =
        Self { index: usize::MAX, place: usize::MAX, first: i32::MAX, second: i32::MAX };

    #[inline(always)]
    fn take(&mut self, distance: i32, index: usize, place: usize) {
        if distance >= self.second {
            return;
        }
        let same = place == self.place;
        if distance < self.first {
            let second = if same { self.second } else { self.first };
            *self = Self { index, place, first: distance, second };
        } else if !same {
            self.second = distance;
        }
    }

    /// Whether there is a second nearest to compare with.
    pub(super) const fn has_rival(&self) -> bool {
        self.second > 0 && self.second < i32::MAX
    }

    /// Takes the nearest of other candidates, which come later.
    fn merge(&mut self, other: Self) {
        if other.first < self.first {
            let second = if other.place == self.place { self.second } else { self.first };
            *self = Self { second: second.min(other.second), ..other };
        } else {
            let second = if other.place == self.place { other.second } else { other.first };
            self.second = self.second.min(second);
        }
    }
}

/// For each of the first candidates the nearest of the second, and the reverse.
pub(super) fn nearest(first: &Candidates, second: &Candidates) -> [Vec<Nearest>; 2] {
    let starts: Vec<usize> = (0..first.len()).step_by(BLOCK).collect();
    let blocks: Vec<[Vec<Nearest>; 2]> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + BLOCK).min(first.len());
            vectorized(
                #[inline(always)]
                || compared(first, start..end, second),
            )
        })
        .collect();
    let mut forward = Vec::with_capacity(first.len());
    let mut backward = vec![Nearest::NONE; second.len()];
    for [rows, columns] in blocks {
        forward.extend(rows);
        for (nearest, other) in backward.iter_mut().zip(columns) {
            nearest.merge(other);
        }
    }
    [forward, backward]
}

/// Compares a block of the first with all of the second.
#[inline(always)]
fn compared(
    first: &Candidates,
    block: std::ops::Range<usize>,
    second: &Candidates,
) -> [Vec<Nearest>; 2] {
    let mut rows = vec![Nearest::NONE; block.len()];
    let mut columns = vec![Nearest::NONE; second.len()];
    for start in (0..second.len()).step_by(TILE) {
        let end = (start + TILE).min(second.len());
        for (row, index) in rows.iter_mut().zip(block.clone()) {
            let entries = &first.entries[index];
            let square = first.squares[index];
            let mut distances = [0; TILE];
            let tile = second.entries[start..end].iter().zip(&second.squares[start..end]);
            for (distance, (others, other_square)) in distances.iter_mut().zip(tile) {
                *distance = square + other_square - 2 * product(entries, others);
            }
            for (&distance, other) in distances.iter().zip(start..end) {
                row.take(distance, other, second.places[other]);
                columns[other].take(distance, index, first.places[index]);
            }
        }
    }
    [rows, columns]
}

/// The inner product; it is exact.
#[inline(always)]
fn product(first: &[i16; ENTRIES], second: &[i16; ENTRIES]) -> i32 {
    first.iter().zip(second).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::descriptor::Descriptor;
    use super::super::keypoint::Keypoint;
    use super::*;
    use crate::homography::Point;

    /// Features with entries from a fixed sequence; every third has two directions.
    fn features(count: usize, mut state: u32) -> Vec<Feature> {
        let mut place = Point::new(0.0, 0.0);
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 27) as u8
        };
        (0..count)
            .map(|index| {
                if index % 3 != 1 {
                    place = Point::new(place.x + 1.0, 0.0);
                }
                let keypoint = Keypoint { place, scale: 2.0, angle: 0.0, response: 0.1 };
                let entries = std::array::from_fn(|entry| if entry < 6 { next() } else { 7 });
                Feature { keypoint, descriptor: Descriptor::of(entries) }
            })
            .collect()
    }

    /// By definition, one feature after the other.
    fn expected(feature: &Feature, others: &[Feature]) -> (usize, i32, i32) {
        let distance = |other: &Feature| -> i32 {
            let entries = feature.descriptor.entries().iter().zip(other.descriptor.entries());
            entries.map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2)).sum()
        };
        let (index, first) =
            others.iter().map(distance).enumerate().min_by_key(|(_, distance)| *distance).unwrap();
        let elsewhere =
            others.iter().filter(|other| other.keypoint.place != others[index].keypoint.place);
        (index, first, elsewhere.map(distance).min().unwrap_or(i32::MAX))
    }

    #[test]
    fn the_nearest_and_the_nearest_elsewhere_are_those_of_the_definition() {
        for (first, second) in [(300, 201), (1, 1), (129, 65), (5, 2)] {
            let (first, second) = (features(first, 1), features(second, 99));
            let [forward, backward] = nearest(&Candidates::of(&first), &Candidates::of(&second));
            for (found, one, others) in [(&forward, &first, &second), (&backward, &second, &first)]
            {
                assert_eq!(found.len(), one.len());
                for (nearest, feature) in found.iter().zip(one.iter()) {
                    let found = (nearest.index, nearest.first, nearest.second);
                    assert_eq!(found, expected(feature, others));
                }
            }
        }
        let [forward, backward] = nearest(&Candidates::of(&[]), &Candidates::of(&features(3, 1)));
        assert!(forward.is_empty() && backward.iter().all(|nearest| !nearest.has_rival()));
    }
}
