//! Reads points from JSON, and from lists in brackets.

use serde_json::{Map, Value};

use super::Order;
use super::brackets::Block;
use super::error::PointsErrorKind;
use super::names::{PointColumns, pair_columns, point_columns, side_of_list};
use super::values::{number, numbers, place, places};
use crate::homography::{Correspondence, Point, Side};

/// Names of a list of pairs or of points within an object.
const LISTS: [&str; 12] = [
    "points",
    "pairs",
    "matches",
    "correspondences",
    "control_points",
    "gcps",
    "corners",
    "quad",
    "polygon",
    "vertices",
    "keypoints",
    "mapped",
];

/// The pairs of a document. JSON has no infinite numbers, so all are finite.
pub(super) fn pairs(value: &Value, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let pairs = match value {
        Value::Array(items) => of_list(items, order)?,
        Value::Object(entries) => of_object(entries, order)?,
        _ => return Err(PointsErrorKind::JsonForm),
    };
    if pairs.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(pairs) }
}

/// The points of a document; of pairs, those of a side.
pub(super) fn points(
    value: &Value,
    order: Order,
    side: Side,
) -> Result<Vec<Point>, PointsErrorKind> {
    if let Some(points) = single_points(value, order)? {
        return if points.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(points) };
    }
    let pairs = pairs(value, order).map_err(|error| match error {
        PointsErrorKind::JsonForm => PointsErrorKind::JsonPointForm,
        PointsErrorKind::JsonPair { pair } => PointsErrorKind::JsonPoint { point: pair },
        error => error,
    })?;
    let of_side = |pair: Correspondence| match side {
        Side::Source => pair.source,
        Side::Target => pair.target,
    };
    Ok(pairs.into_iter().map(of_side).collect())
}

/// The pairs of lists in brackets: one list of pairs, or the sources in one and the targets in
/// another.
pub(super) fn pairs_of_blocks(
    blocks: &[Block],
    order: Order,
) -> Result<Vec<Correspondence>, PointsErrorKind> {
    match blocks {
        [only] => pairs(&only.list, order),
        [first, second] if places(&first.list, order).is_some() => {
            let name = |block: &Block| block.label.clone().unwrap_or_default();
            two_lists([&name(first), &name(second)], [&first.list, &second.list], order)
        }
        _ => {
            let items: Vec<Value> = blocks.iter().map(|block| block.list.clone()).collect();
            of_list(&items, order)
        }
    }
}

fn of_list(items: &[Value], order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    if let [sources, targets] = items
        && let (Some(_), Some(_)) = (long(sources, order), long(targets, order))
    {
        return two_lists(["", ""], [sources, targets], order);
    }
    if let [only @ Value::Array(inner)] = items
        && inner.first().is_some_and(Value::is_array)
        && pair(only, order).is_none()
    {
        // An axis of length 1, as OpenCV has it.
        return of_list(inner, order);
    }
    let numbered = |(index, item): (usize, &Value)| {
        pair(item, order).ok_or(PointsErrorKind::JsonPair { pair: index + 1 })
    };
    items.iter().enumerate().map(numbered).collect()
}

/// The points of a list that is too long to be a pair.
fn long(value: &Value, order: Order) -> Option<Vec<Point>> {
    places(value, order).filter(|points| points.len() > 2)
}

fn of_object(
    entries: &Map<String, Value>,
    order: Order,
) -> Result<Vec<Correspondence>, PointsErrorKind> {
    for name in LISTS {
        if let Some(Value::Array(items)) = entries.get(name) {
            return of_list(items, order);
        }
    }
    let lists: Vec<(&String, &Value)> = entries
        .iter()
        .filter(|(name, value)| side_of_list(name).is_some() && value.is_array())
        .collect();
    if let [(first, sources), (second, targets)] = lists[..] {
        return two_lists([first, second], [sources, targets], order);
    }
    let names: Vec<&String> = entries.keys().collect();
    if let Ok(columns) = pair_columns(&names) {
        let column = |place: usize| numbers(&entries[names[place]]);
        let (source, target) = (columns.source, columns.target);
        let read = [source.x, source.y, target.x, target.y].map(column);
        if let [Some(x), Some(y), Some(u), Some(v)] = read
            && [&y, &u, &v].iter().all(|other| other.len() == x.len())
        {
            let pair = |index| Correspondence::new(x[index], y[index], u[index], v[index]);
            return Ok((0..x.len()).map(pair).collect());
        }
    }
    match entries.values().next() {
        Some(only @ (Value::Array(_) | Value::Object(_))) if entries.len() == 1 => {
            pairs(only, order)
        }
        _ => Err(PointsErrorKind::JsonForm),
    }
}

/// Pairs of sources in one list and targets in the other. The names tell which, or else the sources
/// come first.
fn two_lists(
    names: [&str; 2],
    lists: [&Value; 2],
    order: Order,
) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let said = names.map(side_of_list);
    let is_swapped = match said {
        [Some((Some(a), _)), Some((Some(b), _))] if a != b => a == Side::Target,
        [Some((None, Some(a))), Some((None, Some(b)))] if a != b => a > b,
        [Some((Some(a), _)), None | Some((None, _))] => a == Side::Target,
        [None | Some((None, _)), Some((Some(b), _))] => b == Side::Source,
        [None, None] => false,
        [_, Some((None, Some(_)))] if names[0] != names[1] => false,
        _ => {
            let [first, second] = names.map(str::to_owned);
            return Err(PointsErrorKind::Lists { first, second });
        }
    };
    let listed = |value: &Value| match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                place(item, order).ok_or(PointsErrorKind::JsonPoint { point: index + 1 })
            })
            .collect(),
        _ => Err(PointsErrorKind::JsonForm),
    };
    let [first, second] = lists;
    let [first, second]: [Vec<Point>; 2] = [listed(first)?, listed(second)?];
    let (sources, targets) = if is_swapped { (second, first) } else { (first, second) };
    if sources.len() != targets.len() {
        let (sources, targets) = (sources.len(), targets.len());
        return Err(PointsErrorKind::Lengths { sources, targets });
    }
    let pair = |(source, target)| Correspondence { source, target };
    Ok(sources.into_iter().zip(targets).map(pair).collect())
}

/// A pair: four numbers, two points, or an object with them.
fn pair(value: &Value, order: Order) -> Option<Correspondence> {
    match value {
        Value::Array(items) => match &items[..] {
            [only] if only.is_array() => pair(only, order),
            [source, target] => Some(Correspondence {
                source: place(source, order)?,
                target: place(target, order)?,
            }),
            [a, b, c, d] => {
                let numbers = [number(a)?, number(b)?, number(c)?, number(d)?];
                Some(order.pair(numbers))
            }
            _ => None,
        },
        Value::Object(entries) => {
            let of_side = |side: Side| {
                let is_side = |(name, value): &(&String, &Value)| {
                    let said = side_of_list(name).and_then(|(side, _)| side);
                    said == Some(side) && (value.is_array() || value.is_object())
                };
                entries.iter().find(is_side).and_then(|(_, value)| place(value, order))
            };
            if let (Some(source), Some(target)) = (of_side(Side::Source), of_side(Side::Target)) {
                return Some(Correspondence { source, target });
            }
            let names: Vec<&String> = entries.keys().collect();
            let columns = pair_columns(&names).ok()?;
            let at = |PointColumns { x, y, .. }| {
                Some(Point::new(number(&entries[names[x]])?, number(&entries[names[y]])?))
            };
            Some(Correspondence { source: at(columns.source)?, target: at(columns.target)? })
        }
        _ => None,
    }
}

/// The points of a document that has points, not pairs; none for pairs.
fn single_points(value: &Value, order: Order) -> Result<Option<Vec<Point>>, PointsErrorKind> {
    match value {
        Value::Array(items) => {
            if let Some(points) = places(value, order) {
                return Ok(Some(points));
            }
            let is_other = |item: &Value| place(item, order).is_none();
            match &items[..] {
                [first, ..] if !is_other(first) => {
                    let wrong = items.iter().position(is_other).unwrap_or_default();
                    Err(PointsErrorKind::JsonPoint { point: wrong + 1 })
                }
                [only @ Value::Array(_)] => single_points(only, order),
                // All coordinates in one list.
                [first, ..] if first.is_number() => {
                    let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
                    let numbers = numbers.ok_or(PointsErrorKind::JsonPointForm)?;
                    match numbers.as_chunks::<2>() {
                        (points, []) => {
                            Ok(Some(points.iter().map(|point| order.point(*point)).collect()))
                        }
                        _ => Err(PointsErrorKind::JsonPointForm),
                    }
                }
                _ => Ok(None),
            }
        }
        Value::Object(entries) => {
            for name in LISTS {
                if let Some(list @ Value::Array(_)) = entries.get(name) {
                    return single_points(list, order);
                }
            }
            let names: Vec<&String> = entries.keys().collect();
            if pair_columns(&names).is_err()
                && let Ok(PointColumns { x, y, .. }) = point_columns(&names, Side::Source)
                && let (Some(x), Some(y)) =
                    (numbers(&entries[names[x]]), numbers(&entries[names[y]]))
                && x.len() == y.len()
            {
                return Ok(Some(x.into_iter().zip(y).map(|(x, y)| Point::new(x, y)).collect()));
            }
            match entries.values().next() {
                Some(only) if entries.len() == 1 => single_points(only, order),
                _ => Ok(None),
            }
        }
        _ => Err(PointsErrorKind::JsonPointForm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
        pairs(&serde_json::from_str(text).unwrap(), order)
    }

    #[test]
    fn reads_each_form() {
        let expected = [Correspondence::new(1.0, 2.0, 3.0, 4.5)];
        for text in [
            "[[1, 2, 3, 4.5]]",
            "[[[1, 2], [3, 4.5]]]",
            "[[[[1, 2]], [[3, 4.5]]]]",
            r#"[{"source": [1, 2], "target": [3, 4.5]}]"#,
            r#"[{"to": {"lat": 4.5, "lon": 3}, "from": {"row": 2, "col": 1}}]"#,
            r#"[{"dst_y": 4.5, "dst_x": 3, "src_x": 1, "src_y": "2", "name": "a"}]"#,
            r#"{"points": [{"source": {"x": 1, "y": 2}, "target": {"x": 3, "y": 4.5}}], "n": 0}"#,
            r#"{"src": [[1, 2]], "dst": [[3, 4.5]]}"#,
            r#"{"a_pts": [[[1, 2]]], "b_pts": [[[3, 4.5]]]}"#,
            r#"{"dst": [[3, 4.5]], "from": [{"y": 2, "x": 1}], "error": [0.1]}"#,
            r#"{"x": [1], "y": [2], "u": [3], "v": [4.5]}"#,
            r#"{"x": {"0": 1}, "y": {"0": 2}, "u": {"0": 3}, "v": {"0": 4.5}}"#,
            r#"{"data": {"pairs": [[1, 2, 3, 4.5]]}}"#,
        ] {
            assert_eq!(read(text, Order::Xy).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn two_lists_are_sources_and_targets() {
        let pair = |index: f64| Correspondence::new(index, 2.0, 3.0, index);
        let expected: Vec<Correspondence> = [1.0, 5.0, 7.0].map(pair).into();
        for text in [
            "[[[1, 2], [5, 2], [7, 2]], [[3, 1], [3, 5], [3, 7]]]",
            "[[[[1, 2]], [[5, 2]], [[7, 2]]], [[[3, 1]], [[3, 5]], [[3, 7]]]]",
            r#"{"target": [[3, 1], [3, 5], [3, 7]], "source": [[1, 2], [5, 2], [7, 2]]}"#,
            r#"{"pts2": [[3, 1], [3, 5], [3, 7]], "pts1": [[1, 2], [5, 2], [7, 2]]}"#,
        ] {
            assert_eq!(read(text, Order::Xy).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_pair_is_named() {
        for (text, expected) in [
            ("[]", "no points"),
            ("[[1, 2, 3, 4], [1, 2, 3]]", "pair 2: "),
            ("[[1, 2, 3, null]]", "pair 1: "),
            ("[1, 2, 3, 4]", "pair 1: "),
            (r#"[{"source": [1, 2]}]"#, "pair 1: "),
            ("{}", "no pairs of points in these lists"),
            (r#"{"points": 3}"#, "no pairs of points in these lists"),
            (r#"{"src": [[1, 2], [3, 4]], "dst": [[1, 2]]}"#, "2 source points, but 1 targets"),
            (r#"{"src": [[1, 2], [3]], "dst": [[1, 2], [3, 4]]}"#, "point 2: not a point"),
            (r#"{"src": [[1, 2]], "image": [[1, 2]]}"#, "the lists `"),
        ] {
            let message = read(text, Order::Xy).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
        }
    }

    #[test]
    fn named_coordinates_need_no_order() {
        let text = r#"[[2, 1, 4, 3], {"source": [2, 1], "target": {"x": 3, "y": 4}}]"#;
        let expected = [Correspondence::new(1.0, 2.0, 3.0, 4.0); 2];
        assert_eq!(read(text, Order::RowColumn).unwrap(), expected);
    }

    #[test]
    fn points_are_read_alone_and_out_of_pairs() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        for text in [
            "[[1, 2], [3, 4]]",
            "[[[1, 2]], [[3, 4]]]",
            "[[[1, 2], [3, 4]]]",
            "[1, 2, 3, 4]",
            r#"[{"y": 2, "x": 1}, {"row": 4, "col": 3}]"#,
            r#"{"corners": [[1, 2], [3, 4]]}"#,
            r#"{"u": [1, 3], "v": [2, 4]}"#,
            "[[1, 2, 0, 0], [3, 4, 0, 0]]",
            r#"[{"source": [1, 2], "target": [0, 0]}, {"source": [3, 4], "target": [0, 0]}]"#,
        ] {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!(points(&value, Order::Xy, Side::Source).unwrap(), expected, "{text}");
        }
        let value = serde_json::from_str("[[0, 0, 1, 2], [0, 0, 3, 4]]").unwrap();
        assert_eq!(points(&value, Order::Xy, Side::Target).unwrap(), expected);
        for (text, expected) in
            [("[[1, 2], [3]]", "point 2"), ("[1, 2, 3]", "no points in these"), ("[]", "no points")]
        {
            let value = serde_json::from_str(text).unwrap();
            let message = points(&value, Order::Xy, Side::Source).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{text}: {message}");
        }
    }
}
