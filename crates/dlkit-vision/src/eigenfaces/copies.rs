//! Finds copies among pictures.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::normalization::Normalization;
use super::pictures::Pictures;
use super::products::inner_products;
use crate::joining::joined;
use crate::shrink::shrunk;

/// Copies among pictures: the same photograph, saved again, resized, brightened or a little
/// retouched. Pictures are copies if they correlate by at least 0.99; by 0.996 below 2,048 pixels,
/// where details that tell pictures apart are lost; by 0.9999 below 256 pixels, where chance makes
/// pictures alike. The most alike of different photographs of one person in the AT&T set correlate
/// by 0.969 (92x112 pixels), 0.987 (46x56), 0.993 (23x28) and 0.995 (16x20).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// For each picture, the first of its copies, itself without any.
    first_of: Vec<usize>,
}

/// The least correlation of copies, for pictures of at least so many pixels.
const ALIKE: [(usize, f64); 3] = [(2048, 0.99), (256, 0.996), (0, 0.9999)];
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
        let enough = ALIKE.iter().find(|(pixels, _)| pictures.pixels() >= *pixels);
        let alike = enough.map_or(1.0, |(_, alike)| *alike);
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
}
