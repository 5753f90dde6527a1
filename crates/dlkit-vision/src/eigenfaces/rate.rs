//! Rates measured on few pictures, with what they are worth.

use serde::{Deserialize, Serialize};

use super::scores::Scores;

/// A share of pictures that was measured, with its 95 % interval.
///
/// The interval is Wilson's, for as many independent pictures as the pictures are worth: those of
/// one person resemble each other (Kish's design effect, from the intraclass correlation of the
/// scores).
///
/// # References
/// - Wilson: Probable inference, the law of succession, and statistical inference, 1927.
/// - Kish: Survey sampling, 1965. Rao and Scott: A simple method for the analysis of clustered
///   binary data, 1992.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The share, 0 to 1.
    pub share: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Pictures counted.
    pub pictures: usize,
    /// People that they show; as many as pictures if these show nobody known.
    pub people: usize,
}

/// The quantile of the normal distribution for two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;

impl Rate {
    /// The rate of `count` of the scores; none without scores.
    pub(super) fn of(count: usize, scores: &Scores) -> Option<Self> {
        let people = scores.by_person();
        let pictures = scores.values().len();
        if pictures == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = count as f64 / pictures as f64;
        let [low, high] = wilson(share, worth(&people));
        Some(Self { share, low, high, pictures, people: people.len() })
    }

    /// Whether the interval holds a share.
    #[must_use]
    pub fn holds(&self, share: f64) -> bool {
        (self.low..=self.high).contains(&share)
    }

    /// Length of the interval.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// The number of independent pictures that pictures of people are worth.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn worth(people: &[Vec<f64>]) -> f64 {
    let count = people.iter().map(Vec::len).sum::<usize>() as f64;
    let squares: f64 = people.iter().map(|own| (own.len() as f64).powi(2)).sum();
    let size = squares / count;
    count / (1.0 + (size - 1.0) * intraclass_correlation(people))
}

/// The share of the variance of scores that lies between people, 0 to 1 (analysis of variance).
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn intraclass_correlation(people: &[Vec<f64>]) -> f64 {
    let groups = people.len() as f64;
    let count = people.iter().map(Vec::len).sum::<usize>() as f64;
    if people.len() < 2 {
        // What other people would do is unknown: all pictures count as one.
        return 1.0;
    }
    if groups >= count {
        return 0.0;
    }
    let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mean = people.iter().flatten().sum::<f64>() / count;
    let between: f64 =
        people.iter().map(|own| own.len() as f64 * (mean_of(own) - mean).powi(2)).sum();
    let within: f64 = people
        .iter()
        .map(|own| own.iter().map(|value| (value - mean_of(own)).powi(2)).sum::<f64>())
        .sum();
    let squares: f64 = people.iter().map(|own| (own.len() as f64).powi(2)).sum();
    let size = (count - squares / count) / (groups - 1.0);
    let (between, within) = (between / (groups - 1.0), within / (count - groups));
    let total = between + (size - 1.0) * within;
    if total > 0.0 { ((between - within) / total).clamp(0.0, 1.0) } else { 0.0 }
}

/// Wilson's interval of a share of `count` pictures.
fn wilson(share: f64, count: f64) -> [f64; 2] {
    let squared = Z * Z / count;
    let center = (share + squared / 2.0) / (1.0 + squared);
    let half =
        Z / (1.0 + squared) * (share * (1.0 - share) / count + squared / (4.0 * count)).sqrt();
    // Rounding must not leave the share outside.
    [(center - half).clamp(0.0, share), (center + half).clamp(share, 1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: [f64; 2], expected: [f64; 2]) {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 5e-5, "{found} {expected}");
        }
    }

    /// statsmodels.stats.proportion.proportion_confint(count, n, method="wilson").
    #[test]
    fn wilson_intervals_as_published() {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        close(wilson(81.0 / 263.0, 263.0), [0.2553, 0.3662]);
        close(wilson(15.0 / 148.0, 148.0), [0.0624, 0.1605]);
        close(wilson(0.0, 20.0), [0.0, 0.1611]);
        close(wilson(1.0 / 29.0, 29.0), [0.0061, 0.1718]);
    }

    #[test]
    fn pictures_of_one_person_are_worth_less() {
        // Everyone's pictures score alike: ten people are worth ten pictures.
        let mut alike = Scores::default();
        // Scores have nothing to do with people: all pictures count.
        let mut apart = Scores::default();
        for person in 0..10_u8 {
            for picture in 0..6_u8 {
                alike.push(f64::from(person), person.into());
                apart.push(f64::from(picture), person.into());
            }
        }
        close([worth(&alike.by_person()), worth(&apart.by_person())], [10.0, 60.0]);
        let [few, many] = [&alike, &apart].map(|scores| Rate::of(3, scores).unwrap());
        assert_eq!((few.share.to_bits(), few.people), (many.share.to_bits(), 10));
        assert!(few.width() > 2.0 * many.width(), "{few:?} {many:?}");
        assert!(few.holds(0.05) && Rate::of(0, &Scores::default()).is_none());
    }
}
