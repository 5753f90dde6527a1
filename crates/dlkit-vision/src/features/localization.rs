//! Places and scales of extrema between the pixels, and which extrema are stable.

use nalgebra::{Matrix3, Vector3};

use super::extrema::{BORDER, Extremum};
use super::plane::Plane;
use super::scale_space::SCALES;

/// Least absolute difference of Gaussians, interpolated, for brightness from 0 to 1. Lowe's 0.03 is
/// for differences of twice the ratio; this is OpenCV's.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
pub(super) const CONTRAST: f64 = 0.04 / SCALES as f64;

/// Largest ratio of the principal curvatures: beyond it, a place can slide along an edge (Lowe
/// 2004, section 4.1).
const EDGE_RATIO: f64 = 10.0;

/// Most moves to a neighboring pixel.
const MOVES: usize = 5;

/// An extremum between the pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Localized {
    /// The nearest pixel and level.
    pub(super) extremum: Extremum,
    /// Coordinates, in pixels of the octave.
    pub(super) x: f64,
    pub(super) y: f64,
    /// The fractional level.
    pub(super) level: f64,
    /// The absolute interpolated difference.
    pub(super) response: f64,
}

/// Fits a quadric to the differences around an extremum. None if it moves away, or is too weak or
/// too long.
///
/// # References
/// Brown and Lowe, "Invariant features from interest point groups", 2002; Lowe 2004, section 4.
#[expect(clippy::cast_precision_loss, reason = "coordinates of pictures are small")]
pub(super) fn localize(levels: &[Plane], mut extremum: Extremum) -> Option<Localized> {
    for _ in 0..MOVES {
        let quadric = Quadric::at(levels, extremum);
        let offset = quadric.peak()?;
        if offset.amax() < 0.5 {
            let response = quadric.value + 0.5 * quadric.gradient.dot(&offset);
            return (response.abs() >= CONTRAST && quadric.is_round()).then(|| Localized {
                extremum,
                x: extremum.x as f64 + offset.x,
                y: extremum.y as f64 + offset.y,
                level: extremum.level as f64 + offset.z,
                response: response.abs(),
            });
        }
        extremum = moved(levels, extremum, offset)?;
    }
    None
}

/// The pixel nearest to an offset from another; none outside the part that is searched.
fn moved(levels: &[Plane], from: Extremum, offset: Vector3<f64>) -> Option<Extremum> {
    let step = |place: usize, offset: f64, low: usize, high: usize| {
        // Steps are short: a far peak is no peak of this extremum.
        let place = match offset.round() {
            0.0 => place,
            1.0 => place + 1,
            -1.0 => place.checked_sub(1)?,
            _ => return None,
        };
        (low..high).contains(&place).then_some(place)
    };
    let (width, height) = (levels[0].width, levels[0].height);
    Some(Extremum {
        x: step(from.x, offset.x, BORDER, width - BORDER)?,
        y: step(from.y, offset.y, BORDER, height - BORDER)?,
        level: step(from.level, offset.z, 1, SCALES + 1)?,
    })
}

/// Value, gradient and Hessian in x, y and level.
struct Quadric {
    value: f64,
    gradient: Vector3<f64>,
    hessian: Matrix3<f64>,
}

impl Quadric {
    /// By central differences.
    fn at(levels: &[Plane], Extremum { level, x, y }: Extremum) -> Self {
        let mut values = [[[0.0; 3]; 3]; 3];
        for (depth, values) in values.iter_mut().enumerate() {
            let (less, more) = (&levels[level + depth - 1], &levels[level + depth]);
            for (row, values) in values.iter_mut().enumerate() {
                let (less, more) = (less.row(y + row - 1), more.row(y + row - 1));
                for (column, value) in values.iter_mut().enumerate() {
                    *value = f64::from(more[x + column - 1]) - f64::from(less[x + column - 1]);
                }
            }
        }
        let at = |[x, y, level]: [usize; 3]| values[level][y][x];
        let value = at([1, 1, 1]);
        let neighbor = |axis: usize, place: usize| {
            let mut index = [1; 3];
            index[axis] = place;
            index
        };
        let gradient =
            Vector3::from_fn(|axis, _| 0.5 * (at(neighbor(axis, 2)) - at(neighbor(axis, 0))));
        let hessian = Matrix3::from_fn(|row, column| {
            if row == column {
                return at(neighbor(row, 2)) - 2.0 * value + at(neighbor(row, 0));
            }
            let corner = |first: usize, second: usize| {
                let mut index = neighbor(row, first);
                index[column] = second;
                at(index)
            };
            0.25 * (corner(2, 2) - corner(2, 0) - corner(0, 2) + corner(0, 0))
        });
        Self { value, gradient, hessian }
    }

    /// The offset of the stationary point; none if there is none.
    fn peak(&self) -> Option<Vector3<f64>> {
        self.hessian
            .lu()
            .solve(&-self.gradient)
            .filter(|offset| offset.iter().all(|o| o.is_finite()))
    }

    /// Whether both principal curvatures in the picture are similar.
    fn is_round(&self) -> bool {
        let (xx, yy, xy) = (self.hessian[(0, 0)], self.hessian[(1, 1)], self.hessian[(0, 1)]);
        let (trace, determinant) = (xx + yy, xx * yy - xy * xy);
        trace * trace * EDGE_RATIO < (EDGE_RATIO + 1.0).powi(2) * determinant
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use super::*;
    use crate::features::scale_space::LEVELS;

    /// Levels whose differences are a quadric around (x, y, level) = (10.3, 9.8, 2.2).
    fn levels(curvature: [f64; 3], height: f64) -> Vec<Plane> {
        let mut levels = vec![Plane::zeros(21, 20)];
        for level in 0..LEVELS - 1 {
            let mut next = levels[level].clone();
            for (index, value) in next.values.iter_mut().enumerate() {
                let offsets =
                    [(index % 21) as f64 - 10.3, (index / 21) as f64 - 9.8, level as f64 - 2.2];
                let bend: f64 = offsets.iter().zip(curvature).map(|(o, c)| c * o * o).sum();
                *value += (height - bend) as f32;
            }
            levels.push(next);
        }
        levels
    }

    #[test]
    fn the_peak_of_a_quadric_is_found_from_a_neighbor() {
        let levels = levels([0.02, 0.03, 0.04], 0.5);
        let start = Extremum { level: 2, x: 9, y: 10 };
        let found = localize(&levels, start).unwrap();
        assert_eq!(found.extremum, Extremum { level: 2, x: 10, y: 10 });
        let error = (found.x - 10.3).abs() + (found.y - 9.8).abs() + (found.level - 2.2).abs();
        assert!(error < 1e-3, "{found:?}");
        assert!((found.response - 0.5).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn weak_and_long_extrema_are_refused() {
        let start = Extremum { level: 2, x: 10, y: 10 };
        assert!(localize(&levels([0.02, 0.03, 0.04], CONTRAST + 0.001), start).is_some());
        assert!(localize(&levels([0.02, 0.03, 0.04], CONTRAST - 0.001), start).is_none());
        assert!(localize(&levels([0.02, 0.19, 0.04], 0.5), start).is_some());
        assert!(localize(&levels([0.02, 0.21, 0.04], 0.5), start).is_none());
        // A saddle.
        assert!(localize(&levels([0.02, -0.02, 0.04], 0.5), start).is_none());
    }

    #[test]
    fn peaks_outside_the_octave_are_refused() {
        let start = Extremum { level: 1, x: 19 - BORDER, y: 10 };
        assert_eq!(localize(&vec![Plane::zeros(21, 20); LEVELS], start), None);
    }
}
