//! Decimal commas in tables without names: `1,5;2;3,25;4`.

use super::error::PointsErrorKind;
use super::text::{fields, unended};

/// The number of a line, and its numbers with decimal points.
pub(super) type DecimalRow = (usize, Vec<String>);

/// The rows of a table with decimal commas, with decimal points instead: lines of `width` numbers between
/// semicolons or tabs. None if commas separate numbers, or there are none.
///
/// # Errors
/// Each number has a comma, so that the line may as well be several points `x,y`.
pub(super) fn decimal_rows(
    rows: &[(usize, &str)],
    width: usize,
) -> Result<Option<Vec<DecimalRow>>, PointsErrorKind> {
    let mut found: Vec<(usize, Vec<&str>)> = Vec::new();
    for &(number, line) in rows {
        let Some(numbers) = numbers_of(line, width) else { return Ok(None) };
        found.push((number, numbers));
    }
    let numbers = || found.iter().flat_map(|(_, numbers)| numbers);
    let with_comma = numbers().filter(|number| number.contains(',')).count();
    if with_comma == 0 {
        return Ok(None);
    }
    if with_comma == numbers().count() {
        let first = rows.first().filter(|_| rows.len() > 1 && may_be_points(rows, width));
        return match first {
            Some(&(line, text)) => {
                Err(PointsErrorKind::Commas { line, text: unended(text).to_owned() })
            }
            // Of pairs, no other reading has four numbers; a single line is as typed.
            None if rows.len() == 1 => Ok(None),
            None => Ok(Some(pointed(&found))),
        };
    }
    Ok(Some(pointed(&found)))
}

/// Whether `x,y` between the separators may be points of a table, or pairs of points.
fn may_be_points(rows: &[(usize, &str)], width: usize) -> bool {
    width == 2 || rows.iter().all(|(_, line)| !line.contains(';'))
}

fn pointed(rows: &[(usize, Vec<&str>)]) -> Vec<DecimalRow> {
    let point = |number: &&str| number.replace(',', ".");
    rows.iter().map(|(line, numbers)| (*line, numbers.iter().map(point).collect())).collect()
}

/// The numbers of a line between semicolons or tabs, each with at most one comma in place of the
/// decimal point; none if the line has another form.
fn numbers_of(line: &str, width: usize) -> Option<Vec<&str>> {
    let separator = [';', '\t'].into_iter().find(|separator| line.contains(*separator))?;
    let numbers = fields(unended(line), Some(separator));
    let is_number = |number: &&str| {
        let has_one = !number.contains('.') || !number.contains(',');
        has_one && number.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite)
    };
    (numbers.len() == width && numbers.iter().all(is_number)).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&'static str], width: usize) -> Result<Option<Vec<Vec<String>>>, String> {
        let rows: Vec<(usize, &str)> = (1..).zip(lines.iter().copied()).collect();
        let found = decimal_rows(&rows, width).map_err(|error| error.to_string())?;
        Ok(found.map(|rows| rows.into_iter().map(|(_, numbers)| numbers).collect()))
    }

    #[test]
    fn commas_are_decimal_where_nothing_else_can_be_meant() {
        let one = |numbers: [&str; 4]| Ok(Some(vec![numbers.map(str::to_owned).to_vec()]));
        assert_eq!(read(&["1,5;2;3,25;-4"], 4), one(["1.5", "2", "3.25", "-4"]));
        assert_eq!(read(&["1,5\t2\t3,25\t-4"], 4), one(["1.5", "2", "3.25", "-4"]));
        assert_eq!(read(&["1,5; 2; 3,25; -4;"], 4), one(["1.5", "2", "3.25", "-4"]));
        let all = read(&["1,5;2,5;3,5;4,5", "5,5;6,5;7,5;8,5"], 4).unwrap().unwrap();
        assert_eq!(all[1], ["5.5", "6.5", "7.5", "8.5"]);
        assert_eq!(read(&["1,5;2", "3;4,5"], 2).unwrap().unwrap(), [["1.5", "2"], ["3", "4.5"]]);
        for (lines, width) in [
            (&["1;2;3;4"][..], 4),
            (&["1,2 3,4; 5,6 7,8"], 4),
            (&["1,2;3,4;5,6;7,8"], 4),
            (&["1.5,2;3;4;5"], 4),
            (&["1,2,3;4;5;6"], 4),
            (&["1,5 2 3 4"], 4),
            (&["1,5;2;3;4", "1,2,3,4"], 4),
            (&["1,2; 3,4"], 2),
        ] {
            assert_eq!(read(lines, width), Ok(None), "{lines:?}");
        }
    }

    #[test]
    fn what_may_be_two_things_is_refused() {
        for (lines, width) in
            [(["1,5;2,5", "3,5;4,5"], 2), (["1,5\t2,5\t3,5\t4,5", "5,5\t6,5\t7,5\t8,5"], 4)]
        {
            let message = read(&lines, width).unwrap_err();
            for fact in ["line 1: `1,5", "decimal commas", "name the columns", "decimal points"] {
                assert!(message.contains(fact), "{message}");
            }
        }
    }
}
