//! How much colors change around each pixel, and in which direction.

use super::lab::LabPicture;
use crate::features::{Plane, blur};
use crate::homography::Point;

/// Smallest step of color that counts as an edge, in units of CIELAB: a person sees 2.
const SMALLEST_STEP: f32 = 2.5;

/// Steps that noise makes, as a multiple of its deviation.
const NOISE: f32 = 2.2;

/// The sum over the three planes of what their gradients say, at one scale: the structure tensor.
///
/// # References
/// Di Zenzo, "A note on the gradient of a multi-image", 1986.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) width: usize,
    pub(super) height: usize,
    /// The standard deviation of the Gaussian, in pixels.
    sigma: f64,
    xx: Plane,
    xy: Plane,
    yy: Plane,
    /// Smallest step that counts as an edge, in units of CIELAB.
    pub(super) threshold: f32,
}

/// A direction in the picture, of length 1.
pub(super) type Direction = [f64; 2];

impl Field {
    /// The field of a picture blurred by `sigma` pixels; `noise` is the deviation of L before.
    pub(super) fn of(blurred: &LabPicture, sigma: f64, noise: f32) -> Self {
        let (width, height) = (blurred.width(), blurred.height());
        let mut field = Self {
            width,
            height,
            sigma,
            xx: Plane::zeros(width, height),
            xy: Plane::zeros(width, height),
            yy: Plane::zeros(width, height),
            threshold: 0.0,
        };
        for y in 1..height.max(2) - 1 {
            for plane in blurred.planes() {
                let rows = [y - 1, y, y + 1].map(|y| plane.row(y));
                for x in 1..width.max(2) - 1 {
                    let across = 0.5 * (rows[1][x + 1] - rows[1][x - 1]);
                    let down = 0.5 * (rows[2][x] - rows[0][x]);
                    let index = y * width + x;
                    field.xx.values[index] += across * across;
                    field.xy.values[index] += across * down;
                    field.yy.values[index] += down * down;
                }
            }
        }
        field.threshold = SMALLEST_STEP.max(NOISE * noise * field.noise_gain());
        field
    }

    /// Deviation of the steps that noise of deviation 1 makes.
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    fn noise_gain(&self) -> f32 {
        // A derivative of a Gaussian passes 1 / (sigma^2 sqrt(8 pi)) of the noise; three planes.
        let gradient = 3.0_f64.sqrt() / (self.sigma.powi(2) * (8.0 * std::f64::consts::PI).sqrt());
        (gradient * self.step_of_gradient()) as f32
    }

    /// The height of a step whose largest gradient is 1.
    fn step_of_gradient(&self) -> f64 {
        self.sigma * std::f64::consts::TAU.sqrt()
    }

    /// Deviation of a Gaussian that makes directions steady, in pixels.
    pub(super) fn smoothing(&self) -> f64 {
        0.8 * self.sigma + 0.7
    }

    /// The same with each number the mean of its neighborhood: directions of lines.
    pub(super) fn smoothed(&self, sigma: f64) -> Self {
        let smooth = |plane: &Plane| blur(plane, sigma);
        Self { xx: smooth(&self.xx), xy: smooth(&self.xy), yy: smooth(&self.yy), ..*self }
    }

    /// The direction in which colors change most at a pixel, as an angle from 0 to pi, and how much
    /// the neighborhood agrees on it, from 0 to 1.
    pub(super) fn direction(&self, index: usize) -> (f32, f32) {
        let [xx, xy, yy] = self.numbers(index);
        let difference = (xx - yy).hypot(2.0 * xy);
        let coherence = if xx + yy > 0.0 { difference / (xx + yy) } else { 0.0 };
        ((0.5 * (2.0 * xy).atan2(xx - yy)).rem_euclid(std::f32::consts::PI), coherence)
    }

    fn numbers(&self, index: usize) -> [f32; 3] {
        [self.xx.values[index], self.xy.values[index], self.yy.values[index]]
    }

    /// The step of color at a pixel in a direction, in units of CIELAB, and the share of the whole
    /// change that is in this direction, from 0 to 1.
    #[expect(clippy::cast_possible_truncation, reason = "directions have length 1")]
    pub(super) fn step(&self, index: usize, [x, y]: Direction) -> (f32, f32) {
        let (x, y) = (x as f32, y as f32);
        let [xx, xy, yy] = self.numbers(index);
        let along = x * x * xx + 2.0 * x * y * xy + y * y * yy;
        let whole = xx + yy;
        let share = if whole > 0.0 { along / whole } else { 0.0 };
        (along.max(0.0).sqrt() * self.step_of_gradient() as f32, share)
    }

    /// The pixel nearest to a place; none outside.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "checked to be inside"
    )]
    pub(super) fn nearest(&self, x: f64, y: f64) -> Option<usize> {
        let (x, y) = (x.round(), y.round());
        (x >= 0.0 && y >= 0.0 && x < self.width as f64 && y < self.height as f64)
            .then(|| y as usize * self.width + x as usize)
    }

    /// How clearly an edge passes through a place at right angles to a direction, from 0 to 1: a
    /// step of twice the threshold that is largest there, and mostly in this direction.
    pub(super) fn support(&self, place: Point, normal: Direction) -> f32 {
        const REACH: usize = 1;
        const AROUND: usize = REACH + 2;
        let mut steps = [(0.0, 0.0); 2 * AROUND + 1];
        let offsets = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
        for (step, offset) in steps.iter_mut().zip(offsets) {
            let (x, y) = (place.x + offset * normal[0], place.y + offset * normal[1]);
            *step = self.nearest(x, y).map_or((0.0, 0.0), |index| self.step(index, normal));
        }
        let near = AROUND - REACH..=AROUND + REACH;
        let best =
            near.fold(AROUND, |best, at| if steps[at].0 > steps[best].0 { at } else { best });
        let (height, share) = steps[best];
        let is_peak = height >= steps[best - 2].0 && height >= steps[best + 2].0;
        if !is_peak || share < ALIGNED {
            return 0.0;
        }
        (height / self.threshold - 1.0).clamp(0.0, 1.0)
    }
}

/// Share of the change across an edge: within 24 degrees.
const ALIGNED: f32 = 0.83;

/// The larger support of several scales.
pub(super) fn support(fields: &[Field], place: Point, normal: Direction) -> f32 {
    fields.iter().map(|field| field.support(place, normal)).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// Dark left of column 20, light from there.
    fn edge() -> LabPicture {
        let pixel = |x, _| if x < 20 { Rgb([60; 3]) } else { Rgb([180; 3]) };
        LabPicture::of(&RgbImage::from_fn(40, 30, pixel).into())
    }

    #[test]
    fn the_step_across_an_edge_is_measured() {
        let picture = edge();
        let height = picture.at(Point::new(30.0, 9.0)).unwrap()[0]
            - picture.at(Point::new(5.0, 9.0)).unwrap()[0];
        let field = Field::of(&picture.blurred(2.0), 2.0, 0.0);
        let (step, share) = field.step(15 * 40 + 20, [1.0, 0.0]);
        assert!((step / height - 1.0).abs() < 0.06, "{step} {height}");
        assert!(share > 0.999);
        assert!(field.step(15 * 40 + 20, [0.0, 1.0]).0 < 0.01);
    }

    #[test]
    fn an_edge_supports_lines_along_it_only() {
        let field = Field::of(&edge().blurred(1.0), 1.0, 0.0);
        let at = |x: f64, normal| field.support(Point::new(x, 15.0), normal);
        assert!(at(19.5, [1.0, 0.0]) > 0.99);
        assert!(at(19.5, [0.6, 0.8]) < 0.01);
        assert!(at(19.5, [0.0, 1.0]) < 0.01);
        assert!(at(26.0, [1.0, 0.0]) < 0.01);
    }
}
