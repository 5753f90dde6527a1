//! Scores of pictures that were held out of the fit.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::components::Components;
use super::decomposition::Decomposition;
use super::distance::{Metric, Rule};
use super::error::EigenfacesError;
use super::face_measure::FaceDistances;
use super::method::MethodChoice;
use super::nearness::{Nearness, nearness};
use super::partition::{folds_of_people, folds_of_pictures};
use super::principal::PrincipalComponents;
use super::products::inner_products;

/// Faces and other pictures, one column each, in coordinates that keep their distances.
pub(super) struct Coordinates {
    pub(super) faces: DMatrix<f64>,
    /// Pictures that are not faces.
    pub(super) others: DMatrix<f64>,
    /// Whether components are computed exactly.
    pub(super) exact: bool,
    /// Pixels of a picture.
    pub(super) pixels: usize,
}

/// The people of the faces, and how faces are held out.
pub(super) struct Plan<'a> {
    pub(super) person_of: &'a [usize],
    pub(super) people: usize,
    pub(super) labeled: bool,
    /// Components of each fit; fewer if there are fewer.
    pub(super) components: usize,
    pub(super) folds: usize,
    pub(super) seed: u64,
}

/// Scores of pictures, each from a fit without it.
#[derive(Debug, Default)]
pub(super) struct HeldOut {
    /// Distances of faces.
    pub(super) faces: Vec<FaceDistances>,
    /// Distances of pictures that are not faces.
    pub(super) others: Vec<FaceDistances>,
    /// For each rule, scores of faces of people in the gallery.
    pub(super) known: [Vec<f64>; Rule::ALL.len()],
    /// For each rule, scores of faces of people outside the gallery.
    pub(super) strangers: [Vec<f64>; Rule::ALL.len()],
    /// Faces of people in the gallery, and who was found.
    pub(super) named: Vec<Named>,
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

/// Holds out pictures, fold by fold, then whole people.
pub(super) fn hold_out(
    coordinates: &Coordinates,
    plan: &Plan<'_>,
) -> Result<HeldOut, EigenfacesError> {
    let pictures = coordinates.faces.ncols();
    let folds = plan.folds.min(pictures).max(2);
    let by_picture = folds_of_pictures(plan.person_of, folds, plan.seed);
    let mut result = HeldOut::default();
    let parts: Vec<HeldOut> = (0..folds)
        .into_par_iter()
        .map(|fold| score_fold(coordinates, plan, &by_picture, fold, folds))
        .collect::<Result<_, _>>()?;
    for part in parts {
        result.append(part);
    }
    if plan.labeled && plan.people > 1 {
        let folds = plan.folds.min(plan.people).max(2);
        let by_person = folds_of_people(plan.person_of, plan.people, folds, plan.seed);
        let parts: Vec<HeldOut> = (0..folds)
            .into_par_iter()
            .map(|fold| score_fold(coordinates, plan, &by_person, fold, folds))
            .collect::<Result<_, _>>()?;
        for part in parts {
            // Distances from face space come from held-out pictures, not from held-out people.
            for (all, new) in result.strangers.iter_mut().zip(part.strangers) {
                all.extend(new);
            }
        }
    }
    Ok(result)
}

impl HeldOut {
    fn append(&mut self, part: Self) {
        self.faces.extend(part.faces);
        self.others.extend(part.others);
        self.named.extend(part.named);
        for (all, new) in self.known.iter_mut().zip(part.known) {
            all.extend(new);
        }
        for (all, new) in self.strangers.iter_mut().zip(part.strangers) {
            all.extend(new);
        }
    }
}

/// The scores of a fold from a fit to the other folds; none if these do not vary.
fn score_fold(
    coordinates: &Coordinates,
    plan: &Plan<'_>,
    fold_of: &[usize],
    fold: usize,
    folds: usize,
) -> Result<HeldOut, EigenfacesError> {
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..fold_of.len()).partition(|picture| fold_of[*picture] == fold);
    let mut result = HeldOut::default();
    let Some(principal) = fit_part(coordinates, plan.components, &train)? else {
        return Ok(result);
    };
    let gallery = gallery(&principal, &coordinates.faces, &train);
    let people: Vec<usize> = train.iter().map(|picture| plan.person_of[*picture]).collect();
    for picture in test {
        let column = coordinates.faces.column(picture);
        let (weights, outside) = principal.project(column.as_slice());
        let projected = (&weights, &outside);
        result.faces.push(FaceDistances::new(&principal, projected, coordinates.pixels));
        let person = plan.person_of[picture];
        let near = nearness(weights.as_slice(), &gallery, &people, principal.variances());
        if people.contains(&person) {
            result.named.push(named(&near, fold, person));
        }
        // Unlabeled pictures are strangers to each other.
        let scores =
            if people.contains(&person) { &mut result.known } else { &mut result.strangers };
        for rule in Rule::ALL {
            scores[rule.index()].push(near.score(rule));
        }
    }
    for other in (fold..coordinates.others.ncols()).step_by(folds) {
        let (weights, outside) = principal.project(coordinates.others.column(other).as_slice());
        let projected = (&weights, &outside);
        result.others.push(FaceDistances::new(&principal, projected, coordinates.pixels));
    }
    Ok(result)
}

fn fit_part(
    coordinates: &Coordinates,
    components: usize,
    train: &[usize],
) -> Result<Option<PrincipalComponents>, EigenfacesError> {
    let points = coordinates.faces.select_columns(train);
    let (rows, columns) = points.shape();
    let wanted = components.min(rows).min(columns.saturating_sub(1));
    // Exact for the whole set, so exact for each fold.
    let choice = if coordinates.exact { Components::Kaiser } else { Components::Number(wanted) };
    let method = MethodChoice::Auto.of(columns, rows, choice);
    let decomposition = match Decomposition::of(points, method, wanted) {
        Ok(decomposition) => decomposition,
        Err(EigenfacesError::NoVariance { .. } | EigenfacesError::TooFewPictures { .. }) => {
            return Ok(None);
        }
        Err(other) => return Err(other),
    };
    let spectrum = decomposition.spectrum.clone();
    let components = decomposition.components(wanted.min(spectrum.eigenvalues.len()));
    let mean = decomposition.mean.clone();
    Ok(Some(PrincipalComponents { mean, components, spectrum, method }))
}

/// Weights of faces, one column each.
pub(super) fn gallery(
    principal: &PrincipalComponents,
    faces: &DMatrix<f64>,
    chosen: &[usize],
) -> DMatrix<f64> {
    let mut points = faces.select_columns(chosen);
    for mut column in points.column_iter_mut() {
        column -= &principal.mean;
    }
    inner_products(&principal.components, &points)
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
