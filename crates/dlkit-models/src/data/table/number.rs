//! Numbers as people write them: `1234.5`, `1 234,5`, `1.234,5`, `1,234.5`.

/// The sign before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DecimalSign {
    Point,
    Comma,
}

impl DecimalSign {
    pub(super) const fn sign(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// The finite number that a cell holds, which may have signs between its thousands.
pub(super) fn number(cell: &str, decimal: DecimalSign) -> Option<f64> {
    let plain = match decimal {
        DecimalSign::Point => cell.parse::<f64>().ok(),
        DecimalSign::Comma if !cell.contains('.') => parse_comma(cell),
        DecimalSign::Comma => None,
    };
    plain.or_else(|| grouped(cell, decimal)).filter(|value| value.is_finite())
}

fn parse_comma(cell: &str) -> Option<f64> {
    if cell.contains(',') { cell.replacen(',', ".", 1).parse().ok() } else { cell.parse().ok() }
}

/// Signs that stand between thousands, but for the decimal sign.
const GROUPING: [char; 6] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\''];

/// A number whose thousands are set apart by one sign, all of them.
fn grouped(cell: &str, decimal: DecimalSign) -> Option<f64> {
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let sign = unsigned.chars().find(|sign| GROUPING.contains(sign) && *sign != decimal.sign())?;
    let (whole, decimals) = match unsigned.split_once(decimal.sign()) {
        Some((whole, decimals)) => (whole, decimals),
        None => (unsigned, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(sign);
    let first = groups.next()?;
    let well_formed = (1..=3).contains(&first.len()) && digits(first) && digits(decimals);
    if !well_formed || !groups.all(|group| group.len() == 3 && digits(group)) {
        return None;
    }
    let whole: String = whole.split(sign).collect();
    let value: f64 = format!("{whole}.{decimals}0").parse().ok()?;
    Some(if cell.starts_with('-') { -value } else { value })
}

/// What cells say of the decimal sign.
///
/// # Errors
/// Numbers such as `1,234` alone, which may be either.
pub(super) fn looks_of_numbers(cells: impl Iterator<Item = String>) -> Result<DecimalSign, String> {
    let mut either = None;
    let (mut points, mut commas) = (false, false);
    for cell in cells.filter(|cell| cell.contains(',')) {
        let [by_point, by_comma] = [DecimalSign::Point, DecimalSign::Comma]
            .map(|decimal| number(&cell, decimal).is_some());
        match (by_point, by_comma) {
            (true, true) => either = either.or(Some(cell)),
            (true, false) => points = true,
            (false, true) => commas = true,
            (false, false) => {}
        }
    }
    match either {
        _ if commas && !points => Ok(DecimalSign::Comma),
        Some(cell) if !points => Err(format!(
            "\"{cell}\" may be a decimal number or have a thousands separator; set \
             decimal = \",\" or \".\" (data.decimal in a recipe, --decimal of commands)"
        )),
        _ => Ok(DecimalSign::Point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_either_sign() {
        let point = |cell| number(cell, DecimalSign::Point);
        let comma = |cell| number(cell, DecimalSign::Comma);
        assert_eq!(
            (point("1.5"), point("-2e3"), point("1,234.5")),
            (Some(1.5), Some(-2e3), Some(1234.5))
        );
        assert_eq!(
            (comma("1,5"), comma("1.234,5"), comma("-1 234")),
            (Some(1.5), Some(1234.5), Some(-1234.0))
        );
        assert_eq!((point("1'234'567"), comma("7")), (Some(1_234_567.0), Some(7.0)));
        for cell in
            ["", "x", "1,23.5", "12,34", "1,2345", "1.2.3", "NaN", "inf", "1e999", "1 2", "$5"]
        {
            assert_eq!(point(cell), None, "{cell}");
        }
        for cell in ["1.5", "1,2,3", "1.23,4", "--1"] {
            assert_eq!(comma(cell), None, "{cell}");
        }
    }

    #[test]
    fn cells_tell_the_sign_or_that_they_cannot() {
        let looks = |cells: &[&str]| looks_of_numbers(cells.iter().map(|cell| (*cell).to_owned()));
        assert_eq!(looks(&["1,5", "2"]), Ok(DecimalSign::Comma));
        assert_eq!(looks(&["1,234", "2,5"]), Ok(DecimalSign::Comma));
        assert_eq!(looks(&["1,234.5", "1,000"]), Ok(DecimalSign::Point));
        assert_eq!(looks(&["a, b", "1.5"]), Ok(DecimalSign::Point));
        assert!(looks(&["1,234"]).unwrap_err().contains("--decimal"));
    }
}
