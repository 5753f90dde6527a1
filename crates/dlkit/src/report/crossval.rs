//! Chart of a cross-validation.

use dlkit_models::crossval::{Candidate, Choice};

use crate::plot::{ErrorBar, ErrorBars};

/// Chart of the mean and standard error of each value, with the choices marked.
pub(crate) fn crossval_chart(
    key: &str,
    metric: &str,
    candidates: &[Candidate],
    choice: Choice,
) -> String {
    let metric = metric.replace('_', " ");
    let mark = |place: usize| {
        let best = place == choice.best;
        let simplest = choice.one_standard_error == Some(place);
        match (best, simplest) {
            (true, true) => "best, simplest",
            (true, false) => "best",
            (false, true) => "simplest",
            (false, false) => "",
        }
    };
    let bar = |(place, candidate): (usize, &Candidate)| ErrorBar {
        label: candidate.value.clone(),
        mean: candidate.mean(),
        error: candidate.standard_error(),
        mark: mark(place).to_owned(),
    };
    let folds = candidates.first().map_or(0, |candidate| candidate.scores.len());
    let limit = (choice.limit, "one standard error from the best".to_owned());
    let chart = ErrorBars {
        title: format!("{metric} over {folds} folds: mean ± standard error"),
        x_label: key.to_owned(),
        y_label: metric,
        bars: candidates.iter().enumerate().map(bar).collect(),
        limit: Some(limit),
    };
    chart.to_svg()
}
