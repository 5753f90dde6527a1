//! Divides pictures and people into folds. Copies of a picture share a fold, and so do people who
//! share a picture.

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom;

/// Chooses a fold for each picture, and spreads the pictures of each person over the folds.
/// `first_of` gives the first copy of each picture.
pub(super) fn folds_of_pictures(
    person_of: &[usize],
    first_of: &[usize],
    folds: usize,
    seed: u64,
) -> Vec<usize> {
    let mut order: Vec<usize> = (0..person_of.len()).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    // Stable: within a person, the order stays random.
    order.sort_by_key(|picture| person_of[*picture]);
    spread(&order, first_of, folds)
}

/// Chooses a fold for each person. `first_of` gives the first of the people who share pictures with
/// each person.
pub(super) fn folds_of_people(first_of: &[usize], folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..first_of.len()).collect();
    order.shuffle(&mut ChaCha12Rng::seed_from_u64(seed));
    spread(&order, first_of, folds)
}

/// Deals elements to folds in turn, those of a group into one.
fn spread(order: &[usize], first_of: &[usize], folds: usize) -> Vec<usize> {
    let mut fold_of_group = vec![None; first_of.len()];
    let mut next = 0;
    for element in order {
        fold_of_group[first_of[*element]].get_or_insert_with(|| {
            next += 1;
            (next - 1) % folds
        });
    }
    first_of.iter().map(|first| fold_of_group[*first].unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_spread_evenly() {
        let person_of = [0, 0, 1, 1, 0, 1, 0, 1];
        let alone: Vec<usize> = (0..8).collect();
        let folds = folds_of_pictures(&person_of, &alone, 2, 3);
        for person in 0..2 {
            let of = |fold| (0..8).filter(|i| person_of[*i] == person && folds[*i] == fold).count();
            assert_eq!((of(0), of(1)), (2, 2), "{folds:?}");
        }
    }

    #[test]
    fn copies_share_a_fold_and_the_others_stay_even() {
        let person_of = [0; 9];
        let first_of = [0, 1, 2, 1, 4, 1, 6, 7, 8];
        for seed in 0..20 {
            let folds = folds_of_pictures(&person_of, &first_of, 3, seed);
            assert_eq!((folds[1], folds[1]), (folds[3], folds[5]), "{folds:?}");
            let groups = [0, 1, 2, 4, 6, 7, 8];
            let of = |fold| groups.iter().filter(|i| folds[**i] == fold).count();
            assert!((0..3).all(|fold| (2..=3).contains(&of(fold))), "{folds:?}");
        }
    }

    #[test]
    fn people_who_share_a_picture_share_a_fold() {
        for seed in 0..20 {
            let folds = folds_of_people(&[0, 1, 0, 3], 3, seed);
            assert_eq!(folds[0], folds[2]);
            assert_ne!(folds[0], folds[1]);
            assert_ne!(folds[3], folds[1]);
        }
    }
}
