//! What a cell holds.

use jiff::civil::{Date, DateTime};

/// Cells that are missing values: empty ones, and the words that programs write for them.
pub(crate) const MISSING: [&str; 13] =
    ["", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?", "n/a", "NAN"];
/// The words for true, in upper or lower case.
pub(crate) const TRUE: [&str; 4] = ["true", "yes", "t", "y"];
/// The words for false, in upper or lower case.
pub(crate) const FALSE: [&str; 4] = ["false", "no", "f", "n"];

/// Whether a cell is a missing value.
pub(super) fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell)
}

/// A word for true or false.
pub(super) fn boolean(cell: &str) -> Option<bool> {
    let is = |word: &&str| cell.eq_ignore_ascii_case(word);
    if TRUE.iter().any(is) {
        Some(true)
    } else if FALSE.iter().any(is) {
        Some(false)
    } else {
        None
    }
}

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// Days since 1970-01-01 of a date, with a share of a day where a time follows: `2024-05-17`,
/// `2024-05-17T08:30`, `2024/05/17`, `17.05.2024`. Dates with slashes that begin with a day or a month
/// are left out, as both are in use.
pub(super) fn days(cell: &str) -> Option<f64> {
    let (day, time) = match cell.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (cell, None),
    };
    let sign = day.chars().find(|sign| ['-', '/', '.'].contains(sign))?;
    let parts: Vec<&str> = day.split(sign).collect();
    let (year, month, day) = match (sign, &parts[..]) {
        ('-' | '/', [year, month, day]) if year.len() == 4 => (year, month, day),
        ('.', [day, month, year]) if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let moment = match time {
        None => date.at(0, 0, 0, 0),
        Some(time) => {
            let text = format!("{date}T{}", time.trim_end_matches('Z'));
            let text = if time.split(':').count() == 2 { format!("{text}:00") } else { text };
            text.parse::<DateTime>().ok()?
        }
    };
    let since = moment.duration_since(Date::constant(1970, 1, 1).at(0, 0, 0, 0));
    Some(since.as_secs_f64() / SECONDS_OF_A_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_since_1970() {
        assert_eq!(days("1970-01-02"), Some(1.0));
        // date -u -d 2024-05-17 +%s: 1715904000.
        for cell in ["2024-05-17", "2024/05/17", "17.05.2024", "2024-5-17"] {
            assert_eq!(days(cell), Some(1_715_904_000.0 / SECONDS_OF_A_DAY), "{cell}");
        }
        for cell in ["2024-05-17T12:00:00", "2024-05-17 12:00", "2024-05-17T12:00:00Z"] {
            assert_eq!(days(cell), Some(1_715_904_000.0 / SECONDS_OF_A_DAY + 0.5), "{cell}");
        }
        for cell in
            ["", "2024", "2024-13-01", "05/06/2024", "1.5", "192.168.1.1", "2024-05-17 noon"]
        {
            assert_eq!(days(cell), None, "{cell}");
        }
    }

    #[test]
    fn words_for_missing_and_for_true_are_known() {
        assert!(["", "NA", "?", "nan"].into_iter().all(is_missing) && !is_missing("none left"));
        assert_eq!(
            (boolean("Yes"), boolean("FALSE"), boolean("1")),
            (Some(true), Some(false), None)
        );
    }
}
