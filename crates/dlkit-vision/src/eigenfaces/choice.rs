//! Chooses thresholds, and measures how often they err on people that had no part in the choice.

use super::rate::Rate;
use super::roc::{Roc, quantile};
use super::scores::Scores;
use super::threshold::{Populations, Question, Threshold, ThresholdRule};

/// How a threshold is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Choice {
    /// Where both errors are equal or, without scores of one kind, by a share.
    Best,
    /// So that at most this share of new people's pictures is accepted.
    AcceptRate(f64),
    /// This value.
    Given(f64),
}

/// Share of faces that are accepted if there is nothing to reject.
const MOST: f64 = 0.95;
/// Share of strangers that are accepted if there is nothing to accept.
const FEW: f64 = 0.05;
/// Most groups of people that are left out in turn to measure a threshold.
const MOST_GROUPS: usize = 40;

/// The threshold for a question with its measured rates; none without any scores, unless it is
/// given.
pub(super) fn measured(
    populations: &Populations,
    question: Question,
    choice: Choice,
) -> Option<Threshold> {
    let Populations { known, new, .. } = populations;
    let groups = known.end_of_people().max(new.end_of_people()).clamp(1, MOST_GROUPS);
    let with_all = |choice| value(populations, question, choice, |scores| scores.values().to_vec());
    let (value, rule, by_group) = match choice {
        Choice::AcceptRate(share) => {
            let (most, by_group) = strict(populations, groups, share);
            let (value, _) = with_all(Choice::AcceptRate(most))?;
            (value, ThresholdRule::AcceptRate, by_group)
        }
        Choice::Best | Choice::Given(_) => {
            let (value, rule) = with_all(choice)?;
            (value, rule, values_by_group(populations, question, choice, groups, value))
        }
    };
    let rate = |scores: &Scores, accepted: bool| {
        let wrong = scores
            .iter()
            .filter(|(score, person)| (*score <= by_group[person % groups]) == accepted)
            .count();
        Rate::of(wrong, scores)
    };
    let is_face = question == Question::Face;
    Some(Threshold {
        value,
        rule,
        known_rejected: rate(known, false),
        new_rejected: rate(new, false).filter(|_| is_face),
        new_accepted: rate(new, true).filter(|_| !is_face),
        others_accepted: rate(&populations.others, true),
    })
}

/// The thresholds that a choice gives without each group of people, or `all` if too few remain.
fn values_by_group(
    populations: &Populations,
    question: Question,
    choice: Choice,
    groups: usize,
    all: f64,
) -> Vec<f64> {
    let without = |group| {
        let found =
            value(populations, question, choice, |scores: &Scores| scores.without(group, groups));
        found.map_or(all, |(value, _)| value)
    };
    (0..groups).map(without).collect()
}

/// The value that a choice gives on the part of the scores that `of` takes.
fn value(
    populations: &Populations,
    question: Question,
    choice: Choice,
    of: impl Fn(&Scores) -> Vec<f64>,
) -> Option<(f64, ThresholdRule)> {
    let Populations { known, new, others } = populations;
    let (accept, reject) = match question {
        // New people are harder to take for faces than known people.
        Question::Face => (of(if new.is_empty() { known } else { new }), of(others)),
        Question::Known => (of(known), of(new)),
    };
    match choice {
        Choice::Given(value) => Some((value, ThresholdRule::Given)),
        Choice::AcceptRate(share) => Some((accepting(&reject, share)?, ThresholdRule::AcceptRate)),
        Choice::Best => Some(match Roc::new(&accept, &reject) {
            Some(roc) => (roc.equal_error.threshold, ThresholdRule::EqualError),
            None if reject.is_empty() => (quantile(&accept, MOST)?, ThresholdRule::AcceptsMost),
            None => (quantile(&reject, FEW)?, ThresholdRule::AcceptsFew),
        }),
    }
}

/// The largest score up to which at most a share of the scores is accepted: below all scores if
/// even the least is too many.
fn accepting(scores: &[f64], share: f64) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count, rounded down"
    )]
    let most = (share * sorted.len() as f64 + 1e-9) as usize;
    let least = sorted.first()?.next_down();
    // Equal scores are accepted together or not at all.
    let next = sorted.get(most).copied().unwrap_or(f64::INFINITY);
    Some(
        sorted[..most.min(sorted.len())]
            .iter()
            .rev()
            .find(|v| **v < next)
            .copied()
            .unwrap_or(least),
    )
}

/// The largest share, up to the one asked for, that new people keep: a threshold chosen on few
/// people accepts more of the next. With the thresholds without each group.
fn strict(populations: &Populations, groups: usize, share: f64) -> (f64, Vec<f64>) {
    let new = &populations.new;
    let by_group = |count: usize| -> Vec<f64> {
        let share = part(count, new.values().len());
        let without = |group| accepting(&new.without(group, groups), share);
        (0..groups).map(|group| without(group).unwrap_or(f64::NEG_INFINITY)).collect()
    };
    let kept = |values: &[f64]| {
        let accepted = new.iter().filter(|(v, person)| *v <= values[person % groups]).count();
        part(accepted, new.values().len()) <= share
    };
    let count = new.values().len();
    // The least number that is refused lies above `low`; 0 is taken whatever it gives.
    let (mut low, mut high) =
        (0, (0..=count).rev().find(|n| part(*n, count) <= share).unwrap_or(0) + 1);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if kept(&by_group(middle)) { low = middle } else { high = middle }
    }
    (part(low, count), by_group(low))
}

fn part(count: usize, of: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let share = count as f64 / of.max(1) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(values: impl IntoIterator<Item = f64>, each: usize) -> Scores {
        let mut scores = Scores::default();
        for (index, value) in values.into_iter().enumerate() {
            scores.push(value, index / each);
        }
        scores
    }

    #[test]
    fn thresholds_use_the_scores_given() {
        let known = scores((1..=100_u8).map(f64::from), 5);
        let new = scores((200..=219_u8).map(f64::from), 1);
        let none = Scores::default();
        let of = |known: &Scores, new: &Scores| {
            let populations =
                Populations { known: known.clone(), new: new.clone(), others: none.clone() };
            measured(&populations, Question::Known, Choice::Best)
        };
        let both = of(&known, &new).unwrap();
        assert_eq!((both.value, both.rule), (150.0, ThresholdRule::EqualError));
        assert!(
            both.known_rejected.unwrap().share == 0.0 && both.new_accepted.unwrap().share == 0.0
        );
        assert_eq!(
            (both.known_rejected.unwrap().people, both.new_accepted.unwrap().people),
            (20, 20)
        );
        let most = of(&known, &none).unwrap();
        assert_eq!((most.value, most.rule), (95.0, ThresholdRule::AcceptsMost));
        assert_eq!(most.new_accepted, None);
        let few = of(&none, &new).unwrap();
        assert_eq!((few.value, few.rule), (200.0, ThresholdRule::AcceptsFew));
        assert_eq!(of(&none, &none), None);
    }

    /// A stranger who resembles a known person accepts the threshold that he set himself.
    #[test]
    fn rates_are_those_of_people_without_part_in_the_threshold() {
        // 5 people of 20, each alike in all 4 pictures: by the threshold of all, one person of five
        // is accepted; without the first, the second sets the threshold and the first is below it.
        let new = scores((0..20_u8).map(|index| f64::from(index / 4)), 4);
        let populations = Populations { new, ..Populations::default() };
        let at =
            |share| measured(&populations, Question::Known, Choice::AcceptRate(share)).unwrap();
        // At most 1 %: below all scores; a fifth of new people would still be below the others.
        let strictest = at(0.01);
        assert!(strictest.value < 0.0 && strictest.value > -1e-3, "{strictest:?}");
        assert!((strictest.new_accepted.unwrap().share - 0.2).abs() < 1e-12);
        let loose = at(0.5);
        assert!(loose.new_accepted.unwrap().share <= 0.5 && loose.value >= 0.0, "{loose:?}");
        let given = measured(&populations, Question::Known, Choice::Given(1.0)).unwrap();
        assert!((given.new_accepted.unwrap().share - 0.4).abs() < 1e-12);
    }

    #[test]
    fn equal_scores_are_accepted_together() {
        assert_eq!(accepting(&[1.0, 2.0, 2.0, 3.0], 0.5), Some(1.0));
        assert_eq!(accepting(&[1.0, 2.0, 2.0, 3.0], 0.75), Some(2.0));
        assert_eq!(accepting(&[1.0, 2.0], 0.1), Some(1.0_f64.next_down()));
        assert_eq!(accepting(&[], 0.1), None);
    }
}
