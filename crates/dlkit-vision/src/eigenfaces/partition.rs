//! Divides pictures and people into folds.

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom;

/// Chooses a fold for each picture, and spreads the pictures of each person over the folds.
pub(super) fn folds_of_pictures(person_of: &[usize], folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..person_of.len()).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    // Stable: within a person, the order stays random.
    order.sort_by_key(|picture| person_of[*picture]);
    let mut fold_of = vec![0; person_of.len()];
    for (place, picture) in order.into_iter().enumerate() {
        fold_of[picture] = place % folds;
    }
    fold_of
}

/// Chooses a fold for each picture, the same for all pictures of a person.
pub(super) fn folds_of_people(
    person_of: &[usize],
    people: usize,
    folds: usize,
    seed: u64,
) -> Vec<usize> {
    let mut order: Vec<usize> = (0..people).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    let mut fold_of_person = vec![0; people];
    for (place, person) in order.into_iter().enumerate() {
        fold_of_person[person] = place % folds;
    }
    person_of.iter().map(|person| fold_of_person[*person]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_spread_evenly() {
        let person_of = [0, 0, 1, 1, 0, 1, 0, 1];
        let folds = folds_of_pictures(&person_of, 2, 3);
        for person in 0..2 {
            let of = |fold| (0..8).filter(|i| person_of[*i] == person && folds[*i] == fold).count();
            assert_eq!((of(0), of(1)), (2, 2), "{folds:?}");
        }
    }

    #[test]
    fn a_person_is_in_one_fold() {
        let person_of = [0, 1, 2, 0, 1, 2, 3, 3];
        let folds = folds_of_people(&person_of, 4, 2, 0);
        assert_eq!((folds[0], folds[1], folds[2]), (folds[3], folds[4], folds[5]));
        assert_eq!(folds.iter().filter(|fold| **fold == 0).count(), 4);
    }
}
