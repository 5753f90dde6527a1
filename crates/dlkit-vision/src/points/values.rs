//! Points and numbers of JSON values.

use serde_json::Value;

use super::Order;
use super::names::{PointColumns, point_columns};
use crate::homography::{Point, Side};

/// A point: two numbers in the order given, or an object with named coordinates.
pub(super) fn place(value: &Value, order: Order) -> Option<Point> {
    match value {
        Value::Array(items) => match &items[..] {
            [only] if only.is_array() => place(only, order),
            [first, second] => Some(order.point([number(first)?, number(second)?])),
            _ => None,
        },
        Value::Object(entries) => {
            let names: Vec<&String> = entries.keys().collect();
            let PointColumns { x, y, .. } = point_columns(&names, Side::Source).ok()?;
            Some(Point::new(number(&entries[names[x]])?, number(&entries[names[y]])?))
        }
        _ => None,
    }
}

/// The points of a list, if it has points only.
pub(super) fn places(value: &Value, order: Order) -> Option<Vec<Point>> {
    let Value::Array(items) = value else { return None };
    items.iter().map(|item| place(item, order)).collect()
}

/// A number, or a text that is one.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// The numbers of a column: a list, or an object with numbered rows, as pandas writes it.
pub(super) fn numbers(value: &Value) -> Option<Vec<f64>> {
    match value {
        Value::Array(items) => items.iter().map(number).collect(),
        Value::Object(entries) => {
            let row = |(name, value): (&String, &Value)| {
                Some((name.parse::<usize>().ok()?, number(value)?))
            };
            let mut rows: Vec<(usize, f64)> = entries.iter().map(row).collect::<Option<_>>()?;
            rows.sort_by_key(|(row, _)| *row);
            Some(rows.into_iter().map(|(_, value)| value).collect())
        }
        _ => None,
    }
}
