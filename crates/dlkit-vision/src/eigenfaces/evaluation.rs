//! Measures on held-out faces how well faces are recognized.

use serde::Serialize;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::FaceMeasure;
use super::face_set::FaceSet;
use super::features::Features;
use super::held_out::{HeldOut, Named};
use super::model::{FitConfig, folds, held_out};
use super::pictures::Pictures;
use super::principal::{decompose, points};
use super::products::inner_products;
use super::promise::{Promise, promises};
use super::roc::Roc;

/// Settings of an evaluation: those of a fit. Everything is measured on the folds.
pub type EvaluationConfig = FitConfig;

/// The results of an evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Components of each fit; fewer if its pictures vary in fewer directions.
    pub components: usize,
    /// Folds of pictures.
    pub folds: usize,
    /// Folds of people; 0 if nobody could be held out.
    pub folds_of_people: usize,
    /// For each metric, how often the right person was found; empty with fewer than two people.
    pub recognition: Vec<RecognitionRate>,
    /// For each measure, faces against pictures that are not faces; empty without such pictures.
    pub face: Vec<Separation<FaceMeasure>>,
    /// For each rule, known people against unknown people.
    pub known: Vec<Separation<Rule>>,
    /// What the thresholds of fits to some of the people promised, and what became of it on the
    /// others; empty with fewer than four people.
    pub promises: Vec<Promise>,
}

/// How often the right person was found for faces of known people.
#[derive(Clone, Debug, Serialize)]
pub struct RecognitionRate {
    /// The distance used.
    pub metric: Metric,
    /// Number of faces.
    pub faces: usize,
    /// Share of faces whose nearest face shows the right person.
    pub rate: f64,
    /// Standard deviation of this share over the folds; none with fewer than two folds.
    pub deviation: Option<f64>,
    /// Shares of faces whose person is among the nearest 1, 2, ... people, up to 10.
    pub cumulative: Vec<f64>,
    /// Confusion counts: rows are the true people, columns the people found.
    pub confusion: Vec<Vec<u64>>,
}

/// How well a score separates two kinds of pictures.
#[derive(Clone, Debug, Serialize)]
pub struct Separation<By> {
    /// The score.
    pub by: By,
    /// Number of scores to accept.
    pub accept: usize,
    /// Number of scores to reject.
    pub reject: usize,
    /// Errors at every threshold.
    pub roc: Roc,
}

/// Most entries of [`RecognitionRate::cumulative`].
const MOST_PLACES: usize = 10;

/// Measures recognition by holding out pictures and people, fold by fold. `others` are pictures
/// that are not faces. Each picture is scored by a fit without it.
///
/// # Errors
/// The errors of a fit; there is nothing to measure: neither two people, one of them with two
/// pictures, nor others.
pub fn evaluate(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &EvaluationConfig,
) -> Result<Evaluation, EigenfacesError> {
    let mut evaluation = evaluate_folds(faces, others, config)?;
    evaluation.promises = promises(faces, others, config)?;
    Ok(evaluation)
}

/// The same without promises.
pub(super) fn evaluate_folds(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &EvaluationConfig,
) -> Result<Evaluation, EigenfacesError> {
    if !faces.labeled && others.is_none() {
        return Err(EigenfacesError::NothingToEvaluate(
            "nothing to measure: the faces are not in one folder per person; sort them, or give \
             pictures that are not faces with --non-faces"
                .to_owned(),
        ));
    }
    let count = faces.pictures().count();
    let folds = folds(config.folds, count)?;
    let points = points(faces.pictures(), config.normalization);
    let (principal, decomposition) =
        decompose(points, config.normalization, config.components, config.method)?;
    let components = principal.components.ncols();
    // Features that all faces together do not allow are an error, in a fold they are none.
    let weights = inner_products(&principal.components, &decomposition.centered);
    let features =
        Features::fit(config.features, &weights, &faces.person_of, principal.variances())?;
    let count = features.count(components);
    let held_out = held_out(faces, others, &decomposition, components, folds, config)?;
    // A single person is always the nearest, which means nothing.
    let recognition = if faces.labeled && faces.people.len() > 1 && !held_out.named.is_empty() {
        Metric::ALL
            .iter()
            .filter(|metric| metric.is_meaningful(count))
            .map(|metric| rate(*metric, &held_out.named, faces.people.len()))
            .collect()
    } else {
        Vec::new()
    };
    let evaluation = Evaluation {
        components,
        folds: folds.pictures,
        folds_of_people: held_out.folds_of_people,
        recognition,
        face: face(&held_out),
        known: known(&held_out, count),
        promises: Vec::new(),
    };
    if evaluation.recognition.is_empty() && evaluation.face.is_empty() {
        return Err(EigenfacesError::NothingToEvaluate(
            "nothing to measure: recognition needs two people, one of them with two different pictures; add \
             faces, or give pictures that are not faces with --non-faces"
                .to_owned(),
        ));
    }
    Ok(evaluation)
}

fn face(held_out: &HeldOut) -> Vec<Separation<FaceMeasure>> {
    let Some(usual) = held_out.usual() else { return Vec::new() };
    let of = |measure: &FaceMeasure| {
        let scores = held_out.face_scores(*measure, usual);
        let faces = if scores.new.is_empty() { &scores.known } else { &scores.new };
        separation(*measure, faces.values(), scores.others.values())
    };
    FaceMeasure::ALL.iter().filter_map(of).collect()
}

fn known(held_out: &HeldOut, features: usize) -> Vec<Separation<Rule>> {
    let of = |rule: &Rule| {
        if matches!(rule, Rule::Nearest(metric) if !metric.is_meaningful(features)) {
            return None;
        }
        let distances = &held_out.distances[rule.index()];
        separation(*rule, distances.known.values(), distances.new.values())
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
