//! Samples and what their division keeps: the shares of classes, and groups that stay together.

use std::collections::BTreeSet;

use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom;

/// Samples to divide. Shares of classes stay as equal as whole numbers allow; samples of a group stay
/// together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strata<'a> {
    count: usize,
    /// The class of each sample.
    classes: Option<&'a [usize]>,
    /// The group of each sample.
    groups: Option<&'a [usize]>,
}

impl<'a> Strata<'a> {
    /// Samples that are all alike.
    pub(crate) const fn plain(count: usize) -> Self {
        Self { count, classes: None, groups: None }
    }

    /// The same samples by classes.
    pub(crate) const fn of_classes(mut self, classes: Option<&'a [usize]>) -> Self {
        self.classes = classes;
        self
    }

    /// The same samples in groups.
    pub(crate) const fn in_groups(mut self, groups: Option<&'a [usize]>) -> Self {
        self.groups = groups;
        self
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    pub(super) const fn is_grouped(&self) -> bool {
        self.groups.is_some()
    }

    /// The number of groups; of samples, where each is for itself.
    pub(super) fn groups(&self) -> usize {
        let distinct = |groups: &[usize]| groups.iter().collect::<BTreeSet<_>>().len();
        self.groups.map_or(self.count, distinct)
    }

    /// Classes and groups of some samples.
    pub(crate) fn selected(&self, samples: &[usize]) -> (Option<Vec<usize>>, Option<Vec<usize>>) {
        let only = |of_each: Option<&[usize]>| {
            let of_each = of_each?;
            Some(samples.iter().filter_map(|&sample| of_each.get(sample).copied()).collect())
        };
        (only(self.classes), only(self.groups))
    }

    fn class(&self, sample: usize) -> usize {
        self.classes.and_then(|classes| classes.get(sample).copied()).unwrap_or(0)
    }

    /// Samples of each class.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.classes.map_or(1, count_of)];
        for sample in 0..self.count {
            if let Some(size) = sizes.get_mut(self.class(sample)) {
                *size += 1;
            }
        }
        sizes
    }

    /// Which samples are taken, about `size`.
    pub(super) fn taken(&self, size: usize, random: &mut ChaCha12Rng) -> Vec<bool> {
        if self.groups.is_some() {
            let rest = self.count - size.min(self.count);
            let parts = self.dealt_groups(&[size, rest], random);
            return parts.into_iter().map(|part| part == 0).collect();
        }
        let mut left = quotas(&self.sizes(), size);
        let mut taken = vec![false; self.count];
        for sample in self.shuffled(random) {
            if let Some(left) = left.get_mut(self.class(sample)).filter(|left| **left > 0) {
                *left -= 1;
                taken[sample] = true;
            }
        }
        taken
    }

    /// The part of each sample, where samples are dealt to `parts` parts as equal as they can be.
    pub(super) fn dealt(&self, parts: usize, random: &mut ChaCha12Rng) -> Vec<usize> {
        if self.groups.is_some() {
            return self.dealt_groups(&vec![self.count.div_ceil(parts); parts], random);
        }
        let mut order = self.shuffled(random);
        // One class after the other, so that both classes and parts are as equal as they can be.
        order.sort_by_key(|&sample| self.class(sample));
        let mut dealt = vec![0; self.count];
        for (place, sample) in order.into_iter().enumerate() {
            dealt[sample] = place % parts;
        }
        dealt
    }

    fn shuffled(&self, random: &mut ChaCha12Rng) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.count).collect();
        order.shuffle(random);
        order
    }

    /// The part of each sample, where whole groups go to the part whose wanted size and shares of classes
    /// they suit best, the largest groups first.
    fn dealt_groups(&self, wanted: &[usize], random: &mut ChaCha12Rng) -> Vec<usize> {
        let groups = self.groups.unwrap_or_default();
        let classes = self.sizes();
        let mut members = vec![Vec::new(); count_of(groups)];
        for (sample, &group) in groups.iter().enumerate() {
            members[group].push(sample);
        }
        members.shuffle(random);
        members.sort_by_key(|samples| std::cmp::Reverse(samples.len()));
        let whole: usize = wanted.iter().sum::<usize>().max(1);
        // What each part lacks of each class.
        let mut lacking: Vec<Vec<f64>> = wanted
            .iter()
            .map(|&part| classes.iter().map(|&size| ratio(size * part, whole)).collect())
            .collect();
        let mut dealt = vec![0; self.count];
        for samples in members {
            let mut added = vec![0.0; classes.len()];
            for &sample in &samples {
                added[self.class(sample)] += 1.0;
            }
            // The squared distance from what is wanted falls most there, relative to the class.
            let gain = |lacks: &[f64]| -> f64 {
                let of_class = |((lacks, added), &size): ((&f64, &f64), &usize)| {
                    (lacks * lacks - (lacks - added).powi(2)) / ratio(size.max(1), 1)
                };
                lacks.iter().zip(&added).zip(&classes).map(of_class).sum()
            };
            let gains: Vec<f64> = lacking.iter().map(|lacks| gain(lacks)).collect();
            let best =
                (0..gains.len()).rev().max_by(|&left, &right| gains[left].total_cmp(&gains[right]));
            let best = best.unwrap_or(0);
            for (lacks, added) in lacking[best].iter_mut().zip(&added) {
                *lacks -= added;
            }
            for sample in samples {
                dealt[sample] = best;
            }
        }
        dealt
    }
}

/// One more than the largest number.
fn count_of(numbers: &[usize]) -> usize {
    numbers.iter().max().map_or(0, |largest| largest + 1)
}

#[expect(clippy::cast_precision_loss, reason = "counts of samples are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// How many of each class are taken, `size` in all: shares as equal as whole numbers allow, at least one of
/// each class that has two or more, and never the last.
fn quotas(sizes: &[usize], size: usize) -> Vec<usize> {
    let count: usize = sizes.iter().sum();
    if let [only] = sizes {
        return vec![size.min(*only)];
    }
    let exact = |of_class: usize| ratio(of_class * size, count.max(1));
    let most = |of_class: usize| of_class.saturating_sub(1);
    let least = |of_class: usize| usize::from(of_class > 1 && size > 0);
    let mut quotas: Vec<usize> = sizes
        .iter()
        .map(|&of_class| {
            let whole = (of_class * size) / count.max(1);
            whole.clamp(least(of_class), most(of_class).max(least(of_class)))
        })
        .collect();
    loop {
        let taken: usize = quotas.iter().sum();
        let lacks = |class: usize| exact(sizes[class]) - ratio(quotas[class], 1);
        let classes = 0..sizes.len();
        let changed = match taken.cmp(&size) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => classes
                .filter(|&class| quotas[class] < most(sizes[class]))
                .max_by(|&left, &right| lacks(left).total_cmp(&lacks(right)))
                .map(|class| (class, quotas[class] + 1)),
            std::cmp::Ordering::Greater => {
                // Where there are more classes than samples to take, some have none.
                let least_of =
                    |class: usize| if size < sizes.len() { 0 } else { least(sizes[class]) };
                classes
                    .filter(|&class| quotas[class] > least_of(class))
                    .min_by(|&left, &right| lacks(left).total_cmp(&lacks(right)))
                    .map(|class| (class, quotas[class] - 1))
            }
        };
        match changed {
            Some((class, quota)) => quotas[class] = quota,
            None => return quotas,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::{Purpose, generator};

    fn random() -> ChaCha12Rng {
        generator(1, Purpose::Split, 0)
    }

    #[test]
    fn quotas_are_shares_and_no_class_is_lost() {
        assert_eq!(quotas(&[50, 50, 50], 15), [5, 5, 5]);
        // 5.4 and 0.6 of 6 by share: both classes are there.
        assert_eq!(quotas(&[90, 10], 6), [5, 1]);
        assert_eq!(quotas(&[95, 3, 1, 1], 10), [9, 1, 0, 0]);
        assert_eq!(quotas(&[2, 2, 2], 5), [1, 1, 1]);
        assert_eq!(quotas(&[5, 5, 5, 5], 2).iter().sum::<usize>(), 2);
        assert_eq!(quotas(&[7], 3), [3]);
        assert_eq!(quotas(&[5, 5], 0), [0, 0]);
    }

    #[test]
    fn classes_are_divided_by_their_shares() {
        let classes: Vec<usize> = (0..100).map(|sample| usize::from(sample % 10 == 0)).collect();
        let strata = Strata::plain(100).of_classes(Some(&classes));
        let taken = strata.taken(20, &mut random());
        let of_class = |class| (0..100).filter(|&at| taken[at] && classes[at] == class).count();
        assert_eq!((of_class(0), of_class(1)), (18, 2));
        let dealt = strata.dealt(5, &mut random());
        for part in 0..5 {
            let of_class =
                |class| (0..100).filter(|&at| dealt[at] == part && classes[at] == class).count();
            assert_eq!((of_class(0), of_class(1)), (18, 2));
        }
    }

    #[test]
    fn groups_stay_together_and_parts_have_about_their_sizes() {
        let groups: Vec<usize> = (0..120).map(|sample| sample / 4).collect();
        let classes: Vec<usize> = (0..120).map(|sample| usize::from(sample / 4 % 3 == 0)).collect();
        let strata = Strata::plain(120).of_classes(Some(&classes)).in_groups(Some(&groups));
        let taken = strata.taken(24, &mut random());
        assert!((0..120).all(|sample| taken[sample] == taken[sample / 4 * 4]));
        let of_class = |class| (0..120).filter(|&at| taken[at] && classes[at] == class).count();
        assert_eq!((of_class(0), of_class(1)), (16, 8));
        let dealt = strata.dealt(5, &mut random());
        assert!((0..120).all(|sample| dealt[sample] == dealt[sample / 4 * 4]));
        assert!((0..5).all(|part| dealt.iter().filter(|&&given| given == part).count() == 24));
    }
}
