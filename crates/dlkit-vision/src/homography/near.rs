//! Robust refinement of a homography that is nearly known.

use super::config::Refinement;
use super::degeneracy;
use super::dlt;
use super::error::{HomographyError, Side};
use super::estimate::{Estimate, RANK_CONDITION, STEPS, finished, flags, within};
use super::fitted::Fitted;
use super::loss::Loss;
use super::matrix::Homography;
use super::model::Model;
use super::normalized::NormalizedPairs;
use super::point::Correspondence;
use super::refine::refine;

/// The cutoff of the biweight, in standard deviations of the inliers. It is far above the 4.7 of
/// normal errors: objects are not quite flat and lenses not quite perspective, and what such
/// residuals say about the homography must not be lost.
const CUTOFF: f64 = 12.0;

/// Least and largest cutoff, in thresholds.
const CUTOFFS: [f64; 2] = [1.0, 4.0];

/// The median length of normal errors in two directions, in standard deviations.
const MEDIAN: f64 = 1.177_410_022_515_474_7;

/// Most rounds of refinement and new choice of the cutoff.
const ROUNDS: usize = 10;

/// What is refined.
const MODEL: Model = Model::Homography;

/// The cutoff is settled if it changes by a smaller share.
const SETTLED: f64 = 1e-3;

/// Refines a near homography by a robust error of all pairs, whose scale is that of the inliers
/// (Tukey's biweight). Outliers do not need to be chosen: they lose their weight.
///
/// Without refinement, the homography stays as it is.
///
/// # Errors
/// The pairs within `threshold` pixels of the result do not determine a homography.
pub(crate) fn estimate_near(
    pairs: &[Correspondence],
    start: &Homography,
    threshold: f64,
    refinement: Refinement,
) -> Result<Estimate, HomographyError> {
    let mut homography = start.clone();
    let mut before = f64::NAN;
    for _ in 0..ROUNDS {
        let near = chosen(pairs, &within(pairs, &homography, CUTOFFS[1] * threshold, None));
        degeneracy::check(&near, MODEL)?;
        let cutoff = cutoff(&near, &homography, threshold);
        let data = NormalizedPairs::of(&near);
        let loss = Loss::Biweight { cutoff };
        let matrix = data.normalized(homography.matrix());
        let matrix = refine(MODEL, &matrix, &data, refinement, loss, STEPS);
        homography = Homography::new(data.in_pixels(&matrix))?;
        if (cutoff - before).abs() <= SETTLED * cutoff {
            break;
        }
        before = cutoff;
    }
    let inliers = within(pairs, &homography, threshold, None);
    let near = chosen(pairs, &inliers);
    degeneracy::check(&near, MODEL).map_err(|error| error.renumbered(&inliers))?;
    let condition = dlt::condition(&NormalizedPairs::of(&near).pairs);
    if condition.is_nan() || condition > RANK_CONDITION {
        return Err(HomographyError::Undetermined { model: MODEL, condition });
    }
    let fitted = Fitted {
        model: MODEL,
        homography,
        inliers: flags(&inliers, pairs.len()),
        weights: vec![1.0; pairs.len()],
        condition,
        samples: Some(0),
        side: Side::Target,
        on_line: None,
    };
    Ok(finished(fitted, pairs))
}

fn chosen(pairs: &[Correspondence], indices: &[usize]) -> Vec<Correspondence> {
    indices.iter().map(|&index| pairs[index]).collect()
}

/// The cutoff for pairs that are all near, in pixels.
fn cutoff(pairs: &[Correspondence], homography: &Homography, threshold: f64) -> f64 {
    let [least, largest] = CUTOFFS.map(|factor| factor * threshold);
    let error = |pair: &Correspondence| {
        homography.map(pair.source).map(|mapped| mapped.distance(pair.target))
    };
    let mut errors: Vec<f64> = pairs.iter().filter_map(error).collect();
    if errors.is_empty() {
        return largest;
    }
    let middle = errors.len() / 2;
    let (_, median, _) = errors.select_nth_unstable_by(middle, f64::total_cmp);
    (CUTOFF * *median / MEDIAN).clamp(least, largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homography::Point;

    #[test]
    fn outliers_near_the_plane_do_not_matter() {
        let truth =
            Homography::from_rows([[1.1, 0.1, 30.0], [-0.05, 0.95, 20.0], [1e-4, -5e-5, 1.0]])
                .unwrap();
        let pairs: Vec<Correspondence> = (0..80)
            .map(|index| {
                let source =
                    Point::new(f64::from(index % 9) * 70.0 + 3.0, f64::from(index / 9) * 55.0);
                let mut target = truth.map(source).unwrap();
                if index % 4 == 1 {
                    target.y += 6.0 + f64::from(index % 5);
                }
                Correspondence { source, target }
            })
            .collect();
        let moved = Homography::translation(0.9, -0.7);
        for refinement in [Refinement::Forward, Refinement::Symmetric] {
            let found = estimate_near(&pairs, &truth.then(&moved), 3.0, refinement).unwrap();
            let corner = Point::new(600.0, 0.0);
            let error = found.homography.map(corner).unwrap().distance(truth.map(corner).unwrap());
            assert!(error < 1e-6, "{refinement:?}: {error}");
            assert_eq!(found.inliers.iter().filter(|inlier| **inlier).count(), 60);
        }
    }

    #[test]
    fn too_few_near_pairs_are_an_error() {
        let pairs = [Correspondence::new(0.0, 0.0, 0.0, 0.0); 3];
        let start = Homography::translation(0.0, 0.0);
        let error = estimate_near(&pairs, &start, 3.0, Refinement::Forward).unwrap_err();
        assert_eq!(error, HomographyError::TooFewPoints { model: MODEL, given: 3 });
    }
}
