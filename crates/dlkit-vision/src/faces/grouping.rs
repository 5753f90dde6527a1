//! Joins windows around one face.

use crate::joining::joined;

/// A square: its top left corner and its side, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) side: f64,
}

/// Squares are alike if no side differs by more than this part of the smaller one.
const ALIKE: f64 = 0.2;
/// Part of the smaller square that two faces may share.
const OVERLAP: f64 = 0.4;

impl Square {
    fn is_like(&self, other: &Self) -> bool {
        let most = ALIKE * self.side.min(other.side);
        let near = |a: f64, b: f64| (a - b).abs() <= most;
        near(self.x, other.x)
            && near(self.y, other.y)
            && near(self.x + self.side, other.x + other.side)
            && near(self.y + self.side, other.y + other.side)
    }

    /// The part of the smaller square that both share.
    fn overlap(&self, other: &Self) -> f64 {
        let shared = |a: f64, b: f64| ((a + self.side).min(b + other.side) - a.max(b)).max(0.0);
        shared(self.x, other.x) * shared(self.y, other.y) / self.side.min(other.side).powi(2)
    }
}

/// The mean of each group of like squares, with the number of squares, most first. Of squares that
/// overlap, the one with more stays.
pub(super) fn grouped(squares: &[Square], least: usize) -> Vec<(Square, usize)> {
    // Sorted by their left side, so that only neighbors are compared.
    let mut sorted = squares.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut pairs = Vec::new();
    for (first, square) in sorted.iter().enumerate() {
        for (second, other) in sorted.iter().enumerate().skip(first + 1) {
            if other.x - square.x > ALIKE * square.side {
                break;
            }
            if square.is_like(other) {
                pairs.push((first, second));
            }
        }
    }
    let first_of = joined(sorted.len(), &pairs);
    let mut groups = vec![(Square { x: 0.0, y: 0.0, side: 0.0 }, 0_usize); sorted.len()];
    for (square, first) in sorted.iter().zip(first_of) {
        let (sum, count) = &mut groups[first];
        *sum = Square { x: sum.x + square.x, y: sum.y + square.y, side: sum.side + square.side };
        *count += 1;
    }
    groups.retain(|(_, count)| *count >= least.max(1));
    for (sum, count) in &mut groups {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let count = *count as f64;
        *sum = Square { x: sum.x / count, y: sum.y / count, side: sum.side / count };
    }
    groups.sort_by(|a, b| b.1.cmp(&a.1).then(b.0.side.total_cmp(&a.0.side)));
    let mut kept: Vec<(Square, usize)> = Vec::new();
    for group in groups {
        if kept.iter().all(|(other, _)| group.0.overlap(other) <= OVERLAP) {
            kept.push(group);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_squares_are_one_and_overlapping_ones_give_way() {
        let square = |x: f64, y: f64, side: f64| Square { x, y, side };
        let squares = [
            square(10.0, 20.0, 30.0),
            square(13.0, 20.0, 30.0),
            square(13.0, 23.0, 33.0),
            // Inside the face, twice.
            square(18.0, 30.0, 12.0),
            square(18.0, 30.0, 12.0),
            // Elsewhere, once and twice.
            square(90.0, 5.0, 24.0),
            square(60.0, 70.0, 24.0),
            square(60.0, 72.0, 24.0),
        ];
        let found = grouped(&squares, 2);
        assert_eq!(found, [(square(12.0, 21.0, 31.0), 3), (square(60.0, 71.0, 24.0), 2)]);
        assert_eq!(grouped(&squares, 1).len(), 3);
        assert!(grouped(&[], 2).is_empty());
    }
}
