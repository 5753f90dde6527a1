//! The threshold between two classes, chosen on labeled samples.

use super::scored::Scored;
use crate::training::ThresholdRule;
use crate::value::number::float;

/// The threshold that a rule gives for labeled samples of two classes: the second is predicted from this
/// probability on. Of equally good thresholds it is the one nearest to 0.5, in the middle between the scores
/// beside it. None if the samples are of one class, or a score is undefined.
#[must_use]
pub fn choose_threshold(rule: ThresholdRule, scored: &Scored) -> Option<f64> {
    if let ThresholdRule::At(value) = rule {
        return Some(value);
    }
    if scored.classes != 2 {
        return None;
    }
    let mut samples = scored.against_rest(1);
    samples.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    let positives = samples.iter().filter(|(_, is_positive)| *is_positive).count();
    let negatives = samples.len() - positives;
    if positives == 0 || negatives == 0 || samples.iter().any(|(score, _)| !score.is_finite()) {
        return None;
    }
    let (mut right, mut wrong) = (0, 0);
    let mut best: Option<(f64, f64)> = None;
    for (index, (score, is_positive)) in samples.iter().enumerate() {
        right += usize::from(*is_positive);
        wrong += usize::from(!is_positive);
        let next = samples.get(index + 1).map_or(0.0, |(next, _)| *next);
        // Equal scores are on the same side; rounding must not put the middle beside them.
        let threshold = f64::midpoint(*score, next);
        if !(next < threshold && threshold <= *score) {
            continue;
        }
        let value = match rule {
            ThresholdRule::F1 => 2.0 * float(right) / float(right + wrong + positives),
            ThresholdRule::BalancedAccuracy | ThresholdRule::At(_) => {
                let recall = float(right) / float(positives);
                f64::midpoint(recall, float(negatives - wrong) / float(negatives))
            }
        };
        let nearer = |other: f64| (threshold - 0.5).abs() < (other - 0.5).abs();
        if best.is_none_or(|(most, at)| value > most || (value >= most && nearer(at))) {
            best = Some((value, threshold));
        }
    }
    best.map(|(_, threshold)| threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(samples: &[(f64, usize)]) -> Scored {
        Scored {
            actual: samples.iter().map(|(_, class)| *class).collect(),
            scores: samples.iter().flat_map(|(score, _)| [1.0 - score, *score]).collect(),
            classes: 2,
            are_probabilities: true,
            ..Scored::default()
        }
    }

    #[test]
    fn each_rule_has_its_own_threshold() {
        // One sample of five is positive, and it is the second likeliest.
        let samples = scored(&[(0.9, 0), (0.8, 1), (0.3, 0), (0.2, 0), (0.1, 0)]);
        let balanced = choose_threshold(ThresholdRule::BalancedAccuracy, &samples).unwrap();
        assert!((balanced - 0.55).abs() < 1e-12, "{balanced}");
        let samples = scored(&[(0.9, 1), (0.8, 0), (0.7, 0), (0.6, 0), (0.2, 1), (0.1, 0)]);
        // Recall 1 of 2 and no false one, against both with three false ones of four.
        let balanced = choose_threshold(ThresholdRule::BalancedAccuracy, &samples).unwrap();
        assert!((balanced - 0.85).abs() < 1e-12, "{balanced}");
        let samples = scored(&[(0.9, 1), (0.8, 1), (0.6, 0), (0.4, 1), (0.3, 0)]);
        // F1 of 2 of 3 is 0.8, of 3 with a false one 6/7.
        let f1 = choose_threshold(ThresholdRule::F1, &samples).unwrap();
        assert!((f1 - 0.35).abs() < 1e-12, "{f1}");
        assert_eq!(choose_threshold(ThresholdRule::At(0.2), &samples), Some(0.2));
    }

    #[test]
    fn equal_thresholds_leave_the_usual_one() {
        let samples = scored(&[(0.9, 1), (0.2, 0), (0.1, 0)]);
        let found = choose_threshold(ThresholdRule::BalancedAccuracy, &samples).unwrap();
        assert!((found - 0.55).abs() < 1e-12, "{found}");
        // Equal scores cannot be parted.
        let samples = scored(&[(0.9, 0), (0.9, 1), (0.1, 0)]);
        let found = choose_threshold(ThresholdRule::BalancedAccuracy, &samples).unwrap();
        assert!((found - 0.5).abs() < 1e-12, "{found}");
        let one_class = scored(&[(0.9, 1)]);
        assert_eq!(choose_threshold(ThresholdRule::BalancedAccuracy, &one_class), None);
    }
}
