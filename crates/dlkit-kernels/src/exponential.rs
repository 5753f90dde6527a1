//! The exponential function, written so that the compiler can compute many values at once.

/// Below it, the exponential is less than the least normal number; it becomes zero.
const LEAST: f32 = -87.336_54;
/// `3 * 2^22`: a sum with it has its whole part in the last bits.
const SHIFT: f32 = 12_582_912.0;

/// `e^x` for `x` up to 0, within 2 units in the last place; undefined where `x` is.
///
/// Source: the reduction by multiples of `ln 2` and the polynomial of Cephes' `expf` (Moshier).
#[inline(always)]
pub(crate) fn of_negative(x: f32) -> f32 {
    // Not `max`, which would make a number of an undefined one.
    let bounded = if x < LEAST { LEAST } else { x };
    let shifted = bounded * std::f32::consts::LOG2_E + SHIFT;
    let multiple = shifted - SHIFT;
    // ln 2 in two parts: the first has so few bits that its multiples are exact.
    let rest = bounded - multiple * 0.693_359_4 + multiple * 2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        sum = sum * rest + coefficient;
    }
    let fraction = sum * rest * rest + rest + 1.0;
    // Two to the power of the multiple: its bits become the exponent.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    if x < LEAST { 0.0 } else { fraction * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_within_two_units_in_the_last_place() {
        let mut worst = 0.0_f64;
        for step in 0..200_000_u32 {
            let x = -87.3 * f64::from(step) / 200_000.0;
            #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
            let x = x as f32;
            let exact = f64::from(x).exp();
            worst = worst.max((f64::from(of_negative(x)) - exact).abs() / exact);
        }
        assert!(worst <= 2.0 * f64::from(f32::EPSILON), "{worst:e}");
    }

    #[test]
    fn ends_are_exact_and_undefined_stays() {
        assert_eq!(of_negative(0.0).to_bits(), 1.0_f32.to_bits());
        assert_eq!(of_negative(-1e3).to_bits(), 0);
        assert_eq!(of_negative(f32::NEG_INFINITY).to_bits(), 0);
        assert!(of_negative(f32::NAN).is_nan());
    }
}
