//! Lines and words of tables of points.

use super::error::PointsErrorKind;

/// Fewest numbers of a single line that are read as many points: four pairs.
const FEWEST_IN_ONE_LINE: usize = 16;

/// The lines that are not empty, with their numbers, without comments, trailing backslashes and the
/// name of ImageMagick's option.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let whole = text.lines().map(|line| line.split('#').next().unwrap_or(line).trim());
    let unbroken = whole.map(|line| line.strip_suffix('\\').unwrap_or(line).trim_end());
    (1..).zip(unbroken.map(without_option)).filter(|(_, line)| !words(line).is_empty())
}

/// The comments at the start of a text, with the numbers of their lines.
pub(super) fn first_comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let comments = text
        .lines()
        .map(str::trim)
        .map_while(|line| if line.is_empty() { Some("") } else { line.strip_prefix('#') });
    (1..).zip(comments)
}

/// The points of a line with ImageMagick's `-distort METHOD 'POINTS'`; other lines as they are.
fn without_option(line: &str) -> &str {
    let Some((_, after)) =
        line.split_once("distort ").filter(|(before, _)| before.ends_with(['-', '+']))
    else {
        return line;
    };
    let (_, points) = after.trim_start().split_once(char::is_whitespace).unwrap_or((after, ""));
    let points = points.trim_start();
    let quoted = |quote: char| points.strip_prefix(quote)?.split(quote).next();
    quoted('\'').or_else(|| quoted('"')).unwrap_or(points)
}

/// A line without the semicolon that ends it.
pub(super) fn unended(line: &str) -> &str {
    let line = line.trim_end();
    line.strip_suffix(';').unwrap_or(line)
}

/// The columns of a line between separators; separators within quotes are ignored.
pub(super) fn fields(line: &str, separator: Option<char>) -> Vec<&str> {
    let Some(separator) = separator else { return words(line) };
    let mut quoted = false;
    let fields = line.split(|character: char| {
        quoted ^= character == '"';
        character == separator && !quoted
    });
    fields.map(|field| field.trim().trim_matches('"').trim()).collect()
}

/// The words between spaces, commas, semicolons, brackets and arrows.
pub(super) fn words(line: &str) -> Vec<&str> {
    let words =
        line.split(|part: char| part.is_whitespace() || ",;()[]{}|>\u{2192}".contains(part));
    words
        .map(|word| word.trim_matches(['"', '\'']))
        .filter(|word| !word.is_empty() && !["-", "="].contains(word))
        .collect()
}

/// The pieces of a line, each with its words and its number: that of the line or, in a single line,
/// of the piece.
pub(super) fn numbered_pieces<'a>(
    text: &str,
    line_number: usize,
    line: &'a str,
) -> impl Iterator<Item = (usize, Vec<&'a str>)> {
    let is_single = text.trim().lines().nth(1).is_none();
    pieces(line).enumerate().filter_map(move |(index, piece)| {
        let number = if is_single { index + 1 } else { line_number };
        let words = words(piece);
        (!words.is_empty()).then_some((number, words))
    })
}

/// A semicolon ends a line as typed (`1,2 3,4; 5,6 7,8`), and separates numbers in a CSV file
/// (`1;2;3;4`): it ends a line if commas or spaces separate numbers too.
pub(super) fn pieces(line: &str) -> impl Iterator<Item = &str> {
    // Digits after a semicolon and a space, as in `1; 2; 3; 4`, are numbers of one line.
    let single = line.split(';').all(|piece| piece.split_whitespace().count() <= 1);
    let ends = !single || line.contains(',');
    let most = if ends { usize::MAX } else { 1 };
    line.splitn(most, ';')
}

/// Whether a line with the numbers of several points is meant so, not as a row of a table: its
/// words are `x,y`, or `x,y,u,v`, or all points are in this one line.
///
/// # References
/// ImageMagick, Examples, Distorting Images: control points.
pub(super) fn holds_many(text: &str, line: &str) -> bool {
    let commas = |word: &str| word.trim_matches([',', '"', '\'']).matches(',').count();
    let mut counts = line.split_whitespace().map(commas);
    let first = counts.next().unwrap_or_default();
    if [1, 3].contains(&first) && counts.all(|count| count == first) {
        return true;
    }
    words(line).len() >= FEWEST_IN_ONE_LINE && lines(text).nth(1).is_none()
}

pub(super) fn numbers<const N: usize>(
    line: usize,
    words: [&str; N],
) -> Result<[f64; N], PointsErrorKind> {
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

/// Whether no word is a number, so that a line is one of names.
pub(super) fn is_header(line: &str) -> bool {
    words(line).iter().all(|word| word.parse::<f64>().is_err() && !starts_as_number(word))
}

/// Whether a word is a number with something wrong in it.
fn starts_as_number(word: &str) -> bool {
    word.trim_start_matches(['-', '+']).starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_one_line_are_told_from_a_row() {
        let single = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
        for (text, expected) in [
            ("7,40 4,30  4,124 4,123", true),
            ("7,40,4,30 4,124,4,123", true),
            ("7,40, 4,30, 4,124, 4,123,", true),
            ("1,2,3,4,0.9,1", false),
            ("1 2 3 4 5 6 7 8", false),
            ("1,2 3", false),
            (single, true),
        ] {
            assert_eq!(holds_many(text, text), expected, "{text}");
        }
        assert!(!holds_many(&format!("{single}\n{single}"), single));
    }

    #[test]
    fn words_are_between_brackets_and_arrows() {
        for line in
            ["(1, -2) -> (3, 4)", "[1 -2] [3 4]", "{1,-2},{3,4}", "'1,-2 3,4'", "1,-2 => 3,4"]
        {
            assert_eq!(words(line), ["1", "-2", "3", "4"], "{line}");
        }
        let option = "-distort Perspective '1,2 3,4 \\";
        assert_eq!(
            lines(option).map(|(_, line)| words(line)).next().unwrap(),
            ["1", "2", "3", "4"]
        );
    }
}
