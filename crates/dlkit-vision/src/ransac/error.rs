//! What can go wrong in robust estimation.

use std::fmt;

use thiserror::Error;

/// A number of pixels, with an exponent where digits would fill the line.
struct Pixels(f64);

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

/// Why there is no consensus.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum RansacError {
    /// A threshold that is no distance.
    #[error("the threshold is {}; a finite number of pixels above 0 is needed (--threshold)", Pixels(*.0))]
    Threshold(f64),
    /// A confidence that is no probability.
    #[error("the confidence is {0}; a number between 0 and 1 is needed")]
    Confidence(f64),
    /// No sample may be tried.
    #[error("the number of samples is 0; 1 or more is needed")]
    NoSamples,
    /// Less data than a sample takes.
    #[error("{given} data are given; a sample takes {needed}")]
    TooFew {
        /// Data given.
        given: usize,
        /// Data in a sample.
        needed: usize,
    },
    /// Every sample was degenerate, or contradicted itself.
    #[error(
        "none of {samples} samples gives a model: the data are degenerate, or contradict each other; \
         are the points in the same order on both sides?"
    )]
    Degenerate {
        /// Samples tried.
        samples: usize,
    },
    /// The best model agrees with hardly more data than any sample does.
    #[error(
        "no consensus: at most {inliers} of {count} pairs agree within {} px, and any {sample} pairs do; \
         give better pairs or raise --threshold",
        Pixels(*threshold)
    )]
    NoConsensus {
        /// Data that agree with the best model.
        inliers: usize,
        /// All data.
        count: usize,
        /// The threshold, in pixels.
        threshold: f64,
        /// Data in a sample.
        sample: usize,
    },
}
