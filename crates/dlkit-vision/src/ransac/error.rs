//! Errors of robust estimation.

use std::fmt;

use thiserror::Error;

/// A number of pixels, with an exponent if it would have many digits.
pub(crate) struct Pixels(pub(crate) f64);

impl fmt::Display for Pixels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(pixels) = self;
        if *pixels == 0.0 || !pixels.is_finite() || (1e-6..1e9).contains(&pixels.abs()) {
            write!(formatter, "{pixels}")
        } else {
            write!(formatter, "{pixels:e}")
        }
    }
}

/// Why robust estimation fails.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RansacError {
    /// The threshold is not a distance.
    #[error("--threshold {}: must be a finite number of pixels above 0", Pixels(*.0))]
    Threshold(f64),
    /// The confidence is not a probability.
    #[error("--confidence {0}: must be a number between 0 and 1, such as 0.999")]
    Confidence(f64),
    /// The number of samples is 0.
    #[error("--max-samples 0: must be 1 or more")]
    NoSamples,
    /// There are fewer data than a sample needs.
    #[error("a sample needs {needed} data, but only {given} are given; give more")]
    TooFew {
        /// Data given.
        given: usize,
        /// Data in a sample.
        needed: usize,
    },
    /// Every sample was degenerate or inconsistent.
    #[error(
        "none of {samples} samples gives a model: the data are degenerate or inconsistent; check \
         that the points are in the same order on both sides"
    )]
    Degenerate {
        /// Samples tried.
        samples: usize,
    },
    /// The best model has no more inliers than any sample.
    #[error(
        "no consensus: at most {inliers} of {count} pairs agree within {} px, and any {sample} do; \
         give better pairs or raise --threshold",
        Pixels(*threshold)
    )]
    NoConsensus {
        /// Inliers of the best model.
        inliers: usize,
        /// All data.
        count: usize,
        /// The threshold, in pixels.
        threshold: f64,
        /// Data in a sample.
        sample: usize,
    },
}
