//! Settings of the search for a consensus.

use std::num::NonZeroUsize;

use super::error::RansacError;

/// Unchecked settings; [`TryFrom`] checks them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RansacSettings {
    /// Largest residual of an inlier, in the unit of the estimator's errors; pixels for
    /// homographies.
    pub threshold: f64,
    /// Wanted probability, below 1, that at least one sample had no outliers.
    pub confidence: f64,
    /// Most samples to try, even if the confidence is not reached.
    pub max_samples: usize,
    /// The seed of the samples.
    pub seed: u64,
}

impl Default for RansacSettings {
    /// 3 pixels, which is usual for matched corners; 99.9 %; 1,200,000 samples, enough for 95 %
    /// outliers among the pairs of a homography.
    fn default() -> Self {
        Self { threshold: 3.0, confidence: 0.999, max_samples: 1_200_000, seed: 0 }
    }
}

/// Checked settings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RansacConfig(RansacSettings);

impl RansacConfig {
    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &RansacSettings {
        &self.0
    }

    /// The same with another limit on the number of samples.
    #[must_use]
    pub const fn at_most(self, max_samples: NonZeroUsize) -> Self {
        Self(RansacSettings { max_samples: max_samples.get(), ..self.0 })
    }
}

impl TryFrom<RansacSettings> for RansacConfig {
    type Error = RansacError;

    /// # Errors
    /// The threshold is not a finite number above 0, the confidence is not between 0 and 1, or the
    /// number of samples is 0.
    fn try_from(settings: RansacSettings) -> Result<Self, RansacError> {
        let RansacSettings { threshold, confidence, max_samples, .. } = settings;
        if !(threshold.is_finite() && threshold > 0.0) {
            return Err(RansacError::Threshold(threshold));
        }
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(RansacError::Confidence(confidence));
        }
        if max_samples == 0 {
            return Err(RansacError::NoSamples);
        }
        Ok(Self(settings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl Fn(&mut RansacSettings)) -> String {
        let mut settings = RansacSettings::default();
        change(&mut settings);
        RansacConfig::try_from(settings).unwrap_err().to_string()
    }

    #[test]
    fn rejects_thresholds_that_are_not_positive() {
        for threshold in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let message = refused(|settings| settings.threshold = threshold);
            assert!(message.contains("a finite number of pixels above 0"), "{message}");
        }
    }

    #[test]
    fn rejects_confidences_outside_0_to_1() {
        for confidence in [0.0, 1.0, f64::NAN] {
            let message = refused(|settings| settings.confidence = confidence);
            assert!(message.contains("between 0 and 1"), "{message}");
        }
    }

    #[test]
    fn rejects_no_samples() {
        assert!(refused(|settings| settings.max_samples = 0).contains("1 or more"));
    }
}
