//! Scores of pictures that were held out of the fit.

use rayon::prelude::*;

use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::{FaceDistances, FaceMeasure};
use super::features::{FeatureConfig, Features};
use super::fold_fit::{Coordinates, fit_part, gallery};
use super::nearness::{Nearness, nearness};
use super::partition::{folds_of_people, folds_of_pictures};
use super::threshold::Populations;

/// The people of the faces, and how faces are held out.
pub(super) struct Plan<'a> {
    pub(super) person_of: &'a [usize],
    /// The first copy of each picture.
    pub(super) first_of: &'a [usize],
    /// The first of the people who share pictures with each person.
    pub(super) first_of_people: &'a [usize],
    pub(super) labeled: bool,
    /// Components of each fit; fewer if there are fewer.
    pub(super) components: usize,
    pub(super) features: FeatureConfig,
    pub(super) folds: Folds,
    pub(super) seed: u64,
}

/// The numbers of folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Folds {
    /// Folds of pictures.
    pub(super) pictures: usize,
    /// Folds of people; fewer if there are fewer people.
    pub(super) people: usize,
}

/// Scores of pictures, each from a fit without it.
#[derive(Debug, Default)]
pub(super) struct HeldOut {
    /// Pictures of people who were fitted, with the people.
    pub(super) known: Vec<(FaceDistances, usize)>,
    /// Pictures of people who were not.
    pub(super) new: Vec<(FaceDistances, usize)>,
    /// Pictures that are not faces, with their numbers.
    pub(super) others: Vec<(FaceDistances, usize)>,
    /// For each rule, distances from the fitted faces.
    pub(super) distances: [Populations; Rule::ALL.len()],
    /// Faces of people who were fitted, and who was found.
    pub(super) named: Vec<Named>,
    /// Folds of people that were held out; 0 if nobody could be.
    pub(super) folds_of_people: usize,
}

/// Who was found for a face of a person in the gallery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) fold: usize,
    pub(super) person: usize,
    /// For each metric, the person found.
    pub(super) found: [usize; Metric::ALL.len()],
    /// For each metric, the rank of the right person, from 0.
    pub(super) place: [usize; Metric::ALL.len()],
}

/// Which populations of a fold are scored.
#[derive(Clone, Copy)]
struct Scored {
    known: bool,
    new: bool,
}

/// Holds out whole people, fold by fold, then pictures.
pub(super) fn hold_out(
    coordinates: &Coordinates,
    plan: &Plan<'_>,
) -> Result<HeldOut, EigenfacesError> {
    let mut result = HeldOut::default();
    let people = plan.first_of_people;
    let apart = people.iter().enumerate().filter(|(person, first)| person == *first).count();
    let folds = plan.folds.people.min(apart);
    if plan.labeled && folds > 1 {
        let fold_of = folds_of_people(people, folds, plan.seed);
        let by_person: Vec<usize> = plan.person_of.iter().map(|person| fold_of[*person]).collect();
        result = scores(coordinates, plan, &by_person, folds, Scored { known: false, new: true })?;
        result.folds_of_people = folds;
    }
    if result.new.is_empty() {
        // Nobody could be held out: the others, and people with one picture, come from these folds.
        result = HeldOut::default();
    }
    let new = result.new.is_empty();
    let folds = plan.folds.pictures;
    let by_picture = folds_of_pictures(plan.person_of, plan.first_of, folds, plan.seed);
    result.append(scores(coordinates, plan, &by_picture, folds, Scored { known: true, new })?);
    Ok(result)
}

fn scores(
    coordinates: &Coordinates,
    plan: &Plan<'_>,
    fold_of: &[usize],
    folds: usize,
    scored: Scored,
) -> Result<HeldOut, EigenfacesError> {
    let parts: Vec<HeldOut> = (0..folds)
        .into_par_iter()
        .map(|fold| score_fold(coordinates, plan, (fold_of, fold, folds), scored))
        .collect::<Result<_, _>>()?;
    let mut result = HeldOut::default();
    for part in parts {
        result.append(part);
    }
    Ok(result)
}

impl HeldOut {
    fn append(&mut self, part: Self) {
        self.known.extend(part.known);
        self.new.extend(part.new);
        self.others.extend(part.others);
        self.named.extend(part.named);
        for (all, new) in self.distances.iter_mut().zip(part.distances) {
            all.known.extend(new.known);
            all.new.extend(new.new);
        }
    }

    /// The usual distances of a face: medians of pictures of fitted people, or else of new people.
    pub(super) fn usual(&self) -> Option<FaceDistances> {
        let faces = if self.known.is_empty() { &self.new } else { &self.known };
        FaceDistances::usual(&faces.iter().map(|(face, _)| *face).collect::<Vec<_>>())
    }

    /// The scores of a measure.
    pub(super) fn face_scores(&self, measure: FaceMeasure, usual: FaceDistances) -> Populations {
        let mut result = Populations::default();
        for (from, to) in [
            (&self.known, &mut result.known),
            (&self.new, &mut result.new),
            (&self.others, &mut result.others),
        ] {
            for (face, person) in from {
                to.push(measure.of(*face, usual), *person);
            }
        }
        result
    }
}

/// The scores of a fold from a fit to the other folds; none if these do not vary.
fn score_fold(
    coordinates: &Coordinates,
    plan: &Plan<'_>,
    (fold_of, fold, folds): (&[usize], usize, usize),
    scored: Scored,
) -> Result<HeldOut, EigenfacesError> {
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..fold_of.len()).partition(|picture| fold_of[*picture] == fold);
    let mut result = HeldOut::default();
    let Some(principal) = fit_part(coordinates, plan.components, &train)? else {
        return Ok(result);
    };
    let people: Vec<usize> = train.iter().map(|picture| plan.person_of[*picture]).collect();
    let weights = gallery(&principal, &coordinates.faces, &train);
    let features = match Features::fit(plan.features, &weights, &people, principal.variances()) {
        Ok(features) => features,
        // The other folds have people with two pictures, or more components.
        Err(EigenfacesError::Fisherfaces { .. } | EigenfacesError::Skip { .. }) => {
            return Ok(result);
        }
        Err(other) => return Err(other),
    };
    let gallery = features.of_all(&weights);
    for picture in test {
        let person = plan.person_of[picture];
        let is_known = people.contains(&person);
        if !(if is_known { scored.known } else { scored.new }) {
            continue;
        }
        let (weights, outside) = principal.project(coordinates.faces.column(picture).as_slice());
        let distances = FaceDistances::new(&principal, (&weights, &outside), coordinates.pixels);
        let of_face = features.of(weights.as_slice());
        let near = nearness(&of_face, &gallery, &people, &features.variances);
        // Unlabeled pictures are strangers to each other.
        let cluster = plan.first_of_people[person];
        let list = if is_known { &mut result.known } else { &mut result.new };
        list.push((distances, cluster));
        for rule in Rule::ALL {
            let populations = &mut result.distances[rule.index()];
            let own = if is_known { &mut populations.known } else { &mut populations.new };
            own.push(near.score(rule), cluster);
        }
        if is_known {
            result.named.push(named(&near, fold, person));
        }
    }
    if scored.new {
        for other in (fold..coordinates.others.ncols()).step_by(folds) {
            let (weights, outside) = principal.project(coordinates.others.column(other).as_slice());
            let projected = (&weights, &outside);
            let distances = FaceDistances::new(&principal, projected, coordinates.pixels);
            result.others.push((distances, other));
        }
    }
    Ok(result)
}

fn named(near: &Nearness, fold: usize, person: usize) -> Named {
    let mut named =
        Named { fold, person, found: [0; Metric::ALL.len()], place: [0; Metric::ALL.len()] };
    for (index, ranking) in near.rankings.iter().enumerate() {
        named.found[index] = ranking.first().map_or(0, |first| first.person);
        let place = ranking.iter().position(|entry| entry.person == person);
        named.place[index] = place.unwrap_or(ranking.len());
    }
    named
}
