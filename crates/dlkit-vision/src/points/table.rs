//! Reads points from words in lines.

use super::Order;
use super::commas::decimal_rows;
use super::error::PointsErrorKind;
use super::names::{PairColumns, PointColumns, Unclear, pair_columns, point_columns};
use super::text::{
    fields, first_comments, holds_many, is_header, lines, numbered_pieces, numbers, pieces,
    unended, words,
};
use crate::homography::{Correspondence, Point, Side};

/// The columns of a line of a pair.
const PAIR: &str = "x y u v (source, then target)";
/// The columns of a line of a point.
const POINT: &str = "x y, or name the columns in the first line";
/// The columns of a line below a line of names.
const NAMED: &str = "one for each name in the first line";

/// Reads pairs, one a line; `;` also ends a line if no more than one pair precedes it. Below a line
/// of names, columns are found by their names, other columns are ignored, and so is the order.
pub(super) fn pairs(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let (names, rows) = head(text, |names| pair_columns(names))?;
    if let Some(names) = &names {
        return named_pairs(names, rows);
    }
    let mut pairs = Vec::new();
    if let Some(rows) = decimal_rows(&rows, 4)? {
        for (number, row) in rows {
            pairs.push(order.pair(numbers(number, of_words(&row))?));
        }
        return Ok(pairs);
    }
    for (number, line) in rows {
        for (number, words) in numbered_pieces(text, number, line) {
            let (found, expected, meaning) = (words.len(), 4, PAIR);
            let (quads, rest) = words.as_chunks::<4>();
            if !rest.is_empty() || quads.len() != 1 && !holds_many(text, line) {
                return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
            }
            for quad in quads {
                pairs.push(order.pair(numbers(number, *quad)?));
            }
        }
    }
    if pairs.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(pairs) }
}

/// Reads points as typed: all numbers in order, two by two.
pub(super) fn typed_points(text: &str, order: Order) -> Result<Vec<Point>, PointsErrorKind> {
    let mut points = Vec::new();
    let pieces = lines(text).flat_map(|(number, line)| numbered_pieces(text, number, line));
    for (number, words) in pieces {
        let (pairs, rest) = words.as_chunks::<2>();
        for pair in pairs {
            points.push(order.point(numbers(number, *pair)?));
        }
        if !rest.is_empty() {
            return Err(PointsErrorKind::Columns {
                line: number,
                found: words.len(),
                expected: words.len() + 1,
                meaning: "x,y of each point",
            });
        }
    }
    if points.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(points) }
}

/// Reads the points of a file, one a line, or many as `x,y x,y`. Of columns with the names of pairs,
/// those of a side are read.
pub(super) fn points(text: &str, order: Order, side: Side) -> Result<Vec<Point>, PointsErrorKind> {
    let (names, rows) = head(text, |names| point_columns(names, side))?;
    let mut points = Vec::new();
    let decimals = if names.is_none() { decimal_rows(&rows, 2)? } else { None };
    if let Some(rows) = decimals {
        for (number, row) in rows {
            points.push(order.point(numbers(number, of_words(&row))?));
        }
        return Ok(points);
    }
    for (number, line) in rows {
        if let Some(names) = &names {
            let PointColumns { x, y, .. } = names.columns;
            for row in names.rows(number, line)? {
                let [x, y] = decimal(number, [row[x], row[y]])?;
                points.push(Point::new(x, y));
            }
            continue;
        }
        for (number, words) in numbered_pieces(text, number, line) {
            let (found, expected, meaning) = (words.len(), 2, POINT);
            let (couples, rest) = words.as_chunks::<2>();
            let is_many = || holds_many(text, line) || lines(text).nth(1).is_none();
            if !rest.is_empty() || couples.len() != 1 && !is_many() {
                return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
            }
            for couple in couples {
                points.push(order.point(numbers(number, *couple)?));
            }
        }
    }
    if names.is_some_and(|names| names.columns.is_up) {
        turn_down(points.iter_mut().map(|point| &mut point.y));
    }
    if points.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(points) }
}

/// The first words of a row.
fn of_words<const N: usize>(row: &[String]) -> [&str; N] {
    std::array::from_fn(|index| row.get(index).map_or("", String::as_str))
}

/// Turns y of pictures that points up, and so is negative, as QGIS has it.
fn turn_down<'a>(coordinates: impl Iterator<Item = &'a mut f64>) {
    let coordinates: Vec<&mut f64> = coordinates.collect();
    if coordinates.iter().map(|y| **y).sum::<f64>() < 0.0 {
        for y in coordinates {
            *y = 0.0 - *y;
        }
    }
}

/// A first line with names of columns.
pub(super) struct Names<C> {
    /// The separator of the columns; none for spaces.
    separator: Option<char>,
    /// Columns.
    count: usize,
    /// The columns of the coordinates.
    pub(super) columns: C,
    /// The column that says whether a row counts, in files of QGIS.
    enable: Option<usize>,
}

/// A line and its number.
pub(super) type Line<'a> = (usize, &'a str);

/// Divides a table into its names, if it has any, and the lines after them. Names are those of the
/// last line without numbers before the first one with numbers, or of a comment before it, if they
/// are all understood.
pub(super) fn head<C>(
    text: &str,
    columns: impl Fn(&[&str]) -> Result<C, Unclear>,
) -> Result<(Option<Names<C>>, Vec<Line<'_>>), PointsErrorKind> {
    let mut rows: Vec<Line> = lines(text).collect();
    let headers = rows.iter().take_while(|(_, line)| is_header(line)).count();
    let data = rows.split_off(headers);
    let Some(&(_, first)) = data.first() else { return Ok((None, data)) };
    let mut unclear = None;
    for (number, line) in rows.into_iter().rev() {
        match Names::of(line, &columns) {
            Ok(names) => return Ok((Some(names), data)),
            Err(kind) => unclear = unclear.or(Some((number, line, kind))),
        }
    }
    if let Some((line, names, kind)) = unclear {
        let names = fields(unended(names), separator(names)).join(", ");
        return Err(match kind {
            Unclear::Unknown => PointsErrorKind::UnknownNames { line, names },
            Unclear::Ambiguous => PointsErrorKind::AmbiguousNames { line, names },
        });
    }
    let width = words(first).len();
    let commented = first_comments(text).filter_map(|(_, line)| Names::of(line, &columns).ok());
    Ok((commented.filter(|names| names.count == width).last(), data))
}

fn separator(line: &str) -> Option<char> {
    [',', ';', '\t'].into_iter().find(|separator| line.contains(*separator))
}

impl<C> Names<C> {
    fn of(line: &str, columns: impl Fn(&[&str]) -> Result<C, Unclear>) -> Result<Self, Unclear> {
        let separator = separator(line);
        let names = fields(unended(line), separator);
        let enable = names.iter().position(|name| *name == "enable");
        Ok(Self { separator, count: names.len(), columns: columns(&names)?, enable })
    }

    /// The rows of a line, each with as many columns as there are names: one, separated as the
    /// names are, or else rows as in a table without names. Rows that do not count are left out.
    pub(super) fn rows<'a>(
        &self,
        number: usize,
        line: &'a str,
    ) -> Result<Vec<Vec<&'a str>>, PointsErrorKind> {
        // A semicolon may end the line, or precede an empty last column.
        let whole = [unended(line), line].map(|line| fields(line, self.separator));
        let whole = whole.into_iter().find(|columns| columns.len() == self.count);
        let parts = || pieces(line).map(words).filter(|words| !words.is_empty()).collect();
        let rows: Vec<Vec<&str>> = whole.map_or_else(parts, |columns| vec![columns]);
        if let Some(row) = rows.iter().find(|row| row.len() != self.count) {
            let (found, expected, meaning) = (row.len(), self.count, NAMED);
            return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
        }
        let counts = |row: &Vec<&str>| self.enable.is_none_or(|column| row[column] != "0");
        Ok(rows.into_iter().filter(counts).collect())
    }
}

/// The pairs below a line of names. QGIS has the y of pictures point up, so that it is negative.
fn named_pairs(
    names: &Names<PairColumns>,
    lines: Vec<Line>,
) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let PairColumns { source, target, is_qgis } = names.columns;
    let mut pairs = Vec::new();
    for (number, line) in lines {
        for row in names.rows(number, line)? {
            let places = [source.x, source.y, target.x, target.y];
            let [x, y, u, v] = decimal(number, places.map(|place| row[place]))?;
            pairs.push(Correspondence::new(x, y, u, v));
        }
    }
    if is_qgis {
        turn_down(pairs.iter_mut().map(|pair| &mut pair.source.y));
    }
    if pairs.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(pairs) }
}

/// The numbers of columns, with decimal points or commas.
pub(super) fn decimal<const N: usize>(
    line: usize,
    words: [&str; N],
) -> Result<[f64; N], PointsErrorKind> {
    let pointed = words.map(|word| word.replacen(',', ".", 1));
    // The words as they are written, for the message.
    numbers(line, std::array::from_fn(|index| &*pointed[index]))
        .map_err(|error| numbers(line, words).err().unwrap_or(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_csv_text_and_typed_pairs() {
        let expected =
            [Correspondence::new(1.0, 2.0, 3.0, 4.0), Correspondence::new(-5.5, 6.0, 7.0, 8e1)];
        for text in [
            "1,2 3,4; -5.5,6 7,80",
            "1,2 3,4;-5.5,6 7,80;",
            "x,y,u,v\n1,2,3,4\n-5.5,6,7,80\n",
            "\"x\";\"y\";\"u\";\"v\"\n1;2;3;4\n-5.5;6;7;80\n",
            "1; 2; 3; 4\n-5.5; 6; 7; 80\n",
            "# by hand\n1 2 3 4 # corner\n\n-5.5\t6\t7\t80\r\n",
            "u,v,x,y\n3,4,1,2\n7,80,-5.5,6",
            "my points\nx y u v\n1 2 3 4\n-5.5 6 7 8e1",
            "id,x,y,u,v,score\na,1,2,3,4,0.9\nb,-5.5,6,7,80,0.2",
            "x,y,u,v\n1,2,3,4;\n-5.5,6 7,80;\n",
            "x,y,u,v\n1,2,3,4; -5.5,6,7,80",
            // Fields may hold spaces or quoted separators, or be empty.
            "point name,x,y,u,v\nleft eye,1,2,3,4\n\"chin, 2\",-5.5,6,7,80",
            "point name;x;y;u;v\neye 1;1;2;3;4\n;-5.5;6;7;80",
            "x;y;u;v;note;\n1;2;3;4;far;\n-5.5;6;7;80;;",
            // Names in any order, and of any kind.
            "dst_x,dst_y,src_x,src_y\n3,4,1,2\n7,80,-5.5,6",
            "row,col,row2,col2\n2,1,4,3\n6,-5.5,80,7",
            "# X2 Y2 X1 Y1\n3 4 1 2\n7 80 -5.5 6",
            // Decimal commas.
            "x;y;u;v\n1,0;2;3;4\n-5,5;6;7;80",
            "1,0;2;3;4\n-5,5;6;7;80",
            "1\t2\t3\t4,0\n-5,5\t6\t7\t80",
            // As ImageMagick has it.
            "1,2 3,4  -5.5,6 7,80",
            "1,2,3,4  -5.5,6,7,80",
            "-distort Perspective '1,2 3,4 \\\n  -5.5,6 7,80'",
            // In brackets.
            "(1, 2) -> (3, 4)\n(-5.5, 6) -> (7, 80)",
            "[1 2 3 4]\n[-5.5 6 7 80]",
        ] {
            assert_eq!(pairs(text, Order::Xy).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn names_the_wrong_line() {
        for (text, expected) in [
            ("1,2,3,4\n5,6,7\n", "line 2: 3 numbers; write 4"),
            ("1,2 3,4; 5,6 7,8,9", "line 2: 5 numbers"),
            ("1,2,3,4;\n5,6,7,8;\n\n9,10,11;\n", "line 4: 3 numbers"),
            ("# a comment\n1 2 3 4;\n5 6 seven 8;", "line 3: `seven` is not a number"),
            ("x,y,u,v\n1,2,3,4;\n5,,7,8;", "line 3: `` is not a number"),
            ("1,2,3,4,0.9", "line 1: 5 numbers; write 4"),
            ("1,2,3,4,0.9,1,1,1\n1,2,3,4,0.9,1,1,1", "line 1: 8 numbers; write 4"),
            ("x,y,u,v,score\n1,2,3,4,5\n1,2,3,4", "line 3: 4 numbers; write 5: one for each"),
            ("x;y;u;v\n1,5,2;2;3;4", "line 2: `1,5,2` is not a number"),
            ("1 2 3 4\n5 six 7 8", "line 2: `six` is not a number"),
            ("1 2 3 nan", "line 1: `nan` is not a finite"),
            ("1 2 3 inf", "not a finite"),
            ("1,2 3,4 5,6", "line 1: 6 numbers"),
            ("", "no points"),
            ("# nothing\n", "no points"),
            ("x,y,u,v\n", "no points"),
            (
                "left top right bottom\n1 2 3 4",
                "line 1: the column names `left, top, right, bottom`",
            ),
            ("x,y,X,Y\n1,2,3,4", "do not say which four are the x and y of source and target"),
        ] {
            let message = pairs(text, Order::Xy).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn names_win_over_the_order() {
        let expected = [Correspondence::new(1.0, 2.0, 3.0, 4.0)];
        for text in
            ["x,y,u,v\n1,2,3,4", "v u y x\n4 3 2 1", "row,col,row2,col2\n2,1,4,3", "2,1 4,3"]
        {
            assert_eq!(pairs(text, Order::RowColumn).unwrap(), expected, "{text:?}");
        }
        assert_eq!(typed_points("2,1", Order::RowColumn).unwrap(), [Point::new(1.0, 2.0)]);
    }

    /// As QGIS writes it: y points up, and points may be switched off.
    #[test]
    fn sources_of_qgis_are_turned_in_lists_of_points_too() {
        let text = "mapX,mapY,sourceX,sourceY,enable\n1,2,30,-40,1\n3,4,50,-60,1\n";
        let found = points(text, Order::Xy, Side::Source).unwrap();
        assert_eq!(found, [Point::new(30.0, 40.0), Point::new(50.0, 60.0)]);
        let found = points(text, Order::Xy, Side::Target).unwrap();
        assert_eq!(found, [Point::new(1.0, 2.0), Point::new(3.0, 4.0)]);
    }

    #[test]
    fn points_of_qgis_are_turned_and_left_out() {
        let crs = "#CRS: PROJCRS[\"WGS 84 / UTM zone 33N\"]\n";
        for names in ["mapX,mapY,pixelX,pixelY", "mapX,mapY,sourceX,sourceY"] {
            let text = format!(
                "{crs}{names},enable,dX,dY,residual\n7,-8,1,-2,1,0,0,0\n5,5,5,-5,0,0,0,0\n\
                 9,-1,3,0.5,1,0,0,0\n"
            );
            let expected = [
                Correspondence::new(1.0, 2.0, 7.0, -8.0),
                Correspondence::new(3.0, -0.5, 9.0, -1.0),
            ];
            assert_eq!(pairs(&text, Order::Xy).unwrap(), expected, "{names}");
        }
        let down = "mapX,mapY,sourceX,sourceY\n7,-8,1,2\n";
        let expected = [Correspondence::new(1.0, 2.0, 7.0, -8.0)];
        assert_eq!(pairs(down, Order::Xy).unwrap(), expected);
    }

    #[test]
    fn reads_typed_points() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        for text in ["1,2 3,4", "1 2\n3 4", "1,2; 3,4", "(1, 2), (3, 4)"] {
            assert_eq!(typed_points(text, Order::Xy).unwrap(), expected, "{text}");
        }
        let message = typed_points("1,2 3", Order::Xy).unwrap_err().to_string();
        assert!(message.contains("3 numbers; write 4: x,y of each point"), "{message}");
    }

    #[test]
    fn reads_points_of_files() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        for text in [
            "1 2\n3 4",
            "1,2 3,4",
            "1 2 3 4",
            "x,y\n1,2\n3,4",
            "row;col\n2;1\n4;3",
            "id,v,u\na,2,1\nb,4,3",
            "u,v,x,y\n0,0,1,2\n0,0,3,4",
        ] {
            assert_eq!(points(text, Order::Xy, Side::Source).unwrap(), expected, "{text}");
        }
        let of_targets = points("x,y,u,v\n0,0,1,2\n0,0,3,4", Order::Xy, Side::Target).unwrap();
        assert_eq!(of_targets, expected);
        for (text, expected) in [
            ("1 2 3 4\n5 6 7 8", "line 1: 4 numbers; write 2: x y"),
            ("1 2\n3", "line 2: 1 number; write 2"),
            ("left,top\n1,2", "the column names `left, top` are not understood"),
            ("x,y\n1,two", "line 2: `two` is not a number"),
        ] {
            let message = points(text, Order::Xy, Side::Source).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
