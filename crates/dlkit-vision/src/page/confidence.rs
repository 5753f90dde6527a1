//! How sure it is that a quadrilateral is the outline of a sheet.

use super::evidence::Evidence;

/// A quadrilateral counts as a sheet from this confidence on.
pub const LEAST_CONFIDENCE: f64 = 0.5;

/// Weights of the evidence, in the order of its numbers.
///
/// Fitted by `scripts/bench/pages.py calibrate` to 600 rendered sheets and 238 photos without one that
/// have candidates: the right candidate of each picture against its two likeliest wrong ones. The bias
/// is such that the likeliest candidate of a photo without a sheet has a confidence of 0.43.
const WEIGHTS: [f64; Evidence::COUNT] =
    [1.932, 12.010, -13.526, 36.471, 1.463, 1.733, -4.606, -0.032, 1.607, 1.721, 1.189, -18.390];

const BIAS: f64 = -43.841;

/// The probability that a quadrilateral with this evidence is the outline of a sheet, 0 to 1.
pub(super) fn confidence(evidence: &Evidence) -> f64 {
    let weighted =
        evidence.numbers().into_iter().zip(WEIGHTS).map(|(number, weight)| number * weight);
    let sum = weighted.sum::<f64>() + BIAS;
    1.0 / (1.0 + (-sum).exp())
}
