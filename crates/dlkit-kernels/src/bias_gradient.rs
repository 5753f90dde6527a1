//! The gradient of the bias: the sum of the output's gradient over images and pixels.

use rayon::prelude::*;

/// Sums that run side by side, so that the processor need not wait for one addition after another.
const SIDE_BY_SIDE: usize = 32;

/// Sums of each layer of `[batch, filters, area]`, the same for any number of threads.
pub(crate) fn sums(gradient: &[f32], filters: usize, area: usize) -> Vec<f32> {
    (0..filters)
        .into_par_iter()
        .map(|filter| {
            let layers = gradient.chunks_exact(area).skip(filter).step_by(filters);
            #[expect(clippy::cast_possible_truncation, reason = "gradients are single precision")]
            let sum = layers.map(layer).sum::<f64>() as f32;
            sum
        })
        .collect()
}

fn layer(numbers: &[f32]) -> f64 {
    let mut sums = [0.0_f32; SIDE_BY_SIDE];
    let (whole, rest) = numbers.as_chunks::<SIDE_BY_SIDE>();
    for numbers in whole {
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += number;
        }
    }
    sums.iter().chain(rest).map(|&number| f64::from(number)).sum()
}
