//! Which of several matrices is meant.

use super::error::MatrixProblem;
use super::grid::Grid;

/// Names of a homography, in lower case.
const NAMES: [&str; 4] = ["homography", "h", "matrix", "m"];

/// The matrix among those of a file, by name or because it is the only one that fits.
pub(super) fn chosen(
    found: Vec<(String, Result<Grid, MatrixProblem>)>,
) -> Result<Grid, MatrixProblem> {
    let named = |name: &str| NAMES.iter().position(|known| name.eq_ignore_ascii_case(known));
    let best =
        found.iter().enumerate().filter_map(|(index, (name, _))| Some((named(name)?, index)));
    if let Some((_, index)) = best.min() {
        return found.into_iter().nth(index).ok_or(MatrixProblem::None)?.1;
    }
    let fits = |grid: &Result<Grid, MatrixProblem>| grid.as_ref().is_ok_and(Grid::is_matrix);
    let fitting: Vec<&(String, _)> = found.iter().filter(|(_, grid)| fits(grid)).collect();
    match (fitting.len(), found.len()) {
        // What is wrong with the only one.
        (0, 1) => found.into_iter().next().ok_or(MatrixProblem::None)?.1,
        (0, _) => Err(MatrixProblem::None),
        (1, _) => found.into_iter().find(|(_, grid)| fits(grid)).ok_or(MatrixProblem::None)?.1,
        _ => Err(MatrixProblem::Several(fitting.iter().map(|(name, _)| name.clone()).collect())),
    }
}
