//! Numbers in rows and columns.

use serde_json::Value;

use super::error::MatrixProblem;

/// Numbers row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    rows: usize,
    columns: usize,
    numbers: Vec<f64>,
}

impl Grid {
    /// Numbers of given rows and columns.
    pub(super) fn new(
        rows: usize,
        columns: usize,
        numbers: Vec<f64>,
    ) -> Result<Self, MatrixProblem> {
        let found = numbers.len();
        if rows.checked_mul(columns) != Some(found) {
            return Err(MatrixProblem::Length { rows, columns, found });
        }
        Ok(Self { rows, columns, numbers })
    }

    /// An array of one or two axes, besides axes of length 1.
    pub(super) fn of_array(sizes: &[usize], numbers: Vec<f64>) -> Result<Self, MatrixProblem> {
        match *sizes {
            [rows, columns] => Self::new(rows, columns, numbers),
            [count] => Self::new(1, count, numbers),
            [1, ref inner @ ..] => Self::of_array(inner, numbers),
            [ref outer @ .., last] => {
                let rows = outer.iter().fold(1, |rows: usize, size| rows.saturating_mul(*size));
                Err(MatrixProblem::Shape { rows, columns: last })
            }
            [] => Err(MatrixProblem::Shape { rows: 1, columns: 1 }),
        }
    }

    /// Rows of one length.
    pub(super) fn of_rows(rows: &[Vec<f64>]) -> Result<Self, MatrixProblem> {
        let expected = rows.first().map_or(0, Vec::len);
        let wrong = rows.iter().enumerate().find(|(_, row)| row.len() != expected);
        if let Some((index, row)) = wrong {
            return Err(MatrixProblem::Ragged { row: index + 1, found: row.len(), expected });
        }
        Self::new(rows.len(), expected, rows.concat())
    }

    /// A list of numbers, or of rows of numbers.
    pub(super) fn of_value(value: &Value) -> Result<Self, MatrixProblem> {
        let Value::Array(items) = value else { return Err(MatrixProblem::None) };
        match &items[..] {
            [only @ Value::Array(inner)] if inner.first().is_some_and(Value::is_array) => {
                return Self::of_value(only);
            }
            [first, ..] if !first.is_array() => return Self::of_rows(&[row_of(value)?]),
            _ => {}
        }
        let rows: Vec<Vec<f64>> = items.iter().map(row_of).collect::<Result<_, _>>()?;
        Self::of_rows(&rows)
    }

    /// Lines of numbers between spaces, commas, semicolons or tabs; `#` and `%` start comments.
    pub(super) fn of_text(text: &str) -> Result<Self, MatrixProblem> {
        let lines = text.lines().map(|line| line.split(['#', '%']).next().unwrap_or_default());
        let rows: Vec<Vec<f64>> = lines
            .map(|line| words(line).map(number).collect::<Result<_, _>>())
            .collect::<Result<_, _>>()?;
        let rows: Vec<Vec<f64>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
        if rows.is_empty() {
            return Err(MatrixProblem::None);
        }
        Self::of_rows(&rows)
    }

    /// The numbers row by row.
    pub(super) fn into_numbers(self) -> Vec<f64> {
        self.numbers
    }

    /// Whether the numbers are those of a homography or of an affine map.
    pub(super) fn is_matrix(&self) -> bool {
        self.matrix().is_ok()
    }

    /// The matrix: 3 x 3 numbers or nine, or 2 x 3 or six in one row with a last row of (0, 0, 1).
    pub(super) fn matrix(&self) -> Result<[[f64; 3]; 3], MatrixProblem> {
        let Self { rows, columns, numbers } = self;
        let at = |row: usize| [0, 1, 2].map(|column| numbers[3 * row + column]);
        match (rows, columns) {
            (3, 3) | (1, 9) | (9, 1) => Ok([at(0), at(1), at(2)]),
            (2, 3) | (1, 6) => Ok([at(0), at(1), [0.0, 0.0, 1.0]]),
            (6, 1) => Err(MatrixProblem::WorldFile),
            _ => Err(MatrixProblem::Shape { rows: *rows, columns: *columns }),
        }
    }
}

/// The words of a line, without separators.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|part: char| part.is_whitespace() || ",;".contains(part))
        .filter(|word| !word.is_empty())
}

pub(super) fn number(word: &str) -> Result<f64, MatrixProblem> {
    let number = word.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| MatrixProblem::Number(word.to_owned()))
}

fn row_of(value: &Value) -> Result<Vec<f64>, MatrixProblem> {
    let Value::Array(items) = value else {
        return Err(MatrixProblem::Number(value.to_string()));
    };
    let entry = |item: &Value| {
        item.as_f64().ok_or_else(|| {
            let mut text = item.to_string();
            if text.len() > 40 {
                "...".clone_into(&mut text);
            }
            MatrixProblem::Number(text)
        })
    };
    items.iter().map(entry).collect()
}
