//! Windows of a picture that pass a cascade.

use super::cascade::Cascade;
use super::pyramid::Level;

/// A cascade with the places of its corners in the sums of a level.
pub(super) struct Scanner<'a> {
    cascade: &'a Cascade,
    /// For each stump, the places of 4 x 4 corners relative to that of the window.
    corners: Vec<[usize; 16]>,
    sums: Vec<u32>,
    stride: usize,
}

/// A window that passed, in pixels of its level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Passed {
    pub(super) x: usize,
    pub(super) y: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(cascade: &'a Cascade, level: &Level) -> Self {
        let stride = level.width + 1;
        let corners = cascade.stages.iter().flat_map(|stage| &stage.stumps).map(|stump| {
            let [x, y, width, height] = stump.block;
            std::array::from_fn(|corner| {
                (y + corner / 4 * height) * stride + x + corner % 4 * width
            })
        });
        Self { cascade, corners: corners.collect(), sums: level.sums(), stride }
    }

    /// The windows of a row that pass, `step` pixels apart.
    pub(super) fn row(&self, y: usize, width: usize, step: usize) -> Vec<Passed> {
        let mut passed = Vec::new();
        let Some(last) = width.checked_sub(self.cascade.side) else { return passed };
        let mut x = 0;
        while x <= last {
            let stages = self.stages(x, y);
            if stages == self.cascade.stages.len() {
                passed.push(Passed { x, y });
            }
            // As OpenCV: the neighbor of a window that fails at once fails, too.
            x += if stages == 0 { 2 * step } else { step };
        }
        passed
    }

    /// The number of stages that a window passes.
    fn stages(&self, x: usize, y: usize) -> usize {
        let Some(sums) = self.sums.get(y * self.stride + x..) else { return 0 };
        let mut next = 0;
        for (number, stage) in self.cascade.stages.iter().enumerate() {
            let mut total = 0.0;
            for stump in &stage.stumps {
                let Some(pattern) = self.corners.get(next).and_then(|c| pattern(sums, c)) else {
                    return 0;
                };
                next += 1;
                let set = stump.patterns[pattern >> 5] >> (pattern & 31) & 1 == 1;
                total += stump.votes[usize::from(!set)];
            }
            if total < stage.threshold {
                return number;
            }
        }
        self.cascade.stages.len()
    }
}

/// The blocks around the middle one, clockwise from the top left, as rows and columns.
const AROUND: [[usize; 2]; 8] = [[0, 0], [0, 1], [0, 2], [1, 2], [2, 2], [2, 1], [2, 0], [1, 0]];

/// The pattern of 3 x 3 blocks: a bit for each block around the middle one, set if the block is at
/// least as bright.
#[inline]
fn pattern(sums: &[u32], corners: &[usize; 16]) -> Option<usize> {
    let mut at = [0_u32; 16];
    for (value, corner) in at.iter_mut().zip(corners) {
        *value = *sums.get(*corner)?;
    }
    let block = |row: usize, column: usize| {
        let first = 4 * row + column;
        at[first]
            .wrapping_sub(at[first + 1])
            .wrapping_sub(at[first + 4])
            .wrapping_add(at[first + 5])
    };
    let middle = block(1, 1);
    let bits = AROUND.map(|[row, column]| usize::from(block(row, column) >= middle));
    Some(bits.iter().fold(0, |pattern, bit| pattern << 1 | bit))
}

#[cfg(test)]
mod tests {
    use super::super::cascade::{Stage, Stump};
    use super::*;

    /// Nine blocks of 1 x 2 pixels: the bits follow the blocks clockwise, the first is the highest.
    #[test]
    fn patterns_are_read_clockwise() {
        let rows = [[9, 1, 9], [1, 5, 5], [4, 7, 4]];
        let pixels: Vec<u8> = rows.iter().flat_map(|row| [*row, *row].concat()).collect();
        let level = Level { width: 3, height: 6, pixels };
        let cascade = |pattern: usize| {
            let mut patterns = [0; 8];
            patterns[pattern >> 5] = 1 << (pattern & 31);
            let stump = Stump { block: [0, 0, 1, 2], patterns, votes: [1.0, -1.0] };
            let stage = Stage { threshold: 0.0, stumps: vec![stump] };
            Cascade { side: 3, stages: vec![stage] }
        };
        let expected = 0b1011_0100;
        for pattern in 0..256 {
            let cascade = cascade(pattern);
            let found = Scanner::new(&cascade, &level).row(0, 3, 1);
            assert_eq!(found.len(), usize::from(pattern == expected), "{pattern:08b}");
        }
    }
}
