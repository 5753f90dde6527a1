//! Sums of squares.

use rayon::prelude::*;

/// Numbers that are summed one after another, whatever the number of threads.
const BLOCK: usize = 1 << 16;
/// Sums that run side by side, so that the processor need not wait for one addition after another.
const SIDE_BY_SIDE: usize = 16;

/// The sum of the squares of `numbers` in double precision, the same for any number of threads: each
/// block is one task's, and the sums of blocks are added in their order.
#[must_use]
pub fn sum_of_squares(numbers: &[f32]) -> f64 {
    if numbers.len() <= BLOCK {
        return block(numbers);
    }
    let blocks: Vec<f64> = numbers.par_chunks(BLOCK).map(block).collect();
    blocks.iter().sum()
}

fn block(numbers: &[f32]) -> f64 {
    let square = |number: f32| f64::from(number) * f64::from(number);
    let mut sums = [0.0; SIDE_BY_SIDE];
    let (whole, rest) = numbers.as_chunks::<SIDE_BY_SIDE>();
    for numbers in whole {
        for (sum, &number) in sums.iter_mut().zip(numbers) {
            *sum += square(number);
        }
    }
    sums.into_iter().chain(rest.iter().copied().map(square)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{numbers, on_threads};

    #[test]
    fn sums_equal_those_in_double_precision() {
        for length in [0, 1, 15, 37, BLOCK, 3 * BLOCK + 21] {
            let numbers = numbers(length, 1, 0.0);
            let expected: f64 = numbers.iter().map(|&number| f64::from(number).powi(2)).sum();
            let difference = (sum_of_squares(&numbers) - expected).abs();
            assert!(difference <= 1e-12 * expected, "{length} numbers: {difference:e}");
        }
    }

    #[test]
    fn squares_beyond_single_precision_are_summed() {
        let sum = sum_of_squares(&[3e30, -4e30]);
        assert!((sum.sqrt() - 5e30).abs() < 1e24, "{sum:e}");
        assert!(sum_of_squares(&[1.0, f32::NAN]).is_nan());
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let numbers = numbers(70 * BLOCK + 5, 2, 0.0);
        let sum = || sum_of_squares(&numbers).to_bits();
        let one = on_threads(1, sum);
        for threads in [2, 5] {
            assert_eq!(on_threads(threads, sum), one, "{threads} threads");
        }
    }
}
