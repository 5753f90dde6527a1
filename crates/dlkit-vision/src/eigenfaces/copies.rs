//! Finds copies among pictures.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::normalization::Normalization;
use super::pictures::Pictures;
use super::products::inner_products;
use super::shrink::shrunk;

/// Copies among pictures: the same photograph, saved again, resized, brightened or a little
/// retouched. Pictures are copies if their correlation is at least 0.99 or, below 256 pixels, where
/// chance makes pictures alike, 0.9999. The most alike of different photographs of one person in
/// the AT&T set correlate by 0.97.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// For each picture, the first of its copies, itself without any.
    first_of: Vec<usize>,
}

const ALIKE: f64 = 0.99;
const ALIKE_IF_SMALL: f64 = 0.9999;
const SMALL: usize = 256;
/// Longest side of the reduced pictures that are compared first.
const REDUCED: usize = 24;
/// Correlation of reduced pictures from which the pictures themselves are compared.
const MAYBE: f64 = 0.97;
/// Pictures compared at a time.
const BLOCK: usize = 512;

impl Copies {
    /// Finds the copies among pictures.
    pub(super) fn among(pictures: &Pictures) -> Self {
        let count = pictures.count();
        let alike = if pictures.pixels() < SMALL { ALIKE_IF_SMALL } else { ALIKE };
        let whole: Vec<&[f32]> = pictures.iter().collect();
        let reduced = reduced(pictures);
        let starts: Vec<usize> = (0..count).step_by(BLOCK).collect();
        let blocks: Vec<(usize, usize)> = starts
            .iter()
            .flat_map(|row| starts.iter().filter(move |c| *c >= row).map(move |c| (*row, *c)))
            .collect();
        let block = |start: usize| reduced.columns(start, BLOCK.min(count - start)).into_owned();
        let pairs: Vec<(usize, usize)> = blocks
            .into_par_iter()
            .flat_map_iter(|(row, column)| {
                let products = inner_products(&block(row), &block(column));
                let mut pairs = Vec::new();
                for (b, products) in products.column_iter().enumerate() {
                    for (a, product) in products.iter().enumerate() {
                        let (a, b) = (row + a, column + b);
                        if a < b && *product >= MAYBE && correlation(whole[a], whole[b]) >= alike {
                            pairs.push((a, b));
                        }
                    }
                }
                pairs
            })
            .collect();
        Self { first_of: joined(count, &pairs) }
    }

    /// For each picture, the first of its copies, itself without any.
    pub(super) fn first_of(&self) -> &[usize] {
        &self.first_of
    }

    /// The copies among some of the pictures.
    pub(super) fn part(&self, chosen: &[usize]) -> Self {
        let first = |picture: &usize| {
            chosen.iter().position(|other| self.first_of[*other] == self.first_of[*picture])
        };
        Self { first_of: chosen.iter().filter_map(first).collect() }
    }

    /// The pictures that are copies of each other, as lists of two or more.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.first_of.len()];
        for (picture, first) in self.first_of.iter().enumerate() {
            groups[*first].push(picture);
        }
        groups.retain(|group| group.len() > 1);
        groups
    }
}

/// The first of all elements that pairs connect with each element.
pub(super) fn joined(count: usize, pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..count).collect();
    let root = |parent: &mut Vec<usize>, mut of: usize| {
        while parent[of] != of {
            parent[of] = parent[parent[of]];
            of = parent[of];
        }
        of
    };
    for (a, b) in pairs {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        parent[a.max(b)] = a.min(b);
    }
    (0..count).map(|element| root(&mut parent, element)).collect()
}

/// Pictures with averaged pixels, without brightness and contrast, one column of length 1 each.
fn reduced(pictures: &Pictures) -> DMatrix<f64> {
    let (width, height) = (pictures.width(), pictures.height());
    let step = width.max(height).div_ceil(REDUCED);
    let (columns, rows) = (width.div_ceil(step), height.div_ceil(step));
    let mut result = DMatrix::zeros(columns * rows, pictures.count());
    for (mut column, picture) in result.column_iter_mut().zip(pictures.iter()) {
        let (means, _) = shrunk(picture, width, step);
        column.copy_from_slice(&Normalization::Contrast.apply(&means).values);
        let length = column.norm();
        if length > 0.0 {
            column /= length;
        }
    }
    result
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let [a, b] = [a, b].map(|picture| Normalization::Contrast.apply(picture).values);
    let product: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    #[expect(clippy::cast_precision_loss, reason = "pictures are smaller than 2^52 pixels")]
    let count = a.len() as f64;
    product / count
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha12Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// 600 blurred noise pictures of 20x19 pixels, more than a block; the last are copies.
    #[test]
    fn copies_are_found_across_blocks_and_other_pictures_are_not() {
        let mut random = ChaCha12Rng::seed_from_u64(3);
        let mut values: Vec<f32> = (0..600 * 380).map(|_| random.random::<f32>()).collect();
        let one: Vec<f32> = values[7 * 380..8 * 380].to_vec();
        // Darker, with noise of 2 %; then the same again, exactly; then another with noise of 30 %.
        values.extend(one.iter().map(|value| 0.3 + 0.4 * value + 0.01 * random.random::<f32>()));
        values.extend(&one);
        let other: Vec<f32> = values[9 * 380..10 * 380].to_vec();
        values.extend(other.iter().map(|value| value + 0.3 * random.random::<f32>()));
        let copies = Copies::among(&Pictures::new(20, 19, values).unwrap());
        assert_eq!(copies.groups(), [vec![7, 600, 601]]);
        assert_eq!(copies.first_of()[601], 7);
    }

    #[test]
    fn chains_are_joined() {
        assert_eq!(joined(6, &[(1, 4), (4, 5), (0, 2)]), [0, 1, 0, 3, 1, 1]);
    }
}
