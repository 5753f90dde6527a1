//! Numbers as readable text.

use std::collections::HashSet;

use dlkit_models::run::{Best, EpochRecord};

/// A count with a comma between thousands.
pub(crate) fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with a fixed number of decimals, or with an exponent if it is very small or large.
pub(crate) fn figure(value: f64, decimals: usize) -> String {
    const LARGEST: f64 = 1e5;
    let smallest = 10.0_f64.powi(2 - i32::try_from(decimals).unwrap_or(i32::MAX));
    // Adding zero removes the sign of a negative zero.
    let (value, size) = (value + 0.0, value.abs());
    if value.is_finite() && size != 0.0 && !(smallest..LARGEST).contains(&size) {
        return format!("{value:.2e}");
    }
    format!("{value:.decimals$}")
}

/// A count with its noun, such as `1 input` or `1,000 inputs`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// A share as percent.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.2} %", 100.0 * share);
    // Rounding may leave a negative zero.
    match text.strip_prefix('-') {
        Some(zero @ "0.00 %") => zero.to_owned(),
        _ => text,
    }
}

/// A share as percent, or a dash for none.
pub(crate) fn optional_percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), percent)
}

/// Whether the name of a metric says that it is a share.
pub(crate) fn is_share(name: &str) -> bool {
    let starts = ["zero_weights", "dead_neurons", "dead_units"];
    let ends = ["accuracy", "auc", "f1", "precision", "calibration_error"];
    starts.iter().any(|start| name.starts_with(start)) || ends.iter().any(|end| name.ends_with(end))
}

/// Shortens paths to as few last parts as keep them distinct.
pub(crate) fn short_names(paths: &[&str]) -> Vec<String> {
    let distinct = |names: &[String]| names.iter().collect::<HashSet<_>>().len();
    let whole: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let most = paths.iter().map(|path| path.split('/').count()).max().unwrap_or(1);
    let last = |path: &&str, parts: usize| {
        let all: Vec<&str> = path.split('/').collect();
        all[all.len().saturating_sub(parts)..].join("/")
    };
    let shortened =
        |parts: usize| paths.iter().map(|path| last(path, parts)).collect::<Vec<String>>();
    let tells_apart = |short: &Vec<String>| distinct(short) == distinct(&whole);
    (1..most).map(shortened).find(tells_apart).unwrap_or_else(|| shortened(most))
}

/// A duration.
pub(crate) fn seconds(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "durations are positive and far below 2^64 seconds"
    )]
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Summary of an epoch in one line.
pub(crate) fn epoch_line(record: &EpochRecord, epochs: usize, best: Option<Best>) -> String {
    let width = epochs.to_string().len();
    let part = |part: &str| {
        let loss = record.metrics.get(&format!("{part}_loss"))?;
        let accuracy = record.metrics.get(&format!("{part}_accuracy"));
        let accuracy =
            accuracy.map(|share| format!(", accuracy {:>8}", percent(*share))).unwrap_or_default();
        Some(format!("{part} loss {loss:.4}{accuracy}"))
    };
    let parts: Vec<String> = ["train", "validation"].iter().filter_map(|name| part(name)).collect();
    let star = if best.is_some_and(|best| best.epoch == record.epoch) { "  best" } else { "" };
    format!(
        "epoch {:>width$}/{epochs}  {}  {}{star}",
        record.epoch,
        parts.join("  "),
        seconds(record.seconds)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let texts = [0, 999, 1_000, 1_199_882].map(thousands);
        assert_eq!(texts, ["0", "999", "1,000", "1,199,882"]);
        assert_eq!([counted(1, "input"), counted(0, "input")], ["1 input", "0 inputs"]);
    }

    #[test]
    fn figures_are_never_hidden_by_their_decimals() {
        let texts =
            [-0.0, 0.01, -0.0099, 1.5, 99_999.0, 1e5, f64::NAN].map(|value| figure(value, 4));
        assert_eq!(
            texts,
            ["0.0000", "0.0100", "-9.90e-3", "1.5000", "99999.0000", "1.00e5", "NaN"]
        );
    }

    #[test]
    fn no_share_is_a_negative_zero() {
        let texts = [-0.0, -1e-9, 0.12345, -0.5].map(percent);
        assert_eq!(texts, ["0.00 %", "0.00 %", "12.35 %", "-50.00 %"]);
    }

    #[test]
    fn names_are_as_short_as_tells_them_apart() {
        assert_eq!(short_names(&["a/b/1.png", "a/b/2.png"]), ["1.png", "2.png"]);
        assert_eq!(
            short_names(&["f/ada/1.png", "f/eva/1.png", "2.png"]),
            ["ada/1.png", "eva/1.png", "2.png"]
        );
        // One picture given twice cannot be told apart.
        assert_eq!(short_names(&["f/1.png", "f/1.png"]), ["1.png", "1.png"]);
        assert_eq!(short_names(&["/x/1.png", "/y/1.png"]), ["x/1.png", "y/1.png"]);
    }

    #[test]
    fn durations_take_the_unit_that_fits() {
        let texts = [2.345, 59.96, 125.0, 7_325.0].map(seconds);
        assert_eq!(texts, ["2.3 s", "1 min 00 s", "2 min 05 s", "2 h 02 min"]);
    }
}
