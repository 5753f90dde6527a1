//! Whether labels have to do with inputs: each sample by its nearest neighbors.

use burn::tensor::Tensor;

use crate::value::number::float;

/// Neighbors that vote.
const NEIGHBORS: usize = 5;
/// Fewest samples that can tell.
const FEWEST: usize = 100;

/// How often the nearest other samples are of the same class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Neighbors {
    /// The share of pairs of a sample and one of its nearest neighbors that are of one class.
    pub(super) same: f64,
    /// The same for any two samples.
    pub(super) chance: f64,
    /// How far `same` may be from `chance` by chance (three standard errors).
    pub(super) doubt: f64,
}

impl Neighbors {
    /// Compares samples `[samples, ...]` by Euclidean distance; `None` where they are too few to tell.
    pub(super) fn new(inputs: Tensor<4>, classes: &[usize]) -> Option<Self> {
        let [samples, channels, height, width] = inputs.dims();
        if samples < FEWEST || classes.len() != samples {
            return None;
        }
        let rows = inputs.reshape([samples, channels * height * width]);
        // Distances do not depend on where the inputs are centered, but their precision does.
        let rows = rows.clone() - rows.mean_dim(0);
        let squares = rows.clone().square().sum_dim(1);
        let products = rows.clone().matmul(rows.transpose());
        let distances = squares.clone() + squares.transpose() - products.mul_scalar(2.0);
        let distances: Vec<f32> = distances.into_data().iter().collect();
        let same: usize = distances
            .chunks(samples)
            .enumerate()
            .map(|(own, row)| same_class(own, row, classes))
            .sum();
        let all = float(samples);
        let mut counts = vec![0_usize; classes.iter().max().map_or(0, |most| most + 1)];
        for &class in classes {
            counts[class] += 1;
        }
        let chance = counts.into_iter().map(|count| (float(count) / all).powi(2)).sum::<f64>();
        let doubt = 3.0 * (chance * (1.0 - chance) / all).sqrt();
        Some(Self { same: float(same) / (all * float(NEIGHBORS)), chance, doubt })
    }

    /// Whether neighbors are of one class no more often than any two samples.
    pub(super) fn know_nothing(self) -> bool {
        self.same < self.chance + self.doubt
    }
}

/// How many of the nearest neighbors of a sample are of its class.
fn same_class(own: usize, distances: &[f32], classes: &[usize]) -> usize {
    let mut others: Vec<(f32, usize)> = distances
        .iter()
        .zip(classes)
        .enumerate()
        .filter(|(index, _)| *index != own)
        .map(|(_, (distance, class))| (*distance, *class))
        .collect();
    if others.len() > NEIGHBORS {
        others.select_nth_unstable_by(NEIGHBORS, |(left, _), (right, _)| left.total_cmp(right));
    }
    let nearest = others.iter().take(NEIGHBORS);
    nearest.filter(|(_, class)| classes.get(own) == Some(class)).count()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn classes_that_lie_apart_are_known_and_drawn_ones_are_not() {
        let places: Vec<f32> = (0_u16..200)
            .flat_map(|index| {
                let turn = f32::from(index) * 0.618_034;
                [turn.fract(), (turn * 7.3).fract() + f32::from(index % 2) * 3.0]
            })
            .collect();
        let inputs = TensorData::new(places, [200, 2, 1, 1]);
        let neighbors = |classes: &[usize]| {
            let inputs = Tensor::from_data(inputs.clone(), &Device::flex());
            Neighbors::new(inputs, classes).unwrap()
        };
        let apart: Vec<usize> = (0..200).map(|index| index % 2).collect();
        let found = neighbors(&apart);
        assert!(!found.know_nothing() && found.same > 0.99, "{found:?}");
        assert!((found.chance - 0.5).abs() < 1e-12);
        let drawn: Vec<usize> = (0..200).map(|index| (index * index / 7 + index / 3) % 2).collect();
        let found = neighbors(&drawn);
        assert!(found.know_nothing(), "{found:?}");
    }
}
