//! The validation part and the test part, chosen from the samples by seed.

use super::error::DataError;
use super::strata::Strata;
use crate::randomness::{Purpose, generator};
use crate::value::number::float;

/// Indices of the training part, divided. All are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Samples that train.
    pub train: Vec<usize>,
    /// Samples that decide which checkpoint is best.
    pub validation: Vec<usize>,
    /// Samples of the fold that measures, in a cross-validation; nothing else looks at them.
    pub measured: Vec<usize>,
}

/// One of several parts of the samples, each of which measures in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Which, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl Split {
    /// Divides `count` samples: `validation` is a share below 1 or a number of samples.
    ///
    /// # Errors
    /// The validation part leaves nothing to train on, or is empty though requested.
    pub fn new(count: usize, validation: f64, seed: u64) -> Result<Self, DataError> {
        Self::taking(&Strata::plain(count), validation, "validation", seed)
    }

    /// Divides samples likewise into those to learn from and a test part, which stands for the validation
    /// part here.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn hold_out(strata: &Strata<'_>, test: f64, seed: u64) -> Result<Self, DataError> {
        Self::taking(strata, test, "test", seed)
    }

    /// The division by `validation`, as [`new`](Self::new) has it, of all samples or of those without a
    /// fold, which then measures.
    pub(crate) fn of(
        strata: &Strata<'_>,
        validation: f64,
        seed: u64,
        fold: Option<Fold>,
    ) -> Result<Self, DataError> {
        let Some(fold) = fold else {
            return Self::taking(strata, validation, "validation", seed);
        };
        let Self { train: learned, validation: measured, .. } = Self::fold(strata, fold, seed)?;
        let (classes, groups) = strata.selected(&learned);
        let strata = Strata::plain(learned.len())
            .of_classes(classes.as_deref())
            .in_groups(groups.as_deref());
        let inner = Self::taking(&strata, validation, "validation", seed)?;
        let outer = |indices: Vec<usize>| {
            indices.into_iter().filter_map(|index| learned.get(index).copied()).collect()
        };
        Ok(Self { train: outer(inner.train), validation: outer(inner.validation), measured })
    }

    /// Divides samples for cross-validation: `fold` stands for the validation part here, the others train. The parts differ by one
    /// sample at most, unless samples stay together, and depend on the seed only.
    ///
    /// # Errors
    /// Fewer than two folds, or more than samples or groups of samples.
    fn fold(strata: &Strata<'_>, fold: Fold, seed: u64) -> Result<Self, DataError> {
        let most = strata.groups();
        if fold.count < 2 || fold.count > most {
            let what = if strata.is_grouped() { "groups of samples" } else { "training samples" };
            return Err(DataError::Unfit(format!(
                "--folds {}: must be from 2 to {most}, the number of {what}",
                fold.count
            )));
        }
        let folds = strata.dealt(fold.count, &mut generator(seed, Purpose::Split, 0));
        Ok(Self::by(&folds, |given| *given == fold.index))
    }

    fn taking(
        strata: &Strata<'_>,
        validation: f64,
        part: &str,
        seed: u64,
    ) -> Result<Self, DataError> {
        let count = strata.len();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "validation was checked to be 0 or more; sample counts are far below 2^52"
        )]
        let size = if validation < 1.0 {
            (float(count) * validation).round() as usize
        } else {
            validation as usize
        };
        if size >= count {
            return Err(DataError::Unfit(format!(
                "data.{part} = {validation}: takes {size} of {count} training samples and leaves \
                 none to train on; lower it"
            )));
        }
        if size == 0 && validation > 0.0 {
            return Err(DataError::Unfit(format!(
                "data.{part} = {validation}: of {count} training samples this rounds to none; set \
                 a larger share, a number of samples, or 0 for no {part} part"
            )));
        }
        let purpose = if part == "test" { Purpose::Test } else { Purpose::Split };
        let taken = strata.taken(size, &mut generator(seed, purpose, 0));
        let split = Self::by(&taken, |taken| *taken);
        if split.train.is_empty() || (size > 0 && split.validation.is_empty()) {
            return Err(DataError::Unfit(format!(
                "data.{part} = {validation}: the {} groups of samples that stay together (data.group) \
                 leave one part empty; set another share, or group by another key",
                strata.groups()
            )));
        }
        Ok(split)
    }

    fn by<T>(samples: &[T], validates: impl Fn(&T) -> bool) -> Self {
        let (validation, train) =
            (0..samples.len()).partition(|&index| samples.get(index).is_some_and(&validates));
        Self { train, validation, measured: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_validates_in_one_fold() {
        let folds: Vec<Split> = (0..3)
            .map(|index| Split::fold(&Strata::plain(10), Fold { index, count: 3 }, 1).unwrap())
            .collect();
        let mut validated: Vec<usize> =
            folds.iter().flat_map(|split| split.validation.clone()).collect();
        validated.sort_unstable();
        assert_eq!(validated, (0..10).collect::<Vec<_>>());
        for split in &folds {
            let mut all = [split.train.clone(), split.validation.clone()].concat();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
            assert!((3..=4).contains(&split.validation.len()), "{split:?}");
        }
        assert_ne!(
            folds[0],
            Split::fold(&Strata::plain(10), Fold { index: 0, count: 3 }, 2).unwrap()
        );
        for count in [0, 1, 11] {
            let message = Split::fold(&Strata::plain(10), Fold { index: 0, count }, 1)
                .unwrap_err()
                .to_string();
            assert!(message.contains("from 2 to 10"), "{message}");
        }
    }

    #[test]
    fn a_fold_measures_and_the_others_are_divided() {
        let groups: Vec<usize> = (0..40).map(|sample| sample / 2).collect();
        let strata = Strata::plain(40).in_groups(Some(&groups));
        let fold = Some(Fold { index: 1, count: 4 });
        let split = Split::of(&strata, 0.2, 1, fold).unwrap();
        let outer = Split::fold(&strata, Fold { index: 1, count: 4 }, 1).unwrap();
        assert_eq!(split.measured, outer.validation);
        assert_eq!(split.validation.len(), 6);
        let mut learned = [split.train.clone(), split.validation.clone()].concat();
        learned.sort_unstable();
        assert_eq!(learned, outer.train);
        // Both of a group are on one side.
        assert!(split.validation.iter().all(|sample| split.validation.contains(&(sample ^ 1))));
        let whole = Split::of(&strata, 0.0, 1, fold).unwrap();
        assert_eq!((whole.train, whole.validation), (outer.train, vec![]));
    }

    #[test]
    fn parts_are_disjoint_complete_and_fixed_by_the_seed() {
        let split = Split::new(10, 0.3, 1).unwrap();
        assert_eq!((split.train.len(), split.validation.len()), (7, 3));
        let mut all = [split.train.clone(), split.validation.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
        assert_eq!(split, Split::new(10, 0.3, 1).unwrap());
        assert_ne!(split, Split::new(10, 0.3, 2).unwrap());
    }

    #[test]
    fn a_whole_number_is_a_number_of_samples() {
        assert_eq!(Split::new(10, 4.0, 1).unwrap().validation.len(), 4);
        assert!(Split::new(10, 0.0, 1).unwrap().validation.is_empty());
    }

    #[test]
    fn rejects_a_share_that_rounds_to_no_sample() {
        assert_eq!(
            Split::new(4, 0.1, 1).unwrap_err().to_string(),
            "data.validation = 0.1: of 4 training samples this rounds to none; set a larger \
             share, a number of samples, or 0 for no validation part"
        );
        assert_eq!(Split::new(5, 0.1, 1).unwrap().validation.len(), 1);
    }

    #[test]
    fn rejects_a_part_that_leaves_nothing() {
        let message = Split::new(10, 10.0, 1).unwrap_err().to_string();
        assert!(message.contains("leaves none to train on"), "{message}");
    }
}
