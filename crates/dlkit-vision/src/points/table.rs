//! Points as words in lines.

use super::error::PointsErrorKind;
use crate::homography::{Correspondence, Point};

/// The columns of a line of a pair.
const PAIR: &str = "x y u v (source, then target)";
/// The columns of a line below a line of names.
const NAMED: &str = "one for each name in the first line";

/// Pairs, one a line; `;` also ends a line where lines have no more than one pair before it. Below
/// names with x, y, u and v among them, other columns are left aside.
pub(super) fn pairs(text: &str) -> Result<Vec<Correspondence>, PointsErrorKind> {
    let mut pairs = Vec::new();
    let (mut columns, mut expected, mut meaning) = ([0, 1, 2, 3], 4, PAIR);
    for (number, words) in lines(text) {
        if pairs.is_empty() && words.iter().all(|word| word.parse::<f64>().is_err()) {
            // A line of names; where they are known, they decide the order.
            if let Some(named) = named_columns(&words) {
                (columns, expected, meaning) = (named, words.len(), NAMED);
            }
            continue;
        }
        if words.len() != expected {
            let found = words.len();
            return Err(PointsErrorKind::Columns { line: number, found, expected, meaning });
        }
        let numbers = numbers(number, &columns.map(|column| words[column]))?;
        if let [x, y, u, v] = numbers[..] {
            pairs.push(Correspondence::new(x, y, u, v));
        }
    }
    if pairs.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(pairs) }
}

/// Points: all numbers in order, two by two.
pub(super) fn points(text: &str) -> Result<Vec<Point>, PointsErrorKind> {
    let mut points = Vec::new();
    for (number, words) in lines(text) {
        let numbers = numbers(number, &words)?;
        let (pairs, rest) = numbers.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(PointsErrorKind::Columns {
                line: number,
                found: words.len(),
                expected: words.len() + 1,
                meaning: "x,y of each point",
            });
        }
        points.extend(pairs.iter().map(|[x, y]| Point::new(*x, *y)));
    }
    if points.is_empty() { Err(PointsErrorKind::Empty) } else { Ok(points) }
}

/// Where x, y, u, v stand among names.
fn named_columns(names: &[&str]) -> Option<[usize; 4]> {
    let at = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    Some([at("x")?, at("y")?, at("u")?, at("v")?])
}

/// The words of each line that has some, with the number of the line.
///
/// A semicolon ends a line as typed (`1,2 3,4; 5,6 7,8`) and parts numbers in a CSV file
/// (`1;2;3;4`): it ends a line where a comma or space parts numbers too.
fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    let parted = |line: &str| line.trim().contains([',', ' ', '\t']);
    let mut number = 0;
    let uncommented = text.lines().map(|line| line.split('#').next().unwrap_or(line));
    let pieces = uncommented.flat_map(move |line| {
        // Digits after a semicolon and a space, as in `1; 2; 3; 4`, are numbers of one line.
        let single = line.split(';').all(|piece| piece.split_whitespace().count() <= 1)
            && !line.contains(',');
        let ends = !single && parted(line);
        if ends { line.split(';').collect::<Vec<_>>() } else { vec![line] }
    });
    pieces
        .map(move |line| {
            number += 1;
            let words = line.split(|part: char| part.is_whitespace() || ",;".contains(part));
            (number, words.map(|word| word.trim_matches('"')).filter(|word| !word.is_empty()))
        })
        .map(|(number, words)| (number, words.collect::<Vec<_>>()))
        .filter(|(_, words)| !words.is_empty())
}

fn numbers(line: usize, words: &[&str]) -> Result<Vec<f64>, PointsErrorKind> {
    words
        .iter()
        .map(|word| match word.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(PointsErrorKind::NotFinite { line, word: (*word).to_owned() }),
            Err(_) => Err(PointsErrorKind::Number { line, word: (*word).to_owned() }),
        })
        .collect()
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
        ] {
            assert_eq!(pairs(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn says_which_line_is_wrong() {
        for (text, expected) in [
            ("1,2,3,4\n5,6,7\n", "line 2: 3 numbers; 4 are needed"),
            ("1,2 3,4; 5,6 7,8,9", "line 2: 5 numbers"),
            ("1,2,3,4,0.9", "line 1: 5 numbers; 4 are needed"),
            ("x,y,u,v,score\n1,2,3,4,5\n1,2,3,4", "line 3: 4 numbers; 5 are needed: one for each"),
            ("1 2 3 4\n5 six 7 8", "line 2: `six` is no number"),
            ("1 2 3 nan", "line 1: `nan` is not finite"),
            ("1 2 3 inf", "not finite"),
            ("", "holds no points"),
            ("# nothing\n", "holds no points"),
        ] {
            let message = pairs(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn reads_points() {
        let expected = [Point::new(1.0, 2.0), Point::new(3.0, 4.0)];
        for text in ["1,2 3,4", "1 2\n3 4", "1,2; 3,4"] {
            assert_eq!(points(text).unwrap(), expected, "{text}");
        }
        let message = points("1,2 3").unwrap_err().to_string();
        assert!(message.contains("3 numbers; 4 are needed: x,y of each point"), "{message}");
    }
}
