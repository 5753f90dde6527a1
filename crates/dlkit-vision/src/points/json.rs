//! Pairs of points as JSON.

use serde::Deserialize;

use super::error::PointsErrorKind;
use crate::homography::{Correspondence, Point};

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Pairs(Vec<Pair>),
    Points { points: Vec<Pair> },
}

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

impl From<Place> for Point {
    fn from(place: Place) -> Self {
        match place {
            Place::Numbers([x, y]) | Place::Point { x, y } => Self::new(x, y),
        }
    }
}

impl From<Pair> for Correspondence {
    fn from(pair: Pair) -> Self {
        match pair {
            Pair::Numbers([x, y, u, v]) => Self::new(x, y, u, v),
            Pair::Points { source, target } => {
                Self { source: source.into(), target: target.into() }
            }
        }
    }
}

/// The pairs of a document. JSON has no infinite numbers, so all are finite.
pub(super) fn pairs(text: &str) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let document: Document = serde_json::from_str(text).map_err(PointsErrorKind::Json)?;
    let (Document::Pairs(pairs) | Document::Points { points: pairs }) = document;
    if pairs.is_empty() {
        return Err(PointsErrorKind::Empty);
    }
    Ok(pairs.into_iter().map(Correspondence::from).collect())
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
            assert_eq!(pairs(text).unwrap(), expected, "{text}");
        }
        for text in ["[]", "[[1, 2, 3]]", "{}", "[[1, 2, 3, null]]", "[1", r#"{"points": 3}"#] {
            assert!(pairs(text).is_err(), "{text}");
        }
    }
}
