//! What became of the rates that thresholds promise: measured on people who had no part in a fit.

use serde::Serialize;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::FaceMeasure;
use super::face_set::FaceSet;
use super::model::{Eigenfaces, FitConfig, fit};
use super::nearness::nearness;
use super::partition::{folds_of_people, folds_of_pictures};
use super::pictures::Pictures;
use super::rate::Rate;
use super::scores::Scores;
use super::threshold::{Populations, Threshold};

/// A rate that models promised, and what it was on pictures that none of them had seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Promise {
    /// The threshold.
    pub by: Judged,
    /// Whose pictures, and what happens to them.
    pub error: ErrorKind,
    /// The mean of the shares promised.
    pub promised: f64,
    /// The mean of the lower ends of their 95 % intervals.
    pub low: f64,
    /// The mean of the upper ends of their 95 % intervals.
    pub high: f64,
    /// The share measured.
    pub real: Rate,
}

/// A threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The face score.
    Face,
    /// The distance from the nearest known face.
    Known(Metric),
}

/// An error of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A new picture of a fitted person is rejected.
    KnownRejected,
    /// A picture of a new person is rejected.
    NewRejected,
    /// A picture of a new person is accepted.
    NewAccepted,
    /// A picture that is not a face is accepted.
    OthersAccepted,
}

/// Fits that promises are checked with. Each leaves out other people.
const FITS: usize = 5;
/// Fewest people, so that a fit has three.
const FEWEST_PEOPLE: usize = 4;

/// Fits to some of the people several times, and measures what each fit promised on the others and
/// on pictures of the same people that were left out. Empty with fewer than four people or without
/// names.
pub(super) fn promises(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &FitConfig,
) -> Result<Vec<Promise>, EigenfacesError> {
    let people = faces.first_of_people();
    let apart = people.iter().enumerate().filter(|(person, first)| person == *first).count();
    if !faces.labeled || apart < FEWEST_PEOPLE {
        return Ok(Vec::new());
    }
    let fits = FITS.min(apart);
    let fold_of_person = folds_of_people(&people, fits, config.seed ^ 1);
    let first_of = faces.copies.first_of();
    // About a fifth of the pictures of each person, and always the same with every copy.
    let fold_of = folds_of_pictures(&faces.person_of, first_of, FITS, config.seed ^ 1);
    let mut found = [const { Tally::new() }; 1 + Metric::ALL.len()];
    for fold in 0..fits {
        let all = 0..faces.person_of.len();
        let is_new = |picture: &usize| fold_of_person[faces.person_of[*picture]] == fold;
        let (new, old): (Vec<usize>, Vec<usize>) = all.partition(is_new);
        let (held, train): (Vec<usize>, Vec<usize>) =
            old.into_iter().partition(|picture| fold_of[*picture] == fold % FITS);
        let strange = others.map(|others| {
            let (test, fitted) = (0..others.count()).partition(|other| other % fits == fold);
            let (test, fitted): (Vec<usize>, Vec<usize>) = (test, fitted);
            (others.part(&test), others.part(&fitted))
        });
        let fitted = strange.as_ref().map(|(_, fitted)| fitted).filter(|part| part.count() > 0);
        let Some(model) = model_of(&faces.part(&train), fitted, config)? else { continue };
        let fitted_people = |picture: &usize| {
            train.iter().any(|other| faces.person_of[*other] == faces.person_of[*picture])
        };
        let held: Vec<usize> = held.into_iter().filter(fitted_people).collect();
        let test = Test { faces, known: &held, new: &new, others: strange.map(|(test, _)| test) };
        test.add(&model, &mut found, fold);
    }
    let judged = std::iter::once(Judged::Face).chain(Metric::ALL.map(Judged::Known));
    Ok(judged.zip(found).flat_map(|(by, tally)| tally.promises(by)).collect())
}

/// A fit; none if so few pictures cannot be fitted as the whole set can.
fn model_of(
    faces: &FaceSet,
    others: Option<&Pictures>,
    config: &FitConfig,
) -> Result<Option<Eigenfaces>, EigenfacesError> {
    let config = FitConfig { folds: None, ..*config };
    match fit(faces, others, &config) {
        Ok(model) => Ok(Some(model)),
        Err(
            EigenfacesError::NoVariance { .. }
            | EigenfacesError::TooFewPictures { .. }
            | EigenfacesError::BeyondRank { .. }
            | EigenfacesError::Fisherfaces { .. }
            | EigenfacesError::Skip { .. },
        ) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Pictures that a fit has not seen.
struct Test<'a> {
    faces: &'a FaceSet,
    known: &'a [usize],
    new: &'a [usize],
    others: Option<Pictures>,
}

impl Test<'_> {
    /// Judges the pictures by the thresholds of a model.
    fn add(&self, model: &Eigenfaces, found: &mut [Tally; 1 + Metric::ALL.len()], fold: usize) {
        let mut scores: [Populations; 1 + Metric::ALL.len()] = Default::default();
        let people = self.faces.first_of_people();
        let pictures: Vec<&[f32]> = self.faces.pictures.iter().collect();
        for (list, is_known) in [(self.known, true), (self.new, false)] {
            for picture in list {
                let cluster = people[self.faces.person_of[*picture]];
                let (face, near) = model.scores(pictures[*picture]);
                let values = face.into_iter().chain(near);
                // Without a face score, all scores would move by one.
                if face.is_none() {
                    continue;
                }
                for (scores, value) in scores.iter_mut().zip(values) {
                    let list = if is_known { &mut scores.known } else { &mut scores.new };
                    list.push(value, cluster);
                }
            }
        }
        for (index, other) in self.others.iter().flat_map(Pictures::iter).enumerate() {
            if let (Some(face), _) = model.scores(other) {
                scores[0].others.push(face, index * FITS + fold);
            }
        }
        let calibration = model.calibration();
        let known = Metric::ALL.map(|metric| calibration.known[Rule::Nearest(metric).index()]);
        let thresholds = std::iter::once(calibration.face).chain(known);
        for ((tally, threshold), scores) in found.iter_mut().zip(thresholds).zip(scores) {
            if let Some(threshold) = threshold {
                tally.add(&threshold, scores);
            }
        }
    }
}

impl Eigenfaces {
    /// The face score of a picture and, for each metric, its distance from the nearest known face.
    fn scores(&self, picture: &[f32]) -> (Option<f64>, [f64; Metric::ALL.len()]) {
        let (weights, _, distances) = self.placed(picture);
        let of_face = self.features.of(weights.as_slice());
        let near = nearness(&of_face, &self.known, &self.person_of, &self.features.variances);
        let face = self.calibration.usual.map(|usual| FaceMeasure::Both.of(distances, usual));
        (face, Metric::ALL.map(|metric| near.score(Rule::Nearest(metric))))
    }
}

/// What a threshold promised and what happened, over all fits.
struct Tally {
    errors: [ErrorTally; 4],
}

struct ErrorTally {
    promised: [f64; 3],
    pictures: usize,
    wrong: usize,
    scores: Scores,
}

const ERRORS: [ErrorKind; 4] = [
    ErrorKind::KnownRejected,
    ErrorKind::NewRejected,
    ErrorKind::NewAccepted,
    ErrorKind::OthersAccepted,
];

impl Tally {
    const fn new() -> Self {
        Self {
            errors: [const {
                ErrorTally { promised: [0.0; 3], pictures: 0, wrong: 0, scores: Scores::new() }
            }; 4],
        }
    }

    fn add(&mut self, threshold: &Threshold, scores: Populations) {
        let Populations { known, new, others } = scores;
        let Threshold { known_rejected, new_rejected, new_accepted, others_accepted, .. } =
            *threshold;
        let promised = [known_rejected, new_rejected, new_accepted, others_accepted];
        let lists = [known, new.clone(), new, others];
        for (((tally, promised), scores), kind) in
            self.errors.iter_mut().zip(promised).zip(lists).zip(ERRORS)
        {
            let Some(promised) = promised else { continue };
            let accepted = matches!(kind, ErrorKind::NewAccepted | ErrorKind::OthersAccepted);
            let values = scores.values();
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            let count = values.len() as f64;
            for (sum, part) in
                tally.promised.iter_mut().zip([promised.share, promised.low, promised.high])
            {
                *sum += part * count;
            }
            tally.pictures += values.len();
            tally.wrong +=
                values.iter().filter(|score| (**score <= threshold.value) == accepted).count();
            // Fits differ in the scale of their scores.
            for (score, person) in scores.iter() {
                tally.scores.push(score / threshold.value.abs().max(f64::MIN_POSITIVE), person);
            }
        }
    }

    fn promises(self, by: Judged) -> Vec<Promise> {
        let promise = |(tally, error): (ErrorTally, ErrorKind)| {
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            let [promised, low, high] = tally.promised.map(|sum| sum / tally.pictures as f64);
            let real = Rate::of(tally.wrong, &tally.scores)?;
            Some(Promise { by, error, promised, low, high, real })
        };
        self.errors.into_iter().zip(ERRORS).filter_map(promise).collect()
    }
}
