//! How well scores of one class rank its samples before the others.

use crate::value::number::float;

/// Curves of one class against the rest, over all thresholds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCurves {
    /// Receiver operating characteristic: false positive rate and true positive rate, from (0, 0) to (1, 1).
    pub roc: Vec<(f64, f64)>,
    /// Recall and precision, from the highest threshold to the lowest.
    pub precision_recall: Vec<(f64, f64)>,
}

/// How well scores of one class rank its samples before the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Area under the receiver operating characteristic: the share of pairs of a sample of the class and
    /// another that are ranked rightly, ties counted half (Fawcett, 2006).
    pub roc_auc: f64,
    /// Mean of the precision at each threshold, weighted by the recall gained there: not interpolated.
    pub average_precision: f64,
    /// The curves, thinned.
    pub curves: ClassCurves,
}

impl Ranking {
    /// The ranking by scores of samples that are of the class (true) or not. None where there is no sample of
    /// either kind, or a score is infinite or undefined.
    #[must_use]
    pub fn new(mut scored: Vec<(f64, bool)>) -> Option<Self> {
        let positives = scored.iter().filter(|(_, is_of_it)| *is_of_it).count();
        let negatives = scored.len() - positives;
        let is_finite = scored.iter().all(|(score, _)| score.is_finite());
        if positives == 0 || negatives == 0 || !is_finite {
            return None;
        }
        scored.sort_by(|(left, _), (right, _)| right.total_cmp(left));
        let (mut right, mut wrong) = (0, 0);
        let (mut roc, mut precision_recall) = (vec![(0.0, 0.0)], Vec::new());
        let (mut area, mut precision_sum) = (0.0, 0.0);
        // Equal scores lie on the same side of every threshold.
        for equal in scored.chunk_by(|(left, _), (right, _)| left.total_cmp(right).is_eq()) {
            let hits = equal.iter().filter(|(_, is_of_it)| *is_of_it).count();
            let misses = equal.len() - hits;
            // Of the pairs with these misses, those before are right, and half of those here.
            area += float(misses) * (float(right) + 0.5 * float(hits));
            right += hits;
            wrong += misses;
            let precision = float(right) / float(right + wrong);
            precision_sum += float(hits) * precision;
            roc.push((float(wrong) / float(negatives), float(right) / float(positives)));
            precision_recall.push((float(right) / float(positives), precision));
        }
        Some(Self {
            roc_auc: area / (float(positives) * float(negatives)),
            average_precision: precision_sum / float(positives),
            curves: ClassCurves { roc: thinned(roc), precision_recall: thinned(precision_recall) },
        })
    }
}

/// Keeps points that lie apart in a drawing, with the first and the last.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const APART: f64 = 1.0 / 500.0;
    let last = points.len().saturating_sub(1);
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (index, point) in points.into_iter().enumerate() {
        let is_apart = kept.last().is_none_or(|before| {
            (point.0 - before.0).abs() >= APART || (point.1 - before.1).abs() >= APART
        });
        if is_apart || index == last {
            kept.push(point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_are_ranked_rightly_count_once_and_ties_half() {
        // Of 2 times 3 pairs: 0.9 beats all three, 0.4 beats one and ties with one.
        let scored = vec![(0.9, true), (0.7, false), (0.4, true), (0.4, false), (0.1, false)];
        let ranking = Ranking::new(scored).unwrap();
        assert!((ranking.roc_auc - 4.5 / 6.0).abs() < 1e-15);
        // Precision 1 at the first half of the recall, 2/4 at the second.
        assert!((ranking.average_precision - 0.75).abs() < 1e-15);
        assert_eq!(ranking.curves.roc[..2], [(0.0, 0.0), (0.0, 0.5)]);
        assert_eq!(ranking.curves.precision_recall.last(), Some(&(1.0, 0.4)));
    }

    #[test]
    fn nothing_is_ranked_without_both_kinds_or_numbers() {
        assert_eq!(Ranking::new(vec![(0.5, true)]), None);
        assert_eq!(Ranking::new(Vec::new()), None);
        assert_eq!(Ranking::new(vec![(f64::NAN, true), (0.5, false)]), None);
    }

    #[test]
    fn curves_of_many_samples_are_small() {
        let scored = (0..100_000).map(|index| (float(index * 7_919 % 100_003), index % 3 == 0));
        let curves = Ranking::new(scored.collect()).unwrap().curves;
        assert!(curves.roc.len() < 1_100, "{}", curves.roc.len());
        assert!(curves.precision_recall.len() < 2_000, "{}", curves.precision_recall.len());
    }
}
