//! Receiver operating characteristics: how well a score separates two kinds.

use serde::Serialize;

/// Error rates at every threshold. Scores up to the threshold are accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Roc {
    /// From accepting nothing to accepting everything.
    pub points: Vec<RocPoint>,
    /// The point of equal error rates.
    pub equal_error: EqualError,
    /// The area under the curve: the probability that a score to accept is below a score to reject,
    /// with ties counted half. 1 is perfect, 0.5 is chance.
    pub area: f64,
}

/// Error rates at a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RocPoint {
    /// Scores up to this value are accepted.
    pub threshold: f64,
    /// Share of scores to reject that are accepted.
    pub false_accept: f64,
    /// Share of scores to accept that are rejected.
    pub false_reject: f64,
}

/// The point of equal error rates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EqualError {
    /// Both error rates, interpolated between the points around them.
    pub rate: f64,
    /// The threshold.
    pub threshold: f64,
}

impl Roc {
    /// Computes the error rates at every score; none if one kind is missing.
    #[must_use]
    pub fn new(accept: &[f64], reject: &[f64]) -> Option<Self> {
        if accept.is_empty() || reject.is_empty() {
            return None;
        }
        let mut scores: Vec<(f64, bool)> = accept.iter().map(|score| (*score, true)).collect();
        scores.extend(reject.iter().map(|score| (*score, false)));
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let share = |part: usize, whole: &[f64]| part as f64 / whole.len() as f64;
        let least = scores[0].0;
        let mut points =
            vec![RocPoint { threshold: least.next_down(), false_accept: 0.0, false_reject: 1.0 }];
        let (mut accepted, mut wrong, mut area) = (0, 0, 0.0);
        for equal in scores.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let right = equal.iter().filter(|(_, good)| *good).count();
            let others = equal.len() - right;
            // The area below the middle of the step: ordered pairs, and half of the ties.
            area += share(others, reject) * (share(accepted, accept) + share(right, accept) / 2.0);
            accepted += right;
            wrong += others;
            points.push(RocPoint {
                threshold: equal[0].0,
                false_accept: share(wrong, reject),
                false_reject: 1.0 - share(accepted, accept),
            });
        }
        let equal_error = equal_error(&points);
        Some(Self { points, equal_error, area })
    }
}

fn equal_error(points: &[RocPoint]) -> EqualError {
    let crossed = points.iter().position(|point| point.false_accept >= point.false_reject);
    let after = crossed.unwrap_or(points.len() - 1).max(1);
    let (before, after_point) = (points[after - 1], points[after]);
    let gap = |point: RocPoint| point.false_reject - point.false_accept;
    let (high, low) = (gap(before), -gap(after_point));
    let part = if high + low > 0.0 { high / (high + low) } else { 1.0 };
    let rate = before.false_accept + part * (after_point.false_accept - before.false_accept);
    // If the rates stay equal up to the next score, the threshold is in the middle.
    let next = points.get(after + 1).filter(|_| low == 0.0).map_or(after_point, |next| *next);
    let threshold = f64::midpoint(
        if low == 0.0 { after_point.threshold } else { before.threshold },
        next.threshold,
    );
    EqualError { rate, threshold }
}

/// The value that a share of values does not exceed; the least for a share of 0. None without
/// values.
pub(super) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count, rounded"
    )]
    let index = (share * sorted.len() as f64).ceil().max(1.0) as usize - 1;
    sorted.get(index.min(sorted.len().checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separate_scores_have_no_errors_and_a_threshold_between() {
        let roc = Roc::new(&[1.0, 2.0], &[4.0, 7.0, 9.0]).unwrap();
        assert_eq!(roc.equal_error, EqualError { rate: 0.0, threshold: 3.0 });
        assert!((roc.area - 1.0).abs() < 1e-12);
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn errors_by_counting() {
        let (accept, reject) = ([1.0, 2.0, 3.0, 6.0], [2.5, 5.0, 6.0, 8.0]);
        let roc = Roc::new(&accept, &reject).unwrap();
        for point in &roc.points {
            let count = |scores: &[f64]| {
                scores.iter().filter(|score| **score <= point.threshold).count() as f64 / 4.0
            };
            assert!((point.false_accept - count(&reject)).abs() < 1e-12);
            assert!((point.false_reject - 1.0 + count(&accept)).abs() < 1e-12);
        }
        // At 3 to 5, one of four either way.
        assert!((roc.equal_error.rate - 0.25).abs() < 1e-12);
        assert!((roc.equal_error.threshold - 4.0).abs() < 1e-12);
        let wins = accept.iter().flat_map(|a| {
            reject.iter().map(move |r| {
                if a < r {
                    1.0
                } else if a > r {
                    0.0
                } else {
                    0.5
                }
            })
        });
        assert!((roc.area - wins.sum::<f64>() / 16.0).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_are_chance() {
        let roc = Roc::new(&[1.0, 1.0], &[1.0]).unwrap();
        assert!((roc.equal_error.rate - 0.5).abs() < 1e-12 && (roc.area - 0.5).abs() < 1e-12);
        assert!(Roc::new(&[], &[1.0]).is_none());
    }

    #[test]
    fn quantiles_by_hand() {
        let values = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(quantile(&values, 0.95), Some(5.0));
        assert_eq!(quantile(&values, 0.4), Some(2.0));
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
