//! Which value to take.

use crate::value::number::float;
use serde::Serialize;

/// A value and its figures on the folds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The value, as it was typed.
    pub value: String,
    /// The figure on each fold.
    pub scores: Vec<f64>,
}

impl Candidate {
    /// The mean over the folds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.scores.iter().sum::<f64>() / float(self.scores.len())
    }

    /// The standard deviation over the folds (n - 1).
    #[must_use]
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.scores.iter().map(|score| (score - mean).powi(2)).sum();
        (squares / (float(self.scores.len()) - 1.0)).sqrt()
    }

    /// The standard error of the mean: the deviation over the root of the number of folds.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.deviation() / (float(self.scores.len())).sqrt()
    }
}

/// Which of two values makes the simpler model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simpler {
    /// The larger one, as of a penalty.
    Larger,
    /// The smaller one, as of a number of units.
    Smaller,
}

/// The outcome of a cross-validation: places among the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// The one with the best mean.
    pub best: usize,
    /// The simplest one whose mean is within one standard error of the best; none where values are no
    /// numbers.
    pub one_standard_error: Option<usize>,
    /// The mean that is just within one standard error of the best.
    pub limit: f64,
}

/// Chooses among candidates; `None` without candidates.
///
/// # References
/// Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, section 3.4.3: the
/// one-standard-error rule.
#[must_use]
pub fn choose(
    candidates: &[Candidate],
    higher_is_better: bool,
    simpler: Simpler,
) -> Option<Choice> {
    let sign = if higher_is_better { -1.0 } else { 1.0 };
    let cost = |candidate: &Candidate| sign * candidate.mean();
    let places = || candidates.iter().enumerate();
    let (best, winner) =
        places().min_by(|(_, left), (_, right)| cost(left).total_cmp(&cost(right)))?;
    let limit = cost(winner) + winner.standard_error();
    let numbers: Option<Vec<f64>> =
        candidates.iter().map(|candidate| candidate.value.parse().ok()).collect();
    let one_standard_error = numbers.and_then(|numbers| {
        let within = places().filter(|(_, candidate)| cost(candidate) <= limit);
        let within = within.map(|(place, _)| place);
        within.max_by(|&left, &right| {
            let order = numbers[left].total_cmp(&numbers[right]);
            if simpler == Simpler::Larger { order } else { order.reverse() }
        })
    });
    Some(Choice { best, one_standard_error, limit: sign * limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(value: &str, scores: &[f64]) -> Candidate {
        Candidate { value: value.to_owned(), scores: scores.to_vec() }
    }

    #[test]
    fn figures_over_folds_are_those_of_the_definition() {
        let candidate = candidate("1", &[1.0, 2.0, 6.0]);
        assert!((candidate.mean() - 3.0).abs() < 1e-12);
        // Squares 4, 1 and 9 over 2.
        assert!((candidate.deviation() - 7.0_f64.sqrt()).abs() < 1e-12);
        assert!((candidate.standard_error() - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_simplest_within_one_standard_error_is_chosen() {
        let candidates = [
            candidate("0", &[1.2, 1.4, 1.6]),
            candidate("0.01", &[1.0, 1.2, 1.4]),
            candidate("0.1", &[1.1, 1.3, 1.4]),
            candidate("1", &[3.0, 3.2, 3.4]),
        ];
        // Best mean 1.2, standard error 0.2 / sqrt 3 = 0.115.
        let choice = choose(&candidates, false, Simpler::Larger).unwrap();
        assert_eq!((choice.best, choice.one_standard_error), (1, Some(2)));
        assert!((choice.limit - (1.2 + 0.2 / 3.0_f64.sqrt())).abs() < 1e-12);
        let choice = choose(&candidates, false, Simpler::Smaller).unwrap();
        assert_eq!(choice.one_standard_error, Some(1));
        let choice = choose(&candidates, true, Simpler::Larger).unwrap();
        assert_eq!((choice.best, choice.one_standard_error), (3, Some(3)));
    }

    #[test]
    fn values_that_are_no_numbers_have_no_simplest() {
        let candidates = [candidate("relu", &[1.0, 2.0]), candidate("elu", &[1.0, 1.5])];
        let choice = choose(&candidates, false, Simpler::Larger).unwrap();
        assert_eq!((choice.best, choice.one_standard_error), (1, None));
        assert_eq!(choose(&[], false, Simpler::Larger), None);
    }
}
