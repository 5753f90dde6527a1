//! A noisy line with outliers, drawn from a seed.

use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::table::TableSet;
use crate::randomness::{Purpose, generator};
use crate::value::Problem;
use crate::value::number::float;

/// A noisy line with outliers: `y = slope x + intercept + U(0, noise)`. One offset, drawn from
/// `U(0, outlier_offset)`, is added at `outliers` equally spaced points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineConfig {
    /// Number of points, evenly spaced.
    pub points: usize,
    /// The first x.
    pub start: f64,
    /// The last x.
    pub end: f64,
    /// Slope of the line.
    pub slope: f64,
    /// Intercept of the line: y at x = 0, without noise.
    pub intercept: f64,
    /// Upper bound of the noise.
    pub noise: f64,
    /// Number of outliers, equally spaced.
    pub outliers: usize,
    /// Upper bound of the offset that all outliers share.
    pub outlier_offset: f64,
    /// Seed of the noise, the offset and the test part; independent of the recipe's seed.
    pub seed: u64,
    /// Test part: a share below 1, or a number of points.
    pub test: f64,
    /// Validation part of the remaining points, chosen by the recipe's seed: a share below 1, or a
    /// number of points.
    pub validation: f64,
    /// Whether x and y are scaled to mean 0 and standard deviation 1 for the network.
    pub standardise: bool,
}

impl Default for LineConfig {
    fn default() -> Self {
        Self {
            points: 50,
            start: 0.5,
            end: 9.5,
            slope: 2.0,
            intercept: 0.0,
            noise: 2.0,
            outliers: 10,
            outlier_offset: 10.0,
            seed: 1,
            test: 0.2,
            validation: 0.0,
            standardise: false,
        }
    }
}

/// More points than a line needs.
const MOST_POINTS: usize = 1 << 20;

impl LineConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if !(2..=MOST_POINTS).contains(&self.points) {
            let reason = format!("must be from 2 to {MOST_POINTS}, not {}", self.points);
            return Err(Problem::new("points", reason));
        }
        if self.outliers > self.points {
            return Err(Problem::new(
                "outliers",
                format!("is {}, but `data.points` is only {}", self.outliers, self.points),
            ));
        }
        let numbers = [
            ("start", self.start),
            ("end", self.end),
            ("slope", self.slope),
            ("intercept", self.intercept),
        ];
        if let Some((key, value)) = numbers.iter().find(|(_, value)| !value.is_finite()) {
            return Err(Problem::new(*key, format!("must be a finite number, not {value}")));
        }
        for (key, value) in [("noise", self.noise), ("outlier_offset", self.outlier_offset)] {
            if !(value.is_finite() && value >= 0.0) {
                let reason = format!("must be a finite number, 0 or more, not {value}");
                return Err(Problem::new(key, reason));
            }
        }
        if self.end <= self.start {
            let reason = format!("is {}, but must exceed `data.start`, {}", self.end, self.start);
            return Err(Problem::new("end", reason));
        }
        Ok(())
    }

    /// The points, by x.
    #[must_use]
    pub fn points(&self) -> TableSet {
        let mut random = generator(self.seed, Purpose::Samples, 0);
        let mut unit = || -> f64 { random.random_range(0.0..1.0) };
        let offset = unit() * self.outlier_offset;
        let step = (self.end - self.start) / float(self.points - 1);
        let spacing = self.points.checked_div(self.outliers).unwrap_or(usize::MAX);
        let mut set = TableSet::new(1, 1);
        for index in 0..self.points {
            let x = self.start + float(index) * step;
            let noise = unit() * self.noise;
            let outlier = index % spacing == 0 && index / spacing < self.outliers;
            let offset = if outlier && self.outliers > 0 { offset } else { 0.0 };
            set.push(&[x], &[self.slope * x + self.intercept + noise + offset]);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_on_the_line_but_for_noise_and_outliers() {
        let config = LineConfig::default();
        let set = config.points();
        assert_eq!(set.len(), 50);
        assert!((set.row(0)[0] - 0.5).abs() + (set.row(49)[0] - 9.5).abs() < 1e-12);
        let above = |index: usize| set.targets(index)[0] - 2.0 * set.row(index)[0];
        // Every fifth point is an outlier; the others are at most the noise above the line.
        assert!((0..50).filter(|index| index % 5 != 0).all(|i| (0.0..=2.0).contains(&above(i))));
        let outliers: Vec<f64> = (0..50).step_by(5).map(above).collect();
        let (low, high) = outliers
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
        assert!(high - low <= 2.0 && high <= 12.0, "one offset for all: {outliers:?}");
        assert_eq!(config.points(), set);
        assert_ne!(LineConfig { seed: 2, ..config.clone() }.points(), set);
        let plain = LineConfig { noise: 0.0, outliers: 0, ..config }.points();
        assert!((0..50).all(|i| (plain.targets(i)[0] - 2.0 * plain.row(i)[0]).abs() < 1e-12));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let message = |config: LineConfig| config.check().unwrap_err().to_string();
        let line = LineConfig::default;
        assert!(message(LineConfig { points: 1, ..line() }).contains("`points` must be from 2 to"));
        assert!(
            message(LineConfig { outliers: 51, ..line() }).contains("but `data.points` is only 50")
        );
        assert!(message(LineConfig { noise: -1.0, ..line() }).contains("`noise` must be"));
        assert!(message(LineConfig { end: 0.5, ..line() }).contains("must exceed"));
        assert!(message(LineConfig { slope: f64::NAN, ..line() }).contains("`slope` must be"));
    }
}
