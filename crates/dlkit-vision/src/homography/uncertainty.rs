//! How uncertain mapped points are, from the scatter of the pairs.

use nalgebra::{Matrix2, SMatrix, SVector};
use serde::Serialize;

use super::config::{HomographyConfig, Refinement};
use super::error::Side;
use super::estimate::Estimate;
use super::model::Model;
use super::normalization::Normalization;
use super::point::{Correspondence, Point};

/// The uncertainty of a homography, to first order.
///
/// The pairs are assumed to be inexact by independent normal errors of the same size in both
/// directions, at the side or sides whose errors were minimized.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, sections 5.2 and 5.3 (the covariance of an
/// estimate and of mapped points).
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// The homography between normalized coordinates, with positive third coordinates of inliers.
    matrix: nalgebra::Matrix3<f64>,
    source: Normalization,
    target: Normalization,
    /// The covariance of its nine entries, row by row.
    covariance: SMatrix<f64, 9, 9>,
    noise: f64,
    freedom: Option<f64>,
    side: Side,
}

/// The 95 % region of a mapped point: an ellipse around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Region {
    /// The longer half axis.
    pub major: f64,
    /// The shorter half axis.
    pub minor: f64,
    /// The direction of the longer axis, in radians, from x towards y.
    pub angle: f64,
}

/// The derivatives of a mapped point by the entries of the matrix, row by row.
type Derivatives = SMatrix<f64, 2, 9>;

/// The probability that the true point is outside the region.
const OUTSIDE: f64 = 0.05;

impl Uncertainty {
    /// The uncertainty of an estimate of these pairs by these settings.
    ///
    /// `noise` is the standard deviation of each coordinate, in pixels, if it is known; otherwise it
    /// is estimated from the residuals of the inliers. None if that is not possible: as many pairs as
    /// the model needs are mapped exactly, and their errors leave no trace.
    #[must_use]
    pub fn of(
        pairs: &[Correspondence],
        estimate: &Estimate,
        config: &HomographyConfig,
        noise: Option<f64>,
    ) -> Option<Self> {
        let chosen: Vec<usize> =
            (0..pairs.len()).filter(|&index| estimate.inliers[index]).collect();
        let source = Normalization::of(chosen.iter().map(|&index| pairs[index].source));
        let target = Normalization::of(chosen.iter().map(|&index| pairs[index].target));
        let matrix = target.matrix() * estimate.homography.matrix() * source.inverse();
        let first = pairs.get(*chosen.first()?)?.source;
        let mut matrix = estimate.model.scaled(&matrix);
        if (matrix * source.apply(first).homogeneous()).z < 0.0 {
            matrix = -matrix;
        }
        let mut start = Self {
            matrix,
            source,
            target,
            covariance: SMatrix::zeros(),
            noise: 0.0,
            freedom: None,
            side: estimate.side,
        };
        let sums = start.sums(pairs, &chosen, &estimate.weights, config.refinement)?;
        (start.noise, start.freedom) = if let Some(noise) = noise {
            (noise, None)
        } else {
            #[expect(clippy::cast_precision_loss, reason = "at most 8")]
            let freedom = 2.0 * sums.weight - estimate.model.unknowns() as f64;
            if freedom < 1.0 {
                return None;
            }
            ((sums.residuals / freedom).sqrt(), Some(freedom))
        };
        start.covariance = sums.covariance(estimate.model, &start.matrix)?;
        Some(start)
    }

    /// The standard deviation of each inexact coordinate, in pixels of [`Self::side`].
    #[must_use]
    pub const fn noise(&self) -> f64 {
        self.noise
    }

    /// The degrees of freedom with which the noise was estimated; none if it was given.
    #[must_use]
    pub const fn freedom(&self) -> Option<f64> {
        self.freedom
    }

    /// The picture in whose pixels regions are: the source if errors were minimized there.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The region in which the true image of a source point is with a probability of 95 %; none if
    /// it reaches to infinity.
    ///
    /// If errors were minimized at the sources, it is the region around the source point itself in
    /// which the point is that truly maps there.
    ///
    /// The square of the scale of the region is distributed as twice Fisher's F with two and
    /// [`Self::freedom`] degrees of freedom.
    #[must_use]
    pub fn at(&self, point: Point) -> Option<Region> {
        let (derivatives, depth) = self.derivatives(point)?;
        // The third coordinate must not reach 0.
        let squared_scale = squared_scale(self.freedom);
        let normalized = self.source.apply(point);
        let mut by_depth = SVector::<f64, 9>::zeros();
        (by_depth[6], by_depth[7], by_depth[8]) = (normalized.x, normalized.y, 1.0);
        let variance = self.noise.powi(2) * (by_depth.transpose() * self.covariance * by_depth)[0];
        if depth <= 0.0 || squared_scale * variance >= depth * depth {
            return None;
        }
        let mut covariance = derivatives * self.covariance * derivatives.transpose();
        if self.side == Side::Source {
            let back = self.local(point)?.try_inverse()?;
            covariance = back * covariance * back.transpose();
        }
        Region::of(&covariance, self.noise.powi(2) * squared_scale)
    }

    /// The derivatives of the mapped point in pixels, and its third coordinate.
    fn derivatives(&self, point: Point) -> Option<(Derivatives, f64)> {
        let place = self.source.apply(point);
        let mapped = self.matrix * place.homogeneous();
        let (u, v, depth) = (mapped.x / mapped.z, mapped.y / mapped.z, mapped.z);
        if !(u.is_finite() && v.is_finite()) {
            return None;
        }
        let factor = 1.0 / (depth * self.target.scale);
        let [x, y, one] = [place.x * factor, place.y * factor, factor];
        let derivatives = Derivatives::from_row_slice(&[
            x,
            y,
            one,
            0.0,
            0.0,
            0.0,
            -u * x,
            -u * y,
            -u * one, //
            0.0,
            0.0,
            0.0,
            x,
            y,
            one,
            -v * x,
            -v * y,
            -v * one,
        ]);
        Some((derivatives, depth))
    }

    /// The derivatives of the mapped point by the source point, both in pixels.
    fn local(&self, point: Point) -> Option<Matrix2<f64>> {
        let mapped = self.matrix * self.source.apply(point).homogeneous();
        let (u, v) = (mapped.x / mapped.z, mapped.y / mapped.z);
        let factor = self.source.scale / (self.target.scale * mapped.z);
        let h = &self.matrix;
        let local = Matrix2::from_fn(|row, column| {
            factor * (h[(row, column)] - [u, v][row] * h[(2, column)])
        });
        local.iter().all(|entry| entry.is_finite()).then_some(local)
    }

    fn sums(
        &self,
        pairs: &[Correspondence],
        chosen: &[usize],
        weights: &[f64],
        error: Refinement,
    ) -> Option<Sums> {
        let error = if self.side == Side::Source { Refinement::Backward } else { error };
        let mut sums = Sums::default();
        for &index in chosen {
            let (pair, weight) = (&pairs[index], weights[index]);
            let (derivatives, depth) = self.derivatives(pair.source)?;
            let local = self.local(pair.source)?;
            let product = local * local.transpose();
            let inverse = product.try_inverse()?;
            let one = Matrix2::identity();
            // How errors weigh in the sum of squares, and their covariance, both at the target.
            let (metric, scatter) = match error {
                Refinement::None | Refinement::Forward => (one, one),
                Refinement::Symmetric => (one + inverse, one + product),
                Refinement::Backward => (inverse, product),
            };
            let middle = metric * scatter * metric;
            sums.curvature += derivatives.transpose() * metric * derivatives * weight;
            sums.scatter += derivatives.transpose() * middle * derivatives * weight;
            let mapped = self.matrix * self.source.apply(pair.source).homogeneous();
            let target = self.target.apply(pair.target);
            let residual = nalgebra::Vector2::new(
                (mapped.x / depth - target.x) / self.target.scale,
                (mapped.y / depth - target.y) / self.target.scale,
            );
            sums.residuals += weight * residual.dot(&(scatter.try_inverse()? * residual));
            sums.weight += weight;
        }
        Some(sums)
    }
}

/// Sums over the inliers.
#[derive(Default)]
struct Sums {
    /// J^T W J, for the weights W of residuals.
    curvature: SMatrix<f64, 9, 9>,
    /// J^T W V W J, for their covariance V.
    scatter: SMatrix<f64, 9, 9>,
    /// r^T V^-1 r.
    residuals: f64,
    /// The number of pairs that count.
    weight: f64,
}

impl Sums {
    /// The covariance of the entries for errors of one pixel; none if they are not determined.
    fn covariance(
        &self,
        model: Model,
        matrix: &nalgebra::Matrix3<f64>,
    ) -> Option<SMatrix<f64, 9, 9>> {
        let tangent = model.tangent(matrix);
        let mut curvature = tangent.transpose() * self.curvature * tangent;
        for index in model.unknowns()..8 {
            curvature[(index, index)] = 1.0;
        }
        let inverse = curvature.cholesky()?.inverse();
        let scatter = tangent.transpose() * self.scatter * tangent;
        let covariance = inverse * scatter * inverse;
        let covariance = tangent * covariance * tangent.transpose();
        covariance.iter().all(|entry| entry.is_finite()).then_some(covariance)
    }
}

impl Region {
    /// The ellipse d^T (factor C)^-1 d = 1.
    fn of(covariance: &Matrix2<f64>, factor: f64) -> Option<Self> {
        let [xx, xy, yy] = [(0, 0), (0, 1), (1, 1)].map(|place| factor * covariance[place]);
        let middle = f64::midpoint(xx, yy);
        let difference = ((xx - yy) / 2.0).hypot(xy);
        let [major, minor] = [middle + difference, (middle - difference).max(0.0)].map(f64::sqrt);
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        major.is_finite().then_some(Self { major, minor, angle })
    }

    /// Whether a point at (x, y) from the middle is within the region.
    #[must_use]
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let (sine, cosine) = self.angle.sin_cos();
        let along = (cosine * x + sine * y) / self.major;
        let across = (cosine * y - sine * x) / self.minor;
        along * along + across * across <= 1.0
    }
}

/// The square of the scale that makes a region of standard deviations one of 95 %.
fn squared_scale(freedom: Option<f64>) -> f64 {
    // P(2 F > s) = (1 + s / n)^(-n / 2), and its limit exp(-s / 2).
    match freedom {
        Some(freedom) => freedom * (OUTSIDE.powf(-2.0 / freedom) - 1.0),
        None => -2.0 * OUTSIDE.ln(),
    }
}

/// The corners of a picture of `size` (width, height): the centers of its outermost pixels, clockwise
/// from the top left.
#[must_use]
pub fn picture_corners((width, height): (u32, u32)) -> [Point; 4] {
    let (right, bottom) = (f64::from(width) - 1.0, f64::from(height) - 1.0);
    [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)].map(|(x, y)| Point::new(x, y))
}

/// Two opposite corners of the upright box around some points; none without points.
pub(super) fn bounds(points: impl Iterator<Item = Point>) -> Option<[Point; 2]> {
    points.fold(None, |bounds, point| {
        let [low, high] = bounds.unwrap_or([point; 2]);
        Some([
            Point::new(low.x.min(point.x), low.y.min(point.y)),
            Point::new(high.x.max(point.x), high.y.max(point.y)),
        ])
    })
}

/// How far beyond the inliers an estimate is certain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// The box around the sources of the inliers is enlarged about its middle by this factor ...
    pub factor: f64,
    /// ... and this is the longest half axis of the regions of its corners; none if it is infinite.
    pub uncertainty: Option<f64>,
}

/// The factors that are looked at: the box itself, and boxes twice and three times as wide.
const FACTORS: [f64; 3] = [1.0, 2.0, 3.0];

impl Uncertainty {
    /// The uncertainty at the corners of the box around the sources of the inliers, and of boxes
    /// twice and three times as wide and high about the same middle.
    #[must_use]
    pub fn reaches(&self, pairs: &[Correspondence], inliers: &[bool]) -> Vec<Reach> {
        let sources = pairs.iter().zip(inliers).filter(|(_, inlier)| **inlier);
        let Some([low, high]) = bounds(sources.map(|(pair, _)| pair.source)) else {
            return Vec::new();
        };
        let middle = Point::new(f64::midpoint(low.x, high.x), f64::midpoint(low.y, high.y));
        let at = |factor: f64| {
            let corner = |x: f64, y: f64| {
                let place = |from: f64, to: f64| from + factor * (to - from);
                self.at(Point::new(place(middle.x, x), place(middle.y, y)))
            };
            let corners = [(low.x, low.y), (high.x, low.y), (high.x, high.y), (low.x, high.y)];
            let regions = corners.map(|(x, y)| corner(x, y).map(|region| region.major));
            let uncertainty = regions
                .into_iter()
                .try_fold(0.0_f64, |most, major| major.map(|major| most.max(major)));
            Reach { factor, uncertainty }
        };
        FACTORS.map(at).to_vec()
    }
}
