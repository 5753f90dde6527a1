//! The true proportions of a page from its corners in a photo.

use nalgebra::Vector3;

use super::point::Point;
use super::quadrilateral::Quadrilateral;

/// The diagonal of a full-frame sensor (36 mm x 24 mm), in millimeters: a focal length of f mm "in
/// 35 mm equivalent" is f / 43.27 diagonals of the picture.
pub const FULL_FRAME_DIAGONAL: f64 = 43.266_615_305_567_87;

/// Focal lengths that cameras have, in diagonals of the picture: from 13 mm to 216 mm.
const FOCAL_LENGTHS: [f64; 2] = [0.3, 5.0];

/// Focal lengths looked at within this range.
const STEPS: u32 = 300;

/// Usual focal lengths: the logarithm is normally distributed around that of 29 mm, so that 95 %
/// lie between 11 mm and 78 mm; phones have 24 to 28 mm, and 50 to 77 mm for portraits.
const USUAL: f64 = 0.68;
const DEVIATION: f64 = 0.5;

/// How exact corners are: a thousandth of the diagonal, standard deviation ...
const CORNER: f64 = 1e-3;

/// ... and how far from the middle of the picture the camera's axis passes, in diagonals.
const PRINCIPAL_POINT: f64 = 0.01;

/// The interval that contains a value with a probability of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The value is smaller with a probability of 2.5 %.
    pub low: f64,
    /// The value is larger with a probability of 2.5 %.
    pub high: f64,
}

/// What the corners of a page say about it and the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportions {
    /// Width over height: the median.
    pub ratio: f64,
    /// Where it lies with a probability of 95 %.
    pub ratio_range: Range,
    /// Focal length in pixels: the one given, or the median.
    pub focal_length: f64,
    /// Where it lies with a probability of 95 %.
    pub focal_range: Range,
    /// How far from a right angle the corners of the page are, in standard deviations, for the
    /// focal length that fits best. Above 3, this is not a rectangle seen by such a camera: the
    /// picture was cropped, the page is bent, or corners are wrong.
    pub misfit: f64,
}

/// A page and the camera, in diagonals of the picture from its middle.
#[derive(Clone, Copy)]
struct View {
    /// The sides of the page from its first corner, scaled to a focal length of 1: the third
    /// coordinate is the depth.
    across: Vector3<f64>,
    down: Vector3<f64>,
}

impl View {
    /// # References
    /// Zhang and He, "Whiteboard scanning and image enhancement", 2006, section 3.3, equations 11,
    /// 12 and 14 to 16.
    fn of(corners: [Vector3<f64>; 4]) -> Self {
        let [m1, m2, m4, m3] = corners;
        let k2 = m1.cross(&m4).dot(&m3) / m2.cross(&m4).dot(&m3);
        let k3 = m1.cross(&m4).dot(&m2) / m3.cross(&m4).dot(&m2);
        Self { across: m2 * k2 - m1, down: m3 * k3 - m1 }
    }

    /// The logarithm of width over height (equation 20), and the cosine of the angle between the
    /// sides, for a focal length in diagonals.
    fn seen_with(&self, focal: f64) -> [f64; 2] {
        let side = |side: Vector3<f64>| Vector3::new(side.x / focal, side.y / focal, side.z);
        let (across, down) = (side(self.across), side(self.down));
        let (width, height) = (across.norm(), down.norm());
        [(width / height).ln(), across.dot(&down) / (width * height)]
    }
}

/// A value and its standard deviation, for one focal length.
#[derive(Clone, Copy)]
struct Uncertain {
    value: f64,
    deviation: f64,
}

/// What one focal length says.
struct Sight {
    focal: f64,
    /// The logarithm of width over height.
    ratio: Uncertain,
    /// The cosine of the angle between the sides, in standard deviations.
    skew: f64,
    weight: f64,
}

impl Quadrilateral {
    /// The proportions of the rectangle whose image this is, in a picture of `size`, width and
    /// height in pixels. The camera looks at the middle of the picture.
    ///
    /// If the focal length is given, in pixels, it decides. Else every focal length is weighed by
    /// how usual it is and how well it makes the corners right angles; where the page shows no
    /// perspective, or in one direction only, they tell little about it, and the range is wide.
    #[must_use]
    pub fn proportions(&self, size: (u32, u32), focal_length: Option<f64>) -> Proportions {
        let diagonal = f64::from(size.0).hypot(f64::from(size.1));
        let (views, deviations) = self.views(size);
        let mut sights: Vec<Sight> = match focal_length {
            Some(pixels) => vec![sight(&views, &deviations, pixels / diagonal)],
            None => focal_lengths().map(|focal| sight(&views, &deviations, focal)).collect(),
        };
        let misfit = sights.iter().map(|sight| sight.skew.abs()).fold(f64::INFINITY, f64::min);
        for sight in &mut sights {
            let unusual =
                if focal_length.is_some() { 0.0 } else { (sight.focal / USUAL).ln() / DEVIATION };
            // The best fit counts fully, so that something remains where nothing fits.
            sight.weight = (-0.5 * (sight.skew.powi(2) - misfit.powi(2) + unusual.powi(2))).exp();
        }
        let [low, ratio, high] = quantiles(ratios(&sights)).map(f64::exp);
        let focals = sights.iter().map(|sight| (sight.focal * diagonal, sight.weight)).collect();
        let [least, focal, most] = quantiles(focals);
        Proportions {
            ratio,
            ratio_range: Range { low, high },
            focal_length: focal,
            focal_range: Range { low: least, high: most },
            misfit,
        }
    }

    /// How far from a right angle the corners are, for the camera that sees them best: the cosine
    /// of the angle, 0 to 1. `size` is that of the picture, in pixels.
    #[must_use]
    pub fn skew(&self, size: (u32, u32)) -> f64 {
        const FOCALS: [f64; 9] = [0.35, 0.45, 0.6, 0.75, 0.95, 1.25, 1.7, 2.5, 4.0];
        let view = View::of(self.places(size, [0.0; 10]));
        FOCALS.iter().map(|focal| view.seen_with(*focal)[1].abs()).fold(1.0, f64::min)
    }

    /// The corners in diagonals from the middle of the picture. The first eight numbers move the
    /// corners, the last two the middle.
    fn places(&self, (width, height): (u32, u32), moved: [f64; 10]) -> [Vector3<f64>; 4] {
        let middle = Point::new((f64::from(width) - 1.0) / 2.0, (f64::from(height) - 1.0) / 2.0);
        let diagonal = f64::from(width).hypot(f64::from(height));
        std::array::from_fn(|index| {
            let corner = self.corners()[index];
            let x = (corner.x - middle.x) / diagonal + moved[2 * index] + moved[8];
            let y = (corner.y - middle.y) / diagonal + moved[2 * index + 1] + moved[9];
            Vector3::new(x, y, 1.0)
        })
    }

    /// The view, and those with each coordinate moved by its deviation.
    fn views(&self, size: (u32, u32)) -> (View, Vec<View>) {
        let moved = (0..10).map(|index| {
            let mut moved = [0.0; 10];
            moved[index] = if index < 8 { CORNER } else { PRINCIPAL_POINT };
            View::of(self.places(size, moved))
        });
        (View::of(self.places(size, [0.0; 10])), moved.collect())
    }
}

/// The focal lengths looked at, in diagonals of the picture.
fn focal_lengths() -> impl Iterator<Item = f64> {
    let [low, high] = FOCAL_LENGTHS;
    (0..=STEPS).map(move |step| low * (high / low).powf(f64::from(step) / f64::from(STEPS)))
}

fn sight(view: &View, moved: &[View], focal: f64) -> Sight {
    let [ratio, skew] = view.seen_with(focal);
    let [mut of_ratio, mut of_skew] = [0.0; 2];
    for moved in moved {
        let [other_ratio, other_skew] = moved.seen_with(focal);
        of_ratio += (other_ratio - ratio).powi(2);
        of_skew += (other_skew - skew).powi(2);
    }
    let ratio = Uncertain { value: ratio, deviation: of_ratio.sqrt() };
    Sight { focal, ratio, skew: skew / of_skew.sqrt().max(1e-12), weight: 1.0 }
}

/// The logarithms of ratios, each spread by its deviation, with their weights.
fn ratios(sights: &[Sight]) -> Vec<(f64, f64)> {
    /// Quantiles of the normal distribution at 1/24, 3/24, ... 23/24.
    const SPREAD: [f64; 12] = [
        -1.731_7, -1.150_3, -0.812_2, -0.548_5, -0.318_6, -0.104_6, 0.104_6, 0.318_6, 0.548_5,
        0.812_2, 1.150_3, 1.731_7,
    ];
    let spread = |sight: &Sight| {
        let Uncertain { value, deviation } = sight.ratio;
        let weight = sight.weight;
        SPREAD.map(|normal| (value + normal * deviation, weight))
    };
    sights.iter().flat_map(spread).collect()
}

/// The values below which 2.5 %, 50 % and 97.5 % of the weight lie.
fn quantiles(mut values: Vec<(f64, f64)>) -> [f64; 3] {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole: f64 = values.iter().map(|(_, weight)| weight).sum();
    [0.025, 0.5, 0.975].map(|share| {
        // Between the middles of two weights, linear.
        let (mut below, mut before) = (0.0, None);
        for (value, weight) in &values {
            let middle = below + weight / 2.0;
            if middle >= share * whole {
                return match before {
                    Some((other, at)) if middle > at => {
                        other + (value - other) * (share * whole - at) / (middle - at)
                    }
                    _ => *value,
                };
            }
            before = Some((*value, middle));
            below += weight;
        }
        values.last().map_or(f64::NAN, |(value, _)| *value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (1000, 800);
    const A4: f64 = 0.210 / 0.297;

    /// The image of a rectangle under a pinhole camera: turned by angles about x, then y, then z,
    /// at a distance, with a focal length in pixels.
    fn photographed(width: f64, height: f64, turn: [f64; 3], focal: f64) -> Quadrilateral {
        let rotation = nalgebra::Rotation3::from_euler_angles(turn[0], turn[1], turn[2]);
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
            let place = rotation * Vector3::new(x * width / 2.0, y * height / 2.0, 0.0);
            let depth = place.z + 0.6;
            Point::new(499.5 + focal * place.x / depth, 399.5 + focal * place.y / depth)
        });
        Quadrilateral::new(&corners).unwrap()
    }

    #[test]
    fn a_known_focal_length_gives_the_ratio_in_every_position() {
        let turns =
            [[0.5, -0.6, 0.2], [0.78, 0.0, 0.0], [0.0, 0.7, 0.0], [0.0; 3], [0.0, 0.0, 1.3]];
        for turn in turns {
            for (width, height) in [(0.21, 0.297), (0.16, 0.09), (0.1, 0.1)] {
                let page = photographed(width, height, turn, 1100.0);
                let found = page.proportions(SIZE, Some(1100.0));
                assert!((found.ratio / (width / height) - 1.0).abs() < 1e-9, "{turn:?} {found:?}");
                let Range { low, high } = found.ratio_range;
                assert!(low < found.ratio && found.ratio < high && high / low < 1.3, "{found:?}");
                assert!(found.misfit < 1e-6, "{found:?}");
            }
        }
    }

    #[test]
    fn perspective_in_both_directions_tells_the_focal_length() {
        let page = photographed(0.21, 0.297, [0.6, -0.6, 0.2], 1100.0);
        let found = page.proportions(SIZE, None);
        assert!((found.ratio / A4 - 1.0).abs() < 0.02, "{found:?}");
        assert!((found.focal_length / 1100.0 - 1.0).abs() < 0.1, "{found:?}");
        let Range { low, high } = found.ratio_range;
        assert!(low < A4 && A4 < high && high / low < 1.15, "{found:?}");
    }

    /// A page tilted about a side: the other sides stay parallel, and many focal lengths fit.
    #[test]
    fn perspective_in_one_direction_leaves_the_ratio_open() {
        let page = photographed(0.21, 0.297, [0.78, 0.0, 0.0], 1100.0);
        let found = page.proportions(SIZE, None);
        let Range { low, high } = found.ratio_range;
        assert!(low < A4 && A4 < high && high / low > 1.3, "{found:?}");
        assert!(found.focal_range.high / found.focal_range.low > 4.0, "{found:?}");
        // Seen from straight above, no focal length matters.
        let flat = photographed(0.21, 0.297, [0.0; 3], 1100.0).proportions(SIZE, None);
        let Range { low, high } = flat.ratio_range;
        assert!((flat.ratio / A4 - 1.0).abs() < 0.02, "{flat:?}");
        assert!(low < A4 && A4 < high, "{flat:?}");
    }

    #[test]
    fn what_no_camera_sees_is_a_misfit() {
        // Sides that lean together in one direction, and a corner that is not square.
        let corners = [(100.0, 100.0), (900.0, 100.0), (700.0, 700.0), (500.0, 720.0)];
        let page = Quadrilateral::new(&corners.map(|(x, y)| Point::new(x, y))).unwrap();
        assert!(page.proportions(SIZE, None).misfit > 3.0);
        assert!(page.skew(SIZE) > 0.1);
        let page = photographed(0.21, 0.297, [0.6, -0.6, 0.2], 1100.0);
        assert!(page.proportions(SIZE, Some(4000.0)).misfit > 3.0);
        assert!(page.skew(SIZE) < 0.1);
    }
}
