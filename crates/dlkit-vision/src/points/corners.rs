//! Corners of a page that have names.

use serde_json::{Map, Value};

use super::Order;
use super::error::PointsErrorKind;
use super::names::{PointColumns, point_columns};
use super::table::{decimal, head};
use super::text::{numbers, words};
use super::values::place;
use crate::homography::{Point, Side};

/// Names of the corners, clockwise from the top left, without signs and spaces.
const NAMES: [&[&str]; 4] = [
    &["topleft", "lefttop", "upperleft", "leftupper", "tl", "ul", "nw", "northwest"],
    &["topright", "righttop", "upperright", "rightupper", "tr", "ur", "ne", "northeast"],
    &["bottomright", "rightbottom", "lowerright", "rightlower", "br", "lr", "se", "southeast"],
    &["bottomleft", "leftbottom", "lowerleft", "leftlower", "bl", "ll", "sw", "southwest"],
];

/// A point and its place among the corners, clockwise from the top left, if it is named.
type Named = (Option<usize>, Point);

/// The place of a corner by its name.
fn corner(name: &str) -> Option<usize> {
    let plain: String =
        name.chars().filter(|part| part.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let plain = plain.strip_suffix("corner").unwrap_or(&plain);
    NAMES.iter().position(|names| names.contains(&plain))
}

/// The corners of a table whose rows name them, clockwise from the top left; none if no row does.
pub(super) fn of_table(text: &str, order: Order) -> Result<Option<Vec<Point>>, PointsErrorKind> {
    // What is wrong with the names is said where all points are read.
    let Ok((names, rows)) = head(text, |names| point_columns(names, Side::Source)) else {
        return Ok(None);
    };
    let mut points: Vec<Named> = Vec::new();
    for (number, line) in rows {
        if let Some(names) = &names {
            let PointColumns { x, y, .. } = names.columns;
            for row in names.rows(number, line)? {
                let mut others = (0..row.len()).filter(|column| ![x, y].contains(column));
                let name = others.find_map(|column| corner(row[column]));
                let [x, y] = decimal(number, [row[x], row[y]])?;
                points.push((name, Point::new(x, y)));
            }
            continue;
        }
        let (found, others): (Vec<&str>, Vec<&str>) =
            words(line).into_iter().partition(|word| word.parse::<f64>().is_ok());
        let (Some(name), &[x, y]) = (corner(&others.concat()), &found[..]) else {
            return Ok(None);
        };
        points.push((Some(name), order.point(numbers(number, [x, y])?)));
    }
    clockwise(&points)
}

/// The corners of a JSON document that names them: an object with a point for each, or a list of objects
/// with the name among their entries; none if it does not.
pub(super) fn of_json(value: &Value, order: Order) -> Result<Option<Vec<Point>>, PointsErrorKind> {
    match value {
        Value::Object(entries) => of_object(entries, order),
        Value::Array(items) => {
            let named = |item: &Value| {
                let name = item.as_object()?.values().filter_map(Value::as_str).find_map(corner);
                Some((name, place(item, order)?))
            };
            match items.iter().map(named).collect::<Option<Vec<Named>>>() {
                Some(points) => clockwise(&points),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn of_object(
    entries: &Map<String, Value>,
    order: Order,
) -> Result<Option<Vec<Point>>, PointsErrorKind> {
    let named = entries.iter().filter_map(|(name, value)| Some((corner(name)?, value)));
    let points: Option<Vec<Named>> =
        named.map(|(name, value)| Some((Some(name), place(value, order)?))).collect();
    match points {
        Some(points) if !points.is_empty() => clockwise(&points),
        _ => match entries.values().next() {
            Some(only) if entries.len() == 1 => of_json(only, order),
            _ => Ok(None),
        },
    }
}

/// The corners in order; none if none has a name.
fn clockwise(points: &[Named]) -> Result<Option<Vec<Point>>, PointsErrorKind> {
    if points.iter().all(|(name, _)| name.is_none()) {
        return Ok(None);
    }
    let of = |place: usize| {
        let mut named = points.iter().filter(|(name, _)| *name == Some(place));
        named.next().filter(|_| named.next().is_none()).map(|(_, point)| *point)
    };
    let corners: Option<Vec<Point>> = (0..NAMES.len()).map(of).collect();
    match corners {
        Some(corners) if points.len() == NAMES.len() => Ok(Some(corners)),
        _ => Err(PointsErrorKind::CornerNames),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_corners;
    use super::*;

    #[test]
    fn named_corners_may_come_in_any_order() {
        let expected = [(1.0, 2.0), (9.0, 3.0), (8.0, 7.5), (0.0, 6.0)];
        let expected = expected.map(|(x, y)| Point::new(x, y));
        for text in [
            "corner,x,y\nbottom-left,0,6\ntop-left,1,2\nbottom-right,8,7.5\ntop-right,9,3\n",
            "x,y,name\n8,7.5,lower right\n9,3,Upper Right\n1,2,UL\n0,6,LL\n",
            "id;row;col\nTR;3;9\nBR;7,5;8\nBL;6;0\nTL;2;1\n",
            "bottom left 0 6\nbottom right 8 7.5\ntop left 1 2\ntop right 9 3\n",
            "topRight: (9, 3)\ntopLeft: (1, 2)\nbottomLeft: (0, 6)\nbottomRight: (8, 7.5)\n",
            "{\"bottom_left\": [0, 6], \"tl\": [1, 2], \"tr\": {\"x\": 9, \"y\": 3}, \"br\": [8, 7.5]}",
            "{\"corners\": {\"se\": [8, 7.5], \"sw\": [0, 6], \"nw\": [1, 2], \"ne\": [9, 3]}}",
            "[{\"corner\": \"top-right\", \"x\": 9, \"y\": 3}, {\"corner\": \"top-left\", \"x\": 1, \
             \"y\": 2}, {\"corner\": \"bottom-left\", \"x\": 0, \"y\": 6}, {\"corner\": \
             \"bottom-right corner\", \"x\": 8, \"y\": 7.5}]",
            // Without names, as they come.
            "x,y\n1,2\n9,3\n8,7.5\n0,6\n",
            "name,x,y\na,1,2\nb,9,3\nc,8,7.5\nd,0,6\n",
        ] {
            assert_eq!(parse_corners(text, Order::Xy).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn corners_that_repeat_or_lack_a_name_are_refused() {
        for text in [
            "corner,x,y\ntl,0,6\ntl,1,2\nbr,8,7.5\ntr,9,3\n",
            "corner,x,y\ntl,0,6\n,1,2\nbr,8,7.5\ntr,9,3\n",
            "corner,x,y\ntl,0,6\nbl,1,2\nbr,8,7.5\ntr,9,3\nmiddle,5,5\n",
            "{\"tl\": [0, 6], \"tr\": [1, 2], \"br\": [8, 7.5]}",
        ] {
            let message = parse_corners(text, Order::Xy).unwrap_err().to_string();
            assert!(
                message.contains("top-left, top-right, bottom-right, bottom-left"),
                "{message}"
            );
        }
    }
}
