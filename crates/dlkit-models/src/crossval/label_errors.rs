//! Labels that are likely wrong.

use crate::tasks::classification::Scored;
use crate::value::number::float;

/// For each sample of each fold, the class it likely belongs to, if that is not the one it is labeled as:
/// confident learning. A class counts as likely where its probability is at least the mean that the network
/// gives to samples labeled so; of several, the most probable is taken. `None` if the networks give no
/// probabilities.
///
/// Probabilities must be those of networks that did not learn from the sample.
///
/// # References
/// Northcutt, Jiang and Chuang, Confident Learning: Estimating Uncertainty in Dataset Labels, Journal of
/// Artificial Intelligence Research 70, 2021, equations 1 and 2: the samples off the diagonal of the confident
/// joint.
#[must_use]
pub fn likelier_labels(folds: &[&Scored]) -> Option<Vec<Vec<Option<usize>>>> {
    let classes = folds.first()?.classes;
    if folds.iter().any(|fold| !fold.are_probabilities || fold.classes != classes) {
        return None;
    }
    let mut sums = vec![(0.0, 0); classes];
    for (label, scores) in folds.iter().flat_map(|fold| fold.rows()) {
        if let (Some((sum, count)), Some(own)) = (sums.get_mut(label), scores.get(label)) {
            *sum += own;
            *count += 1;
        }
    }
    // No sample is labeled so: nothing is known of the class.
    let threshold = |(sum, count): (f64, usize)| {
        if count == 0 { f64::INFINITY } else { sum / float(count) }
    };
    let thresholds: Vec<f64> = sums.into_iter().map(threshold).collect();
    let likelier = |(label, scores): (usize, &[f64])| {
        let likely = (0..classes).filter(|&class| scores[class] >= thresholds[class]);
        let best = likely.max_by(|&left, &right| scores[left].total_cmp(&scores[right]));
        best.filter(|&class| class != label)
    };
    Some(folds.iter().map(|fold| fold.rows().map(likelier).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the mean probability of class 0 over its labels is (0.95 + 0.95 + 0.18) / 3 = 0.693, of class 1
    /// (0.9 + 0.9 + 0.6) / 3 = 0.8. The last sample reaches neither.
    #[test]
    fn a_sample_off_the_diagonal_of_the_confident_joint_is_suspected() {
        let scored = |labels: &[usize], second: &[f64]| Scored {
            actual: labels.to_vec(),
            scores: second.iter().flat_map(|second| [1.0 - second, *second]).collect(),
            classes: 2,
            are_probabilities: true,
            ..Scored::default()
        };
        let folds = [scored(&[0, 0, 1], &[0.05, 0.05, 0.9]), scored(&[0, 1, 1], &[0.82, 0.9, 0.6])];
        let found = likelier_labels(&[&folds[0], &folds[1]]).unwrap();
        assert_eq!(found, [vec![None; 3], vec![Some(1), None, None]]);
        let raw = Scored { are_probabilities: false, ..folds[0].clone() };
        assert_eq!(likelier_labels(&[&raw]), None);
    }
}
