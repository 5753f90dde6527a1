//! How often colors occur, and what a pixel of each weighs.

use super::bins::Bins;

/// The share of pixels of each bin, and the weights against rare colors being forgotten.
///
/// # References
/// Zhang, Isola and Efros (2016), Colorful Image Colorization, equation 4.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    shares: Vec<f64>,
    weights: Vec<f64>,
}

impl Prior {
    /// The prior of counted pixels.
    ///
    /// With `smoothing` above 0, a Gaussian of that many units of ab spreads each bin's share over
    /// all bins. The weight of a bin is `1 / ((1 - lambda) p + lambda / Q)`, scaled so that the sum
    /// of `p * weight` is 1. With `lambda` 0 rare colors count most, with 1 all pixels count
    /// equally.
    ///
    /// # Shapes
    /// - counts: one for each bin, not all zero
    #[must_use]
    pub fn of_counts(bins: &Bins, counts: &[u64], smoothing: f64, lambda: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "pixel counts are far below 2^52")]
        let counts: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        let total: f64 = counts.iter().sum();
        let shares: Vec<f64> = counts.iter().map(|count| count / total).collect();
        let shares = if smoothing > 0.0 { smoothed(bins, &shares, smoothing) } else { shares };
        Self { weights: weights(&shares, lambda), shares }
    }

    /// A prior that was stored.
    ///
    /// # Errors
    /// Shares that are no shares.
    pub fn restored(shares: Vec<f64>, lambda: f64) -> Result<Self, String> {
        let sum: f64 = shares.iter().sum();
        if shares.iter().any(|&share| share.is_nan() || share < 0.0) || (sum - 1.0).abs() > 1e-6 {
            return Err(format!("the prior's shares must be 0 or more and sum to 1, not {sum}"));
        }
        Ok(Self { weights: weights(&shares, lambda), shares })
    }

    /// The share of pixels of each bin; they sum to 1.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The weight of a pixel of each bin.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Weights that are the inverse of the shares, for measuring every color alike; bins that do not
    /// occur weigh nothing.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        self.shares.iter().map(|&share| if share > 0.0 { 1.0 / share } else { 0.0 }).collect()
    }

    /// The mean color, (a, b).
    #[must_use]
    pub fn mean(&self, bins: &Bins) -> [f32; 2] {
        let sum = |axis: usize| {
            let pairs = bins.centers().iter().zip(&self.shares);
            pairs.map(|(center, share)| f64::from(center[axis]) * share).sum::<f64>()
        };
        #[expect(clippy::cast_possible_truncation, reason = "colors are single precision")]
        [0, 1].map(|axis| sum(axis) as f32)
    }
}

fn weights(shares: &[f64], lambda: f64) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "at most 1,936 bins")]
    let even = 1.0 / shares.len() as f64;
    let raw: Vec<f64> =
        shares.iter().map(|share| 1.0 / ((1.0 - lambda) * share + lambda * even)).collect();
    // Bins without pixels have no share in the sum; with lambda 0 their weight would be infinite.
    let products = raw.iter().zip(shares).filter(|(_, share)| **share > 0.0);
    let sum: f64 = products.map(|(weight, share)| weight * share).sum();
    raw.iter().map(|weight| if weight.is_finite() { weight / sum } else { 0.0 }).collect()
}

fn smoothed(bins: &Bins, shares: &[f64], sigma: f64) -> Vec<f64> {
    let kernel = |left: &[f32; 2], right: &[f32; 2]| {
        let squared = f64::from((left[0] - right[0]).powi(2) + (left[1] - right[1]).powi(2));
        (-0.5 * squared / (sigma * sigma)).exp()
    };
    let mut spread = vec![0.0; shares.len()];
    for (source, &share) in bins.centers().iter().zip(shares) {
        let row: Vec<f64> = bins.centers().iter().map(|target| kernel(source, target)).collect();
        // What would fall on bins that are not kept stays on those that are.
        let sum: f64 = row.iter().sum();
        for (target, weight) in spread.iter_mut().zip(row) {
            *target += share * weight / sum;
        }
    }
    spread
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bins::{BinWidth, ColorCounts};
    use super::*;

    fn line(bins: u8) -> Bins {
        let mut counts = ColorCounts::new(BinWidth::Ten);
        (0..bins).for_each(|index| counts.add([-105.0 + 10.0 * f32::from(index), 5.0]));
        Bins::most_frequent(&counts, bins.into()).unwrap()
    }

    proptest! {
        #[test]
        fn shares_sum_to_one_and_weights_to_one_over_them(
            counts in prop::collection::vec(0_u64..1_000_000, 2..20),
            smoothing in prop_oneof![Just(0.0), 0.5_f64..30.0],
            lambda in 0.0_f64..=1.0,
        ) {
            prop_assume!(counts.iter().any(|&count| count > 0));
            let bins = line(u8::try_from(counts.len()).unwrap());
            let prior = Prior::of_counts(&bins, &counts, smoothing, lambda);
            let sum: f64 = prior.shares().iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            let pairs = prior.shares().iter().zip(prior.weights());
            let weighted: f64 = pairs.map(|(share, weight)| share * weight).sum();
            prop_assert!((weighted - 1.0).abs() < 1e-12, "{weighted}");
        }
    }

    #[test]
    fn lambda_goes_from_inverse_to_even() {
        let bins = line(2);
        let weights = |lambda| Prior::of_counts(&bins, &[3, 1], 0.0, lambda).weights().to_vec();
        assert_eq!(weights(0.0), [2.0 / 3.0, 2.0]);
        assert_eq!(weights(1.0), [1.0, 1.0]);
        // 1 / (0.375 + 0.25) and 1 / (0.125 + 0.25), over 0.75 * 1.6 + 0.25 * 8 / 3.
        let scale = 0.75 * 1.6 + 0.25 * 8.0 / 3.0;
        for (found, expected) in weights(0.5).iter().zip([1.6 / scale, 8.0 / 3.0 / scale]) {
            assert!((found - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn smoothing_moves_shares_to_neighbors_and_the_mean_follows() {
        let bins = line(3);
        let sharp = Prior::of_counts(&bins, &[0, 4, 0], 0.0, 0.5);
        assert_eq!((sharp.mean(&bins), sharp.inverse()), ([-95.0, 5.0], vec![0.0, 1.0, 0.0]));
        let smooth = Prior::of_counts(&bins, &[0, 4, 0], 10.0, 0.5);
        let side = (-0.5_f64).exp();
        assert!((smooth.shares()[0] - side / (1.0 + 2.0 * side)).abs() < 1e-12);
        assert_eq!(smooth.shares()[0].to_bits(), smooth.shares()[2].to_bits());
    }

    #[test]
    fn damaged_shares_are_refused() {
        assert!(Prior::restored(vec![0.5, 0.6], 0.5).is_err());
        assert!(Prior::restored(vec![1.5, -0.5], 0.5).is_err());
        assert!(Prior::restored(vec![f64::NAN, 1.0], 0.5).is_err());
        assert!(Prior::restored(vec![0.25, 0.75], 0.5).is_ok());
    }
}
