//! Colors as distributions over bins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bins::Bins;
use crate::value::Problem;
use crate::value::range::positive;

/// Encoding of a color as a distribution over the selected bins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EncodingConfig {
    /// A Gaussian over a square of bins around the color's bin.
    Window {
        /// Bins per side of the square, an odd number.
        #[serde(default = "window_size")]
        size: usize,
        /// Standard deviation of the Gaussian, in bins.
        #[serde(default = "window_sigma")]
        sigma: f64,
    },
    /// A Gaussian over the bins whose centers are nearest to the color.
    Nearest {
        /// Number of bins.
        #[serde(default = "neighbours")]
        neighbours: usize,
        /// Standard deviation of the Gaussian, in units of ab.
        #[serde(default = "nearest_sigma")]
        sigma: f64,
    },
}

const fn window_size() -> usize {
    5
}

const fn window_sigma() -> f64 {
    1.4
}

const fn neighbours() -> usize {
    5
}

const fn nearest_sigma() -> f64 {
    5.0
}

impl Default for EncodingConfig {
    fn default() -> Self {
        Self::Window { size: window_size(), sigma: window_sigma() }
    }
}

/// Bins along the plane's longer grid; a larger window would contain all bins anyway.
const LARGEST_WINDOW: usize = 87;

impl EncodingConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::Window { size, sigma } => {
                if size % 2 == 0 || size > LARGEST_WINDOW {
                    let reason =
                        format!("must be an odd number from 1 to {LARGEST_WINDOW}, not {size}");
                    return Err(Problem::new("size", reason));
                }
                positive("sigma", sigma)
            }
            Self::Nearest { neighbours, sigma } => {
                if neighbours == 0 {
                    return Err(Problem::new("neighbours", "must be 1 or more, not 0"));
                }
                positive("sigma", sigma)
            }
        }
    }
}

/// Encodes colors over fixed bins.
#[derive(Clone, Debug)]
pub struct Encoder {
    bins: Bins,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The distribution of each bin, which depends on nothing else.
    Window(Vec<Vec<(usize, f32)>>),
    Nearest {
        neighbours: usize,
        sigma: f32,
    },
}

impl Encoder {
    /// An encoder over bins.
    #[must_use]
    pub fn new(config: EncodingConfig, bins: Bins) -> Self {
        let kind = match config {
            EncodingConfig::Window { size, sigma } => Kind::Window(
                bins.cells().iter().map(|&cell| window(&bins, cell, size, sigma)).collect(),
            ),
            EncodingConfig::Nearest { neighbours, sigma } => {
                #[expect(clippy::cast_possible_truncation, reason = "colors are single precision")]
                let sigma = sigma as f32;
                Kind::Nearest { neighbours: neighbours.min(bins.len()), sigma }
            }
        };
        Self { bins, kind }
    }

    /// The bins.
    #[must_use]
    pub const fn bins(&self) -> &Bins {
        &self.bins
    }

    /// Calls `put` with each bin that has a share in a color, and that share; they sum to 1.
    pub fn encode(&self, ab: [f32; 2], mut put: impl FnMut(usize, f32)) {
        match &self.kind {
            Kind::Window(table) => {
                for &(bin, share) in &table[self.bins.of(ab)] {
                    put(bin, share);
                }
            }
            Kind::Nearest { neighbours, sigma } => {
                for (bin, share) in nearest(self.bins.centers(), ab, *neighbours, *sigma) {
                    put(bin, share);
                }
            }
        }
    }
}

/// The distribution around one bin.
fn window(bins: &Bins, cell: usize, size: usize, sigma: f64) -> Vec<(usize, f32)> {
    let per_axis = bins.width().per_axis();
    let (row, column) = (cell / per_axis, cell % per_axis);
    let near = |place: &(usize, &usize)| {
        let other = *place.1;
        (other / per_axis).abs_diff(row) <= size / 2
            && (other % per_axis).abs_diff(column) <= size / 2
    };
    let weight = |other: usize| {
        let squared =
            (other / per_axis).abs_diff(row).pow(2) + (other % per_axis).abs_diff(column).pow(2);
        #[expect(clippy::cast_precision_loss, reason = "at most 2 * 43^2")]
        let squared = squared as f64;
        (-0.5 * squared / (sigma * sigma)).exp()
    };
    let found: Vec<(usize, f64)> = bins
        .cells()
        .iter()
        .enumerate()
        .filter(near)
        .map(|(bin, &other)| (bin, weight(other)))
        .collect();
    let sum: f64 = found.iter().map(|(_, weight)| weight).sum();
    #[expect(clippy::cast_possible_truncation, reason = "networks take single precision")]
    found.into_iter().map(|(bin, weight)| (bin, (weight / sum) as f32)).collect()
}

/// The distribution over the nearest centers.
fn nearest(centers: &[[f32; 2]], ab: [f32; 2], count: usize, sigma: f32) -> Vec<(usize, f32)> {
    // Ascending by distance; of equal ones the first bin comes first.
    let mut found: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    for (bin, center) in centers.iter().enumerate() {
        let squared = (center[0] - ab[0]).powi(2) + (center[1] - ab[1]).powi(2);
        if found.len() == count && found.last().is_some_and(|&(_, last)| squared >= last) {
            continue;
        }
        let place = found.partition_point(|&(_, other)| other <= squared);
        found.insert(place, (bin, squared));
        found.truncate(count);
    }
    // Far from every bin all would round to 0 without the nearest as the reference.
    let least = found.first().map_or(0.0, |&(_, squared)| squared);
    for (_, squared) in &mut found {
        *squared = (-0.5 * (*squared - least) / (sigma * sigma)).exp();
    }
    let sum: f32 = found.iter().map(|&(_, weight)| weight).sum();
    found.into_iter().map(|(bin, weight)| (bin, weight / sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::bins::{BinWidth, ColorCounts};
    use super::*;

    fn bins(colors: &[[f32; 2]]) -> Bins {
        let mut counts = ColorCounts::new(BinWidth::Ten);
        for &color in colors {
            counts.add(color);
        }
        Bins::most_frequent(&counts, colors.len()).unwrap()
    }

    fn encoded(config: EncodingConfig, bins: &Bins, ab: [f32; 2]) -> Vec<f32> {
        let mut shares = vec![0.0; bins.len()];
        Encoder::new(config, bins.clone()).encode(ab, |bin, share| shares[bin] = share);
        shares
    }

    fn close(found: &[f32], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn a_window_is_normalized_over_the_kept_bins_within_it() {
        let bins = bins(&[[5.0, 5.0], [5.0, 15.0], [25.0, 15.0], [35.0, 5.0]]);
        let config = EncodingConfig::Window { size: 5, sigma: 1.4 };
        let weight = |squared: f64| (-0.5 * squared / 1.96).exp();
        let sum = 1.0 + weight(1.0) + weight(5.0);
        let expected = [1.0 / sum, weight(1.0) / sum, weight(5.0) / sum, 0.0];
        close(&encoded(config, &bins, [9.0, 1.0]), &expected);
    }

    #[test]
    fn the_nearest_bins_share_by_distance() {
        let bins = bins(&[[5.0, 5.0], [5.0, 15.0], [25.0, 15.0]]);
        let config = EncodingConfig::Nearest { neighbours: 2, sigma: 5.0 };
        let weight = |squared: f64| (-0.5 * squared / 25.0).exp();
        let [near, far] = [weight(9.0), weight(49.0)];
        close(&encoded(config, &bins, [5.0, 8.0]), &[near / (near + far), far / (near + far), 0.0]);
        // So far away that each weight alone is 0 in single precision.
        let far: f32 = encoded(config, &bins, [-400.0, -400.0]).iter().sum();
        assert!((far - 1.0).abs() < 1e-6);
        let many = EncodingConfig::Nearest { neighbours: 50, sigma: 5.0 };
        assert!(encoded(many, &bins, [5.0, 8.0]).iter().all(|share| *share > 0.0));
    }

    #[test]
    fn rejects_even_windows_no_neighbors_and_no_deviation() {
        let problem = |config: EncodingConfig| config.check().unwrap_err().to_string();
        assert_eq!(
            problem(EncodingConfig::Window { size: 4, sigma: 1.0 }),
            "`size` must be an odd number from 1 to 87, not 4"
        );
        let none = EncodingConfig::Nearest { neighbours: 0, sigma: 1.0 };
        assert_eq!(problem(none), "`neighbours` must be 1 or more, not 0");
        for sigma in [0.0, -1.0, f64::NAN] {
            let message = problem(EncodingConfig::Window { size: 5, sigma });
            assert!(message.contains("must be a finite number above 0"), "{message}");
        }
    }
}
