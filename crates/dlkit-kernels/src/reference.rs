//! What tests of kernels share: numbers, sums in double precision to hold results to, threads.

use burn::tensor::{Device, Tensor, TensorData};

/// Norm of the difference by the norm of the reference that is allowed.
const TOLERANCE: f64 = 1e-5;
/// Share of the terms' absolute values that a sum counts for at least, see [`Sums::close`].
const LEAST: f64 = 0.05;

/// Numbers between -1 and 1 plus `mean`, the same for the same seed (Knuth's MMIX generator).
pub(crate) fn numbers(count: usize, seed: u64, mean: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = u16::try_from(state >> 48).unwrap_or(0);
        f32::from(bits) / 32768.0 - 1.0
    };
    (0..count).map(|_| next() + mean).collect()
}

/// A tensor of such numbers.
pub(crate) fn drawn<const D: usize>(dims: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let values = numbers(dims.iter().product(), seed, 0.0);
    Tensor::from_data(TensorData::new(values, dims), device)
}

/// Sums of a definition.
pub(crate) struct Sums {
    values: Vec<f64>,
    /// The same sums of absolute values.
    sizes: Vec<f64>,
}

impl Sums {
    /// So many sums of nothing.
    pub(crate) fn new(count: usize) -> Self {
        Self { values: vec![0.0; count], sizes: vec![0.0; count] }
    }

    /// Adds a product to a sum.
    pub(crate) fn add(&mut self, index: usize, [a, b]: [f32; 2]) {
        let product = f64::from(a) * f64::from(b);
        self.values[index] += product;
        self.sizes[index] += product.abs();
    }

    /// Holds a result to the sums.
    ///
    /// The error is relative to the norm of the sums. Inputs of large mean give all sums of a filter one
    /// factor in common, so with few filters nearly all of every sum may cancel: rounding of its terms,
    /// up to some 5e-7 of their absolute values, can then be any share of what is left. Such sums count
    /// for a twentieth of their terms.
    pub(crate) fn close(&self, result: &[f32], what: &str) {
        assert_eq!(result.len(), self.values.len(), "{what}");
        let norm =
            |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
        let pairs = result.iter().zip(&self.values);
        let difference = norm(&mut pairs.map(|(&result, value)| f64::from(result) - value));
        let size = norm(&mut self.values.iter().copied());
        let terms = norm(&mut self.sizes.iter().copied());
        // Sums of nothing are exact.
        let error = if difference == 0.0 { 0.0 } else { difference / size.max(LEAST * terms) };
        assert!(error <= TOLERANCE, "{what}: relative error {error:e}");
    }
}

/// What `compute` gives on threads of its own.
pub(crate) fn on_threads<T: Send>(threads: usize, compute: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(compute)
}
