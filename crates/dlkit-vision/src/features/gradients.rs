//! Gradients on a grid of any scale and direction.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use super::plane::Plane;

/// Gradients along each side of the grid.
pub(super) const SIDE: usize = 20;

/// Samples along each side: one more around the gradients.
const SAMPLES: usize = SIDE + 2;

/// A square grid of places in a plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// The middle of the grid, in pixels.
    pub(super) x: f32,
    pub(super) y: f32,
    /// Pixels between neighbors.
    pub(super) spacing: f32,
    /// The direction of the rows, in radians: 0 to the right, pi / 2 down.
    pub(super) angle: f32,
}

/// Length and direction of the gradients of a grid.
#[derive(Clone, Debug)]
pub(super) struct Gradients {
    pub(super) magnitudes: [[f32; SIDE]; SIDE],
    /// Against the rows of the grid, in turns: 0 to 1.
    pub(super) turns: [[f32; SIDE]; SIDE],
}

impl Gradients {
    /// By central differences of interpolated samples.
    #[inline(always)]
    pub(super) fn of(plane: &Plane, grid: Grid) -> Self {
        let samples = sampled(plane, grid);
        let mut magnitudes = [[0.0; SIDE]; SIDE];
        let mut turns = [[0.0; SIDE]; SIDE];
        for row in 0..SIDE {
            let [above, here, below] = [0, 1, 2].map(|offset| &samples[row + offset]);
            for column in 0..SIDE {
                let x = here[column + 2] - here[column];
                let y = below[column + 1] - above[column + 1];
                magnitudes[row][column] = (x * x + y * y).sqrt();
                turns[row][column] = turn(x, y);
            }
        }
        Self { magnitudes, turns }
    }
}

/// The direction of a vector, in turns from the x axis towards the y axis: 0 to 1. The error is
/// below 1e-5.
///
/// # References
/// Abramowitz and Stegun, "Handbook of mathematical functions", 1964, 4.4.49.
#[inline(always)]
fn turn(x: f32, y: f32) -> f32 {
    const TURN: f32 = std::f32::consts::TAU;
    let (width, height) = (x.abs(), y.abs());
    let steep = height > width;
    let (short, long) = if steep { (width, height) } else { (height, width) };
    // The least positive number keeps 0 / 0 away.
    let slope = short / (long + f32::MIN_POSITIVE);
    let square = slope * slope;
    let tail = -0.085_133_0 + square * 0.020_835_1;
    let tail = 0.180_141 + square * tail;
    let tail = -0.330_299_5 + square * tail;
    let angle = slope * (0.999_866 + square * tail) * (1.0 / TURN);
    let angle = if steep { 0.25 - angle } else { angle };
    let angle = if x < 0.0 { 0.5 - angle } else { angle };
    if y < 0.0 { 1.0 - angle } else { angle }
}

/// The samples of a grid, bilinear. Places outside the plane have the value of its edge.
#[inline(always)]
#[expect(clippy::cast_precision_loss, reason = "there are few samples")]
fn sampled(plane: &Plane, grid: Grid) -> [[f32; SAMPLES]; SAMPLES] {
    const MIDDLE: f32 = (SAMPLES as f32 - 1.0) / 2.0;
    let (sine, cosine) = (f64::from(grid.angle)).sin_cos();
    let [across, down] = [cosine, sine].map(|part| narrowed(part) * grid.spacing);
    let mut samples = [[0.0; SAMPLES]; SAMPLES];
    for (row, samples) in samples.iter_mut().enumerate() {
        let v = row as f32 - MIDDLE;
        for (column, sample) in samples.iter_mut().enumerate() {
            let u = column as f32 - MIDDLE;
            let x = grid.x + (u * across - v * down);
            let y = grid.y + (u * down + v * across);
            *sample = interpolated(plane, x, y);
        }
    }
    samples
}

#[expect(clippy::cast_possible_truncation, reason = "sines and cosines")]
const fn narrowed(number: f64) -> f32 {
    number as f32
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "clamped to the plane before"
)]
fn interpolated(plane: &Plane, x: f32, y: f32) -> f32 {
    let clamped = |place: f32, count: usize| place.clamp(0.0, (count - 1) as f32);
    let (x, y) = (clamped(x, plane.width), clamped(y, plane.height));
    let left = (x as usize).min(plane.width - 2);
    let top = (y as usize).min(plane.height - 2);
    let (x, y) = (x - left as f32, y - top as f32);
    let start = top * plane.width + left;
    let above = &plane.values[start..start + 2];
    let below = &plane.values[start + plane.width..start + plane.width + 2];
    let first = above[0] + x * (above[1] - above[0]);
    let second = below[0] + x * (below[1] - below[0]);
    first + y * (second - first)
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "small numbers, and exact ones")]
mod tests {
    use super::*;

    #[test]
    fn turns_meet_the_arc_tangent() {
        for step in 0..720_u16 {
            let angle = f32::from(step).to_radians() / 2.0;
            let expected = angle / std::f32::consts::TAU;
            let error = (turn(3.0 * angle.cos(), 3.0 * angle.sin()) - expected).abs();
            assert!(error.min(1.0 - error) < 1e-5, "{step}: {error}");
        }
        assert_eq!(turn(0.0, 0.0), 0.0);
    }

    /// A slope has the same gradient everywhere, seen from the turned grid.
    #[test]
    fn a_slope_has_one_gradient() {
        let (width, height) = (60, 50);
        let value = |index: usize| 0.01 * (index % width) as f32 - 0.02 * (index / width) as f32;
        let plane = Plane { width, height, values: (0..width * height).map(value).collect() };
        let grid = Grid { x: 29.3, y: 24.8, spacing: 1.5, angle: 0.7 };
        let gradients = Gradients::of(&plane, grid);
        // Central differences span two spacings.
        let length = 2.0 * 1.5 * 0.01_f32.hypot(0.02);
        let turns = ((-0.02_f32).atan2(0.01) - 0.7) / std::f32::consts::TAU;
        for (magnitude, turn) in
            gradients.magnitudes.iter().flatten().zip(gradients.turns.iter().flatten())
        {
            assert!((magnitude - length).abs() < 1e-4, "{magnitude} {length}");
            assert!((turn - turns.rem_euclid(1.0)).abs() < 1e-3, "{turn}");
        }
    }

    #[test]
    fn outside_the_plane_is_its_edge() {
        let plane = Plane { width: 2, height: 2, values: vec![0.0, 1.0, 2.0, 3.0] };
        assert_eq!(interpolated(&plane, 0.5, 0.5), 1.5);
        assert_eq!(interpolated(&plane, -4.0, 9.0), 2.0);
        assert_eq!(interpolated(&plane, 9.0, -1.0), 1.0);
    }
}
