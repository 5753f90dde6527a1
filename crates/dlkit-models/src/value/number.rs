//! Numbers of one type as numbers of another.

/// A count as a floating-point number: exact below 2^53, and no count here comes near that.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53, beyond any count of samples")]
pub(crate) const fn float(count: usize) -> f64 {
    count as f64
}

/// A size as a signed number; no size here comes near the largest.
pub(crate) fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_keep_their_value() {
        for (count, number) in [(0, 0.0), (3, 3.0), (1 << 52, 4_503_599_627_370_496.0)] {
            assert_eq!(float(count).to_bits(), f64::to_bits(number));
        }
    }
}
