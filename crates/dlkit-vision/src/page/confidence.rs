//! How sure it is that a quadrilateral is the outline of a sheet.

use super::evidence::Evidence;

/// A quadrilateral counts as a sheet from this confidence on.
pub const LEAST_CONFIDENCE: f64 = 0.5;

/// Weights of the evidence, in the order of its numbers.
///
/// Fitted by `scripts/bench/pages.py calibrate` to rendered sheets and to photos without one: the right
/// candidate of each picture against its two likeliest wrong ones. The bias is such that the likeliest
/// candidate of a photo without a sheet has a confidence of 0.43. docs/decisions.md says which pictures.
const WEIGHTS: [f64; Evidence::COUNT] = [
    26.416, 19.241, -67.868, 1.207, 30.375, -9.705, -26.671, 22.07, 1.34, 2.451, -4.915, -0.454,
    1.389, 2.117, 1.554, -38.031,
];

const BIAS: f64 = -54.21;

/// How sure it is that a quadrilateral with this evidence is the outline of a sheet, 0 to 1. It orders
/// quadrilaterals, and is fitted so that 0.5 is a good place to stop; it is no probability.
pub(super) fn confidence(evidence: &Evidence) -> f64 {
    let weighted =
        evidence.numbers().into_iter().zip(WEIGHTS).map(|(number, weight)| number * weight);
    let sum = weighted.sum::<f64>() + BIAS;
    1.0 / (1.0 + (-sum).exp())
}

/// The odds of a confidence: confidences that differ little from 1, or from 0, are told apart by them.
pub(super) fn odds(confidence: f64) -> f64 {
    confidence / (1.0 - confidence).max(f64::MIN_POSITIVE)
}
