//! Positions and labels of ticks.

/// A marked position on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Position in the unit of the axis.
    pub(super) value: f64,
    /// Label; empty for a faint line between ticks.
    pub(super) label: String,
}

/// Ticks at multiples of a 1-2-5 step within `low..=high`, at most `most`. With `integer`, only whole
/// numbers get ticks.
pub(super) fn linear(low: f64, high: f64, most: f64, integer: bool) -> Vec<Tick> {
    let mut step = nice_step((high - low) / most);
    if integer {
        step = step.max(1.0);
    }
    let values = multiples(low, high, step);
    let labels = labels(&values, step);
    values.into_iter().zip(labels).map(|(value, label)| Tick { value, label }).collect()
}

/// Ticks of a logarithmic axis over `low..=high` (both above 0), at most about `most`. They lie at powers
/// of ten, with their multiples by 2 and 5 if these are few, or at equal steps within one decade.
pub(super) fn log10(low: f64, high: f64, most: f64) -> Vec<Tick> {
    const FEW_DECADES: f64 = 2.5;
    let decades = (high / low).log10();
    if decades < 1.0 {
        return linear(low, high, most, false);
    }
    let stride = nice_step(decades / most).max(1.0);
    let exponents = multiples(low.log10().floor(), high.log10(), 1.0);
    let plain = exponents.iter().all(|e| (-3.0..4.0).contains(e));
    let mut ticks = Vec::new();
    for exponent in exponents {
        let labeled = (exponent / stride).fract() == 0.0;
        for digit in 1..10_u8 {
            let value = f64::from(digit) * 10_f64.powf(exponent);
            let named = digit == 1 || (decades < FEW_DECADES && matches!(digit, 2 | 5));
            let faint = digit != 1 && stride > 1.0;
            if value < low || value > high || faint {
                continue;
            }
            let label = match (labeled && named, plain) {
                (false, _) => String::new(),
                (true, true) => format!("{}", rounded(value)),
                (true, false) => scientific(digit, exponent),
            };
            ticks.push(Tick { value, label });
        }
    }
    ticks
}

/// The smallest number of the form 1, 2 or 5 times a power of ten that is at least `rough`.
fn nice_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// Multiples of `step` within `low..=high`.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    // Below 1, division by the whole number 1 / step is exact, but multiplication by the step is not.
    let per_one = (1.0 / step).round();
    let slack = 1e-9;
    let first = (low / step - slack).ceil();
    (0..1000_u32)
        .map(|i| first + f64::from(i))
        .take_while(|count| *count <= high / step + slack)
        .map(|count| if step < 1.0 { count / per_one } else { count * step })
        .collect()
}

/// Labels of `values`, all in one notation: plain, in thousands (k), millions (M), billions (G),
/// or scientific.
fn labels(values: &[f64], step: f64) -> Vec<String> {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let print = |unit: f64, suffix: &str| -> Vec<String> {
        let digits = decimals(step / unit);
        values
            .iter()
            .map(|value| match value / unit {
                0.0 => "0".to_owned(),
                value => signed(&format!("{value:.digits$}{suffix}")),
            })
            .collect()
    };
    let units = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    let unit = units.into_iter().find(|(unit, _)| largest >= *unit && step >= unit / 100.0);
    match unit {
        _ if largest > 0.0 && !(1e-3..1e13).contains(&largest) => {
            let exponent = largest.log10().floor();
            print(10_f64.powf(exponent), &format!("×10{}", superscript(exponent)))
        }
        Some((unit, suffix)) if largest >= 1e4 => print(unit, suffix),
        _ => print(1.0, ""),
    }
}

/// Number of decimals that distinguish multiples of `step`.
fn decimals(step: f64) -> usize {
    std::iter::successors(Some(step), |scaled| Some(scaled * 10.0))
        .take(16)
        .position(|scaled| scaled > 0.5 && (scaled - scaled.round()).abs() < 1e-6 * scaled)
        .unwrap_or(0)
}

/// `digit` times ten to the `exponent`.
fn scientific(digit: u8, exponent: f64) -> String {
    let power = superscript(exponent);
    if digit == 1 { format!("10{power}") } else { format!("{digit}×10{power}") }
}

/// A whole number in superscript characters.
fn superscript(exponent: f64) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        _ => '⁹',
    };
    format!("{exponent:.0}").chars().map(raised).collect()
}

/// `number` with a true minus sign.
fn signed(number: &str) -> String {
    number.replacen('-', "−", 1)
}

/// Rounds away the binary noise of a computed power of ten.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels_of(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn linear_ticks_step_by_one_two_or_five() {
        let ticks = linear(0.0, 1.0, 6.0, false);
        let values: Vec<f64> = ticks.iter().map(|tick| tick.value).collect();
        assert_eq!(values, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(labels_of(&ticks), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels_of(&linear(-3.0, 13.0, 6.0, false)), ["0", "5", "10"]);
        assert_eq!(labels_of(&linear(0.953, 0.991, 4.0, false)), ["0.96", "0.97", "0.98", "0.99"]);
        assert_eq!(labels_of(&linear(-0.5, 0.5, 5.0, false)), ["−0.4", "−0.2", "0", "0.2", "0.4"]);
    }

    #[test]
    fn integer_ticks_never_fall_between_whole_numbers() {
        assert_eq!(labels_of(&linear(0.9, 3.1, 10.0, true)), ["1", "2", "3"]);
        assert_eq!(labels_of(&linear(0.5, 1.5, 10.0, true)), ["1"]);
        assert_eq!(
            labels_of(&linear(0.0, 98.0, 10.0, true)),
            ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]
        );
    }

    #[test]
    fn large_and_small_numbers_are_short() {
        assert_eq!(labels_of(&linear(0.0, 31_000.0, 4.0, true)), ["0", "10k", "20k", "30k"]);
        assert_eq!(labels_of(&linear(0.0, 1.6e6, 4.0, true)), ["0", "0.5M", "1.0M", "1.5M"]);
        assert_eq!(labels_of(&linear(0.0, 5e-5, 3.0, false)), ["0", "2×10⁻⁵", "4×10⁻⁵"]);
        assert_eq!(labels_of(&linear(0.0, 2e20, 2.0, false)), ["0", "1×10²⁰", "2×10²⁰"]);
        assert_eq!(labels_of(&linear(5000.0, 9000.0, 2.0, false)), ["6000", "8000"]);
    }

    #[test]
    fn log_ticks_are_decades() {
        assert_eq!(labels_of(&log10(0.0005, 20.0, 8.0)), ["10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]);
        assert_eq!(labels_of(&log10(0.001, 5.0, 8.0)), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels_of(&log10(1e-12, 1.0, 5.0)), ["10⁻¹⁰", "10⁻⁵", "10⁰"]);
    }

    #[test]
    fn few_decades_also_name_twos_and_fives() {
        assert_eq!(labels_of(&log10(0.15, 6.0, 8.0)), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(labels_of(&log10(2.0, 4.1, 4.0)), ["2", "3", "4"]);
    }

    #[test]
    fn log_ticks_have_faint_lines_between_decades() {
        let ticks = log10(1.0, 1000.0, 8.0);
        assert_eq!(ticks.len(), 28);
        assert_eq!(ticks[1], Tick { value: 2.0, label: String::new() });
    }
}
