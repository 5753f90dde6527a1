//! Reads pairs of points from JSON.

use serde::Deserialize;
use serde_json::Value;

use super::Order;
use super::error::PointsErrorKind;
use crate::homography::{Correspondence, Point};

#[derive(Deserialize)]
#[serde(untagged)]
enum Pair {
    Numbers([f64; 4]),
    Points { source: Place, target: Place },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Place {
    Numbers([f64; 2]),
    Point { x: f64, y: f64 },
}

impl Place {
    /// Numbers are in the order given; named coordinates need no order.
    const fn point(self, order: Order) -> Point {
        match self {
            Self::Numbers(numbers) => order.point(numbers),
            Self::Point { x, y } => Point::new(x, y),
        }
    }
}

impl Pair {
    const fn pair(self, order: Order) -> Correspondence {
        match self {
            Self::Numbers(numbers) => order.pair(numbers),
            Self::Points { source, target } => {
                Correspondence { source: source.point(order), target: target.point(order) }
            }
        }
    }
}

/// The pairs of a document. JSON has no infinite numbers, so all are finite.
pub(super) fn pairs(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let items = match serde_json::from_str(text).map_err(PointsErrorKind::Json)? {
        Value::Array(items) => items,
        Value::Object(mut entries) => match entries.remove("points") {
            Some(Value::Array(items)) => items,
            _ => return Err(PointsErrorKind::JsonForm),
        },
        _ => return Err(PointsErrorKind::JsonForm),
    };
    if items.is_empty() {
        return Err(PointsErrorKind::Empty);
    }
    let pair = |(index, item): (usize, Value)| {
        let pair: Result<Pair, _> = serde_json::from_value(item);
        pair.map(|pair| pair.pair(order)).map_err(|_| PointsErrorKind::JsonPair { pair: index + 1 })
    };
    items.into_iter().enumerate().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_form() {
        let expected = [Correspondence::new(1.0, 2.0, 3.0, 4.5)];
        for text in [
            "[[1, 2, 3, 4.5]]",
            r#"[{"source": [1, 2], "target": [3, 4.5]}]"#,
            r#"{"points": [{"source": {"x": 1, "y": 2}, "target": {"x": 3, "y": 4.5}}], "n": 0}"#,
        ] {
            assert_eq!(pairs(text, Order::Xy).unwrap(), expected, "{text}");
        }
        for (text, expected) in [
            ("[]", "no points"),
            ("[[1, 2, 3, 4], [1, 2, 3]]", "pair 2: "),
            ("[[1, 2, 3, null]]", "pair 1: "),
            (r#"[{"source": [1, 2]}]"#, "pair 1: "),
            ("{}", "JSON without points"),
            (r#"{"points": 3}"#, "JSON without points"),
            ("[1", "not valid JSON: EOF"),
            ("[[1, 2, 3, 1e999]]", "not valid JSON: number out of range"),
        ] {
            let message = pairs(text, Order::Xy).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
        }
    }

    #[test]
    fn named_coordinates_need_no_order() {
        let text = r#"[[2, 1, 4, 3], {"source": [2, 1], "target": {"x": 3, "y": 4}}]"#;
        let expected = [Correspondence::new(1.0, 2.0, 3.0, 4.0); 2];
        assert_eq!(pairs(text, Order::RowColumn).unwrap(), expected);
    }
}
