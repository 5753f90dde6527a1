//! Reads points from words in lines.

use super::Order;
use super::error::PointsErrorKind;
use crate::homography::{Correspondence, Point};

/// The columns of a line of a pair.
const PAIR: &str = "x y u v (source, then target)";
/// The columns of a line below a line of names.
const NAMED: &str = "one for each name in the first line";

/// Reads pairs, one a line; `;` also ends a line if no more than one pair precedes it. Below a line
/// with the names of `NAMES`, other columns are ignored, and so is the order.
pub(super) fn pairs(text: &str, order: Order) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let mut pairs = Vec::new();
    let mut names: Option<Names> = None;
    for (number, line) in lines(text) {
        if pairs.is_empty() && words(line).iter().all(|word| word.parse::<f64>().is_err()) {
            // A line of names; known names set the order of the columns.
            names = Names::of(line).or(names);
            continue;
        }
        if let Some(names) = &names {
            for [x, y, u, v] in names.pairs(number, line)? {
                pairs.push(Correspondence::new(x, y, u, v));
            }
            continue;
        }
        for (number, words) in numbered_pieces(text, number, line) {
            let found = words.len();
            let [x, y, u, v] = words[..] else {
                let (expected, meaning) = (4, PAIR);
                return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
            };
            pairs.push(order.pair(numbers(number, [x, y, u, v])?));
        }
    }
    if pairs.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(pairs) }
}

/// Reads points: all numbers in order, two by two.
pub(super) fn points(text: &str, order: Order) -> Result<Vec<Point>, PointsErrorKind> {
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

/// The names of the columns: as in a table of points, and as in tables of matches.
const NAMES: [[&str; 4]; 3] =
    [["x", "y", "u", "v"], ["x", "y", "x2", "y2"], ["x1", "y1", "x2", "y2"]];

/// A first line with the names of the four coordinates.
struct Names {
    /// The separator of the columns; none for spaces.
    separator: Option<char>,
    /// Columns.
    count: usize,
    /// The columns of x, y, u and v.
    places: [usize; 4],
}

impl Names {
    fn of(line: &str) -> Option<Self> {
        let separator = [',', ';', '\t'].into_iter().find(|separator| line.contains(*separator));
        let names = fields(unended(line), separator);
        let at = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let places_of = |[x, y, u, v]: [&str; 4]| Some([at(x)?, at(y)?, at(u)?, at(v)?]);
        let places = NAMES.into_iter().find_map(places_of)?;
        Some(Self { separator, count: names.len(), places })
    }

    /// Reads the pairs of a line: one pair, separated as the names are, or else pairs as in a table
    /// without names.
    fn pairs(&self, number: usize, line: &str) -> Result<Vec<[f64; 4]>, PointsErrorKind> {
        // A semicolon may end the line, or precede an empty last column.
        let whole = [unended(line), line].map(|line| fields(line, self.separator));
        let whole = whole.into_iter().find(|columns| columns.len() == self.count);
        let parts = || pieces(line).map(words).filter(|words| !words.is_empty()).collect();
        let rows = whole.map_or_else(parts, |columns| vec![columns]);
        let pair = |columns: Vec<&str>| {
            if columns.len() != self.count {
                let (found, expected, meaning) = (columns.len(), self.count, NAMED);
                return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
            }
            numbers(number, self.places.map(|place| columns[place]))
        };
        rows.into_iter().map(pair).collect()
    }
}

/// A line without the semicolon that ends it.
fn unended(line: &str) -> &str {
    let line = line.trim_end();
    line.strip_suffix(';').unwrap_or(line)
}

/// The columns of a line between separators; separators within quotes are ignored.
fn fields(line: &str, separator: Option<char>) -> Vec<&str> {
    let Some(separator) = separator else { return words(line) };
    let mut quoted = false;
    let fields = line.split(|character: char| {
        quoted ^= character == '"';
        character == separator && !quoted
    });
    fields.map(|field| field.trim().trim_matches('"').trim()).collect()
}

/// The words between spaces, commas and semicolons.
fn words(line: &str) -> Vec<&str> {
    let words = line.split(|part: char| part.is_whitespace() || ",;".contains(part));
    words.map(|word| word.trim_matches('"')).filter(|word| !word.is_empty()).collect()
}

/// The lines that are not empty, without comments, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let uncommented = text.lines().map(|line| line.split('#').next().unwrap_or(line));
    (1..).zip(uncommented).filter(|(_, line)| !words(line).is_empty())
}

/// The words of each part of a line between semicolons that end lines, with the number of the line.
/// If there is only one line, as in typed pairs, the number is that of the part.
fn numbered_pieces<'a>(
    text: &str,
    number: usize,
    line: &'a str,
) -> impl Iterator<Item = (usize, Vec<&'a str>)> + use<'a> {
    let is_only = text.trim().lines().nth(1).is_none();
    (1..)
        .zip(pieces(line))
        .map(move |(part, piece)| (if is_only { part } else { number }, words(piece)))
        .filter(|(_, words)| !words.is_empty())
}

/// The parts of a line between semicolons that end lines.
///
/// A semicolon ends a line as typed (`1,2 3,4; 5,6 7,8`), and separates numbers in a CSV file
/// (`1;2;3;4`): it ends a line if commas or spaces separate numbers too.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    // Digits after a semicolon and a space, as in `1; 2; 3; 4`, are numbers of one line.
    let single = line.split(';').all(|piece| piece.split_whitespace().count() <= 1);
    let ends = !single || line.contains(',');
    let most = if ends { usize::MAX } else { 1 };
    line.splitn(most, ';')
}

fn numbers<const N: usize>(line: usize, words: [&str; N]) -> Result<[f64; N], PointsErrorKind> {
    let mut numbers = [0.0; N];
    for (number, word) in numbers.iter_mut().zip(words) {
        *number = match word.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            Ok(_) => return Err(PointsErrorKind::NotFinite { line, word: word.to_owned() }),
            Err(_) => return Err(PointsErrorKind::Number { line, word: word.to_owned() }),
        };
    }
    Ok(numbers)
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
            "left top right bottom\n1 2 3 4\n-5.5 6 7 8e1",
            "id,x,y,u,v,score\na,1,2,3,4,0.9\nb,-5.5,6,7,80,0.2",
            "x,y,u,v\n1,2,3,4;\n-5.5,6 7,80;\n",
            "x,y,u,v\n1,2,3,4; -5.5,6,7,80",
            // Fields may hold spaces or quoted separators, or be empty.
            "point name,x,y,u,v\nleft eye,1,2,3,4\n\"chin, 2\",-5.5,6,7,80",
            "point name;x;y;u;v\neye 1;1;2;3;4\n;-5.5;6;7;80",
            "x;y;u;v;note;\n1;2;3;4;far;\n-5.5;6;7;80;;",
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
            ("x,y,u,v,score\n1,2,3,4,5\n1,2,3,4", "line 3: 4 numbers; write 5: one for each"),
            ("1 2 3 4\n5 six 7 8", "line 2: `six` is not a number"),
            ("1 2 3 nan", "line 1: `nan` is not a finite"),
            ("1 2 3 inf", "not a finite"),
            ("", "no points"),
            ("# nothing\n", "no points"),
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
        assert_eq!(points("2,1", Order::RowColumn).unwrap(), [Point::new(1.0, 2.0)]);
    }

    #[test]
    fn reads_points() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        for text in ["1,2 3,4", "1 2\n3 4", "1,2; 3,4"] {
            assert_eq!(points(text, Order::Xy).unwrap(), expected, "{text}");
        }
        let message = points("1,2 3", Order::Xy).unwrap_err().to_string();
        assert!(message.contains("3 numbers; write 4: x,y of each point"), "{message}");
    }
}
