//! How near a face is to the faces of a gallery.

use nalgebra::DMatrix;

use super::distance::{Metric, Rule};

/// Distances of a face from the faces of a gallery.
pub(super) struct Nearness {
    /// For each metric, people in the order of their nearest picture.
    pub(super) rankings: Vec<Vec<Near>>,
    pub(super) mean: f64,
}

/// The nearest picture of a person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    pub(super) person: usize,
    pub(super) picture: usize,
    pub(super) distance: f64,
}

impl Nearness {
    pub(super) fn score(&self, rule: Rule) -> f64 {
        let Rule::Nearest(_) = rule else { return self.mean };
        let ranking = self.rankings.get(rule.index());
        ranking.and_then(|ranking| ranking.first()).map_or(f64::INFINITY, |near| near.distance)
    }
}

/// Measures how near a face is to the faces of a gallery. The face is given by its weights, the
/// gallery by one column of weights for each face.
pub(super) fn nearness(
    weights: &[f64],
    gallery: &DMatrix<f64>,
    people: &[usize],
    variances: &[f64],
) -> Nearness {
    let rankings = Metric::ALL
        .map(|metric| ranking(weights, gallery, people, |a, b| metric.distance(a, b, variances)));
    let euclidean = gallery
        .column_iter()
        .map(|face| Metric::Euclidean.distance(weights, face.as_slice(), variances));
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let mean = euclidean.sum::<f64>() / gallery.ncols().max(1) as f64;
    Nearness { rankings: rankings.into(), mean }
}

fn ranking(
    weights: &[f64],
    gallery: &DMatrix<f64>,
    people: &[usize],
    distance: impl Fn(&[f64], &[f64]) -> f64,
) -> Vec<Near> {
    let faces = gallery.column_iter().zip(people).enumerate();
    let mut all: Vec<Near> = faces
        .map(|(picture, (face, person))| Near {
            person: *person,
            picture,
            distance: distance(weights, face.as_slice()),
        })
        .collect();
    all.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.picture.cmp(&b.picture)));
    let mut seen = vec![false; people.iter().max().map_or(0, |last| last + 1)];
    all.retain(|near| !std::mem::replace(&mut seen[near.person], true));
    all
}
