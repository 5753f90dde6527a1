//! Samples the range of a matrix.

use nalgebra::DMatrix;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::method::{OVERSAMPLING, POWER_ITERATIONS};
use super::products::inner_products;

/// An orthonormal basis, as columns, of approximately the space of the first `wanted` left singular
/// vectors of `points`. Every call gives the same basis.
///
/// # References
/// Halko, Martinsson and Tropp: Finding structure with randomness, 2011, algorithm 4.4.
pub(super) fn sampled_range(points: &DMatrix<f64>, wanted: usize) -> DMatrix<f64> {
    let (rows, columns) = points.shape();
    let size = (wanted + OVERSAMPLING).min(rows).min(columns);
    let mut random = ChaCha12Rng::seed_from_u64(0);
    // The distribution should prefer no direction; a difference of two is close enough to normal.
    let sample =
        DMatrix::from_fn(columns, size, |_, _| random.random::<f64>() - random.random::<f64>());
    let transposed = points.transpose();
    let mut range = inner_products(&transposed, &sample).qr().q();
    for _ in 0..POWER_ITERATIONS {
        let back = inner_products(points, &range).qr().q();
        range = inner_products(&transposed, &back).qr().q();
    }
    range
}
