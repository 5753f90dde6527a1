//! Traces the pixels of a canvas back to the picture.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use nalgebra::Matrix3;

use crate::homography::{Homography, Point};

/// Pixels of a row in one run.
pub(super) const RUN: usize = 64;

/// 0, 1, 2 and so on.
const STEPS: [f64; RUN] = {
    let mut steps = [0.0; RUN];
    let mut index = 1;
    while index < RUN {
        steps[index] = steps[index - 1] + 1.0;
        index += 1;
    }
    steps
};

/// A source coordinate that is certainly outside the picture.
const FAR: f64 = -1e9;

/// Adding 1.5 * 2^52 leaves an integer below 2^31 in the low bits, negative ones in two's
/// complement.
const INTEGER_BITS: f64 = 6_755_399_441_055_744.0;

/// The map from a canvas back to the picture. Its third coordinate is positive where the picture is
/// visible.
#[derive(Clone, Copy, Debug)]
pub(super) struct InverseMap {
    matrix: Matrix3<f64>,
}

/// Source pixels of a run and the fractions to the right of and below them.
pub(super) struct Run {
    pub(super) columns: [i32; RUN],
    pub(super) rows: [i32; RUN],
    pub(super) right: [f32; RUN],
    pub(super) down: [f32; RUN],
}

/// A place in the picture, split as in a [`Run`].
pub(super) struct Place {
    pub(super) column: i32,
    pub(super) row: i32,
    pub(super) right: f32,
    pub(super) down: f32,
}

impl InverseMap {
    /// Inverts a homography. Points beyond the line to infinity, seen from the source point
    /// `front`, have no source.
    pub(super) fn of(homography: &Homography, front: Point) -> Self {
        let inverse = homography.inverse();
        // For p' = H p with depth w, H^-1 p' has the depth k / w, with the same k everywhere.
        let sign = homography
            .map(front)
            .map_or(1.0, |mapped| if inverse.depth(mapped) < 0.0 { -1.0 } else { 1.0 });
        Self { matrix: inverse.matrix() * sign }
    }

    /// The homogeneous source coordinates of a canvas place.
    #[inline(always)]
    pub(super) fn homogeneous(&self, x: f64, y: f64) -> [f64; 3] {
        [0, 1, 2].map(|row| {
            self.matrix[(row, 0)] * x + self.matrix[(row, 1)] * y + self.matrix[(row, 2)]
        })
    }

    /// The source coordinates of a canvas place; far outside if it has no source.
    #[inline(always)]
    pub(super) fn source(&self, x: f64, y: f64) -> [f64; 2] {
        divided(self.homogeneous(x, y))
    }

    /// The step of the homogeneous coordinates along a row.
    #[inline(always)]
    fn along(&self) -> [f64; 3] {
        [0, 1, 2].map(|row| self.matrix[(row, 0)])
    }

    /// The source places of a run that starts at (x, y), moved by `shift`.
    #[inline(always)]
    pub(super) fn run(&self, x: f64, y: f64, shift: f64, run: &mut Run) {
        let [x0, y0, w0] = self.homogeneous(x, y);
        let [dx, dy, dw] = self.along();
        for (index, step) in STEPS.into_iter().enumerate() {
            let [u, v] = divided([x0 + dx * step, y0 + dy * step, w0 + dw * step]);
            (run.columns[index], run.right[index]) = split(u + shift);
            (run.rows[index], run.down[index]) = split(v + shift);
        }
    }

    /// The lengths in source pixels of one step right and one step down on the canvas, at (x, y).
    ///
    /// With (X, Y, W) the homogeneous source, d(X / W) = (dX W - X dW) / W^2.
    #[inline(always)]
    pub(super) fn steps(&self, x: f64, y: f64) -> [f64; 2] {
        let [numerators, [squared_depth, _]] = self.step_terms(x, y);
        numerators.map(|numerator| numerator / squared_depth)
    }

    /// No step from (x, y) to (x + RUN - 1, y) is longer than these.
    ///
    /// Along a row the first numerator is constant. The second is a norm of linear functions, so it
    /// is largest at an end; W is linear, so it is smallest at an end.
    #[inline(always)]
    pub(super) fn longest_steps(&self, x: f64, y: f64) -> [f64; 2] {
        #[expect(clippy::cast_precision_loss, reason = "64")]
        let last = x + (RUN - 1) as f64;
        let [first, [first_depth, first_sign]] = self.step_terms(x, y);
        let [second, [second_depth, second_sign]] = self.step_terms(last, y);
        if first_sign * second_sign <= 0.0 {
            return [f64::INFINITY; 2];
        }
        let depth = first_depth.min(second_depth);
        [0, 1].map(|axis| first[axis].max(second[axis]) / depth)
    }

    /// The numerators of the steps, and the squared depth and the depth.
    #[inline(always)]
    fn step_terms(&self, x: f64, y: f64) -> [[f64; 2]; 2] {
        let [across, down, depth] = self.homogeneous(x, y);
        let numerators = [0, 1].map(|axis| {
            let [du, dv, dw] = [0, 1, 2].map(|row| self.matrix[(row, axis)]);
            ((du * depth - across * dw).powi(2) + (dv * depth - down * dw).powi(2)).sqrt()
        });
        [numerators, [depth * depth, depth]]
    }
}

impl Place {
    /// The place of source coordinates, moved by `shift`.
    #[inline(always)]
    pub(super) fn of([u, v]: [f64; 2], shift: f64) -> Self {
        let (column, right) = split(u + shift);
        let (row, down) = split(v + shift);
        Self { column, row, right, down }
    }
}

impl Run {
    pub(super) const fn new() -> Self {
        Self { columns: [0; RUN], rows: [0; RUN], right: [0.0; RUN], down: [0.0; RUN] }
    }

    /// The least and the greatest column and row.
    #[inline(always)]
    pub(super) fn bounds(&self) -> [(i32, i32); 2] {
        [bounds(&self.columns), bounds(&self.rows)]
    }

    #[inline(always)]
    pub(super) fn place(&self, index: usize) -> Place {
        Place {
            column: self.columns[index],
            row: self.rows[index],
            right: self.right[index],
            down: self.down[index],
        }
    }
}

/// The least and the greatest, computed lane by lane first, so that vector instructions are used.
#[inline(always)]
fn bounds(places: &[i32; RUN]) -> (i32, i32) {
    const LANES: usize = 8;
    let (mut least, mut greatest) = ([i32::MAX; LANES], [i32::MIN; LANES]);
    for places in places.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            least[lane] = least[lane].min(places[lane]);
            greatest[lane] = greatest[lane].max(places[lane]);
        }
    }
    let least = least.into_iter().fold(i32::MAX, i32::min);
    (least, greatest.into_iter().fold(i32::MIN, i32::max))
}

#[inline(always)]
fn divided([x, y, w]: [f64; 3]) -> [f64; 2] {
    let depth = 1.0 / w;
    // The comparisons treat NaN as far away too.
    if w > 0.0 { [near(x * depth), near(y * depth)] } else { [FAR, FAR] }
}

#[inline(always)]
fn near(place: f64) -> f64 {
    let place = if place > FAR { place } else { FAR };
    if place < -FAR { place } else { -FAR }
}

/// The integer below, and the fraction above it.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "takes the low bits")]
fn split(place: f64) -> (i32, f32) {
    let below = place.floor();
    ((below + INTEGER_BITS).to_bits() as i32, (place - below) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_negative_places_downward() {
        assert_eq!(split(2.25), (2, 0.25));
        assert_eq!(split(-0.25), (-1, 0.75));
        assert_eq!(split(-1e9), (-1_000_000_000, 0.0));
    }

    #[test]
    fn steps_are_those_of_differences() {
        let rows = [[1.1, 0.2, 5.0], [-0.1, 0.9, 3.0], [1e-3, -5e-4, 1.0]];
        let homography = Homography::from_rows(rows).unwrap();
        let map = InverseMap::of(&homography, Point::new(50.0, 50.0));
        let (x, y, step) = (40.0, 60.0, 1e-5);
        let [u, v] = map.source(x, y);
        for (axis, [du, dv]) in [[step, 0.0], [0.0, step]].into_iter().enumerate() {
            let [u1, v1] = map.source(x + du, y + dv);
            let difference = (u1 - u).hypot(v1 - v) / step;
            let expected = map.steps(x, y)[axis];
            assert!((difference / expected - 1.0).abs() < 1e-4, "{difference} {expected}");
        }
        let longest = map.longest_steps(x, y);
        for step in STEPS {
            let steps = map.steps(x + step, y);
            assert!(steps[0] <= longest[0] * (1.0 + 1e-12));
            assert!(steps[1] <= longest[1] * (1.0 + 1e-12));
        }
    }

    #[test]
    fn points_behind_the_horizon_have_no_source() {
        let rows = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, -0.01, 1.0]];
        let homography = Homography::from_rows(rows).unwrap();
        // The line y = 100 goes to infinity; y = 300 goes to -150.
        for (front, expected) in [(0.0, -1e9), (300.0, 300.0)] {
            let map = InverseMap::of(&homography, Point::new(0.0, front));
            assert!((map.source(0.0, -150.0)[1] - expected).abs() < 1e-6, "{front}");
        }
    }
}
