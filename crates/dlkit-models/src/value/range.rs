//! What numbers of a recipe may be.

use super::pair::Pair;
use super::problem::Problem;
use super::shape::LARGEST_SAMPLE;

/// Most pixels of a kernel, stride, padding, dilation, window or factor: larger than any picture,
/// yet sums and products of two are exact.
const LARGEST_PIXELS: usize = 1 << 20;

/// Refuses zero, negative, infinite and undefined values.
pub(crate) fn positive(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("must be a finite number above 0, not {value}")))
}

/// Refuses negative, infinite and undefined values.
pub(crate) fn not_negative(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("must be a finite number, 0 or more, not {value}")))
}

/// Refuses anything outside 0 to 1, 1 excluded.
pub(crate) fn share(key: &str, value: f64) -> Result<(), Problem> {
    if (0.0..1.0).contains(&value) {
        return Ok(());
    }
    Err(Problem::new(key, format!("must be from 0 to below 1, not {value}")))
}

/// Refuses zero and more than a sample can have.
pub(crate) fn count(key: &str, value: usize) -> Result<(), Problem> {
    match value {
        0 => Err(Problem::new(key, "must be 1 or more, not 0")),
        1..=LARGEST_SAMPLE => Ok(()),
        _ => {
            Err(Problem::new(key, format!("must be at most {LARGEST_SAMPLE} (2^28), not {value}")))
        }
    }
}

/// Refuses zero and more than 2^20 pixels.
pub(crate) fn pixels(key: &str, pair: Pair) -> Result<(), Problem> {
    if pair.height == 0 || pair.width == 0 {
        return Err(Problem::new(key, format!("must be 1 or more, not {pair}")));
    }
    at_most(key, pair)
}

/// Refuses more than 2^20 pixels.
pub(crate) fn at_most(key: &str, pair: Pair) -> Result<(), Problem> {
    if pair.height > LARGEST_PIXELS || pair.width > LARGEST_PIXELS {
        return Err(Problem::new(
            key,
            format!("must be at most {LARGEST_PIXELS} (2^20), not {pair}"),
        ));
    }
    Ok(())
}
