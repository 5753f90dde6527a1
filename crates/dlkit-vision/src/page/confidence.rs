//! How sure it is that a quadrilateral is the outline of a sheet.

use super::evidence::Evidence;

/// A quadrilateral counts as a sheet from this confidence on.
pub const LEAST_CONFIDENCE: f64 = 0.5;

/// Weights of the evidence, in the order of its numbers.
///
/// Fitted in the two steps of `scripts/bench/pages.py calibrate` to 150 rendered sheets and 200 photos without one
/// (candidates of 64): first which candidates are right, then, for the best candidate of each
/// picture, how often it is.
const WEIGHTS: [f64; Evidence::COUNT] =
    [3.871, 11.404, -10.556, 12.578, 1.224, 1.166, -3.370, -0.244, 1.596, 0.822, 0.309, -1.977];

const BIAS: f64 = -25.122;

/// The probability that a quadrilateral with this evidence is the outline of a sheet, 0 to 1.
pub(super) fn confidence(evidence: &Evidence) -> f64 {
    let weighted =
        evidence.numbers().into_iter().zip(WEIGHTS).map(|(number, weight)| number * weight);
    let sum = weighted.sum::<f64>() + BIAS;
    1.0 / (1.0 + (-sum).exp())
}
