//! How well faces are recognized, measured on faces that were held out.

use serde::Serialize;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::face_set::FaceSet;
use super::held_out::{HeldOut, Named};
use super::model::{FitConfig, folds, held_out};
use super::pictures::Pictures;
use super::principal::{decompose, points};
use super::roc::Roc;

/// How an evaluation is done: as a fit, with folds that everything is measured on.
pub type EvaluationConfig = FitConfig;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Components of each fit, or as many as its pictures vary in.
    pub components: usize,
    /// Folds.
    pub folds: usize,
    /// For each metric, how often the right person was found; empty without two people or more.
    pub recognition: Vec<RecognitionRate>,
    /// Faces against pictures that are none, for each measure; empty without such pictures.
    pub face: Vec<Separation<FaceMeasure>>,
    /// People who are known against people who are not, for each rule.
    pub known: Vec<Separation<Rule>>,
}

/// How often the right person was found, among those whose person was known.
#[derive(Clone, Debug, Serialize)]
pub struct RecognitionRate {
    /// By which distance.
    pub metric: Metric,
    /// Faces looked at.
    pub faces: usize,
    /// Share whose nearest face is of the right person.
    pub rate: f64,
    /// Standard deviation of that share from fold to fold; none with fewer than two folds.
    pub deviation: Option<f64>,
    /// Shares whose right person is among the nearest 1, 2, ... people, 10 at most.
    pub cumulative: Vec<f64>,
    /// Counts; rows are the people, columns whom they were taken for.
    pub confusion: Vec<Vec<u64>>,
}

/// How well two kinds are told apart.
#[derive(Clone, Debug, Serialize)]
pub struct Separation<By> {
    /// By what.
    pub by: By,
    /// Scores of what is to be accepted.
    pub accept: usize,
    /// Scores of what is to be rejected.
    pub reject: usize,
    /// Errors at every threshold.
    pub roc: Roc,
}

/// People among whom the right one may be, at most.
const MOST_PLACES: usize = 10;

/// Measures recognition by holding out pictures and people, fold by fold; `others` are pictures
/// that are no faces. Each picture is scored by a fit that has not seen it.
///
/// # Errors
/// As a fit, and where there is nothing to measure: neither several people, one of them with several
/// pictures, nor others.
pub fn evaluate(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &EvaluationConfig,
) -> Result<Evaluation, EigenfacesError> {
    if !faces.labeled && others.is_none() {
        return Err(EigenfacesError::NothingToEvaluate(
            "there is nothing to measure: the faces are not sorted into one folder per person, and \
             no pictures that are no faces are given (--non-faces)"
                .to_owned(),
        ));
    }
    let count = faces.pictures().count();
    let folds = folds(config.folds, count)?;
    let points = points(faces.pictures(), config.normalisation);
    let (principal, decomposition) =
        decompose(points, config.normalisation, config.components, config.method)?;
    let components = principal.components.ncols();
    let held_out = held_out(faces, others, &decomposition, components, folds, config)?;
    // The only person there is always the nearest: that says nothing.
    let recognition = if faces.labeled && faces.people.len() > 1 && !held_out.named.is_empty() {
        Metric::ALL
            .iter()
            .map(|metric| rate(*metric, &held_out.named, faces.people.len()))
            .collect()
    } else {
        Vec::new()
    };
    let evaluation = Evaluation {
        components,
        folds,
        recognition,
        face: face(&held_out),
        known: known(&held_out),
    };
    if evaluation.recognition.is_empty() && evaluation.face.is_empty() {
        return Err(EigenfacesError::NothingToEvaluate(
            "there is nothing to measure: there are not two people, one of them with two pictures, one \
             to know and one to recognize, and no pictures that are no faces are given (--non-faces)"
                .to_owned(),
        ));
    }
    Ok(evaluation)
}

fn face(held_out: &HeldOut) -> Vec<Separation<FaceMeasure>> {
    let Some(usual) = FaceDistances::usual(&held_out.faces) else { return Vec::new() };
    let of = |measure: &FaceMeasure| {
        let score = |face: &FaceDistances| measure.of(*face, usual);
        let faces: Vec<f64> = held_out.faces.iter().map(score).collect();
        let others: Vec<f64> = held_out.others.iter().map(score).collect();
        separation(*measure, &faces, &others)
    };
    FaceMeasure::ALL.iter().filter_map(of).collect()
}

fn known(held_out: &HeldOut) -> Vec<Separation<Rule>> {
    let of = |rule: &Rule| {
        let index = rule.index();
        separation(*rule, &held_out.known[index], &held_out.strangers[index])
    };
    Rule::ALL.iter().filter_map(of).collect()
}

fn separation<By>(by: By, accept: &[f64], reject: &[f64]) -> Option<Separation<By>> {
    let roc = Roc::new(accept, reject)?;
    Some(Separation { by, accept: accept.len(), reject: reject.len(), roc })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn rate(metric: Metric, named: &[Named], people: usize) -> RecognitionRate {
    let index = Rule::Nearest(metric).index();
    let mut confusion = vec![vec![0; people]; people];
    for face in named {
        confusion[face.person][face.found[index]] += 1;
    }
    let share = |faces: &[&Named], places: usize| {
        let found = faces.iter().filter(|face| face.place[index] < places).count();
        found as f64 / faces.len().max(1) as f64
    };
    let all: Vec<&Named> = named.iter().collect();
    let folds = named.iter().map(|face| face.fold + 1).max().unwrap_or(0);
    let by_fold: Vec<f64> = (0..folds)
        .map(|fold| all.iter().copied().filter(|face| face.fold == fold).collect::<Vec<_>>())
        .filter(|faces| !faces.is_empty())
        .map(|faces| share(&faces, 1))
        .collect();
    let mean = by_fold.iter().sum::<f64>() / by_fold.len().max(1) as f64;
    let squares: f64 = by_fold.iter().map(|rate| (rate - mean).powi(2)).sum();
    let deviation = (by_fold.len() > 1).then(|| (squares / (by_fold.len() - 1) as f64).sqrt());
    RecognitionRate {
        metric,
        faces: named.len(),
        rate: share(&all, 1),
        deviation,
        cumulative: (1..=people.min(MOST_PLACES)).map(|places| share(&all, places)).collect(),
        confusion,
    }
}
