//! What speaks for a quadrilateral being the outline of a sheet.

use super::assembly::{BLURRED, Corners, convex_area};
use super::field::{Field, support};
use super::lab::{Lab, LabPicture, distance, median};
use super::line::Line;
use super::refinement::straightness;
use crate::homography::{Point, Quadrilateral};

/// How far inside and outside of a side colors are compared, in pixels of the small copy.
const DEPTHS: [f64; 3] = [2.5, 3.5, 4.5];

/// What speaks for a quadrilateral being the outline of a sheet, in numbers of comparable size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Share of the outline along which there are edges, 0 to 1.
    pub support: f64,
    /// The same for the side that has least.
    pub least_support: f64,
    /// Share of places just past the corners where the edge of a side goes on, 0 to 1: with colors that
    /// differ across as they do along the side. A sheet's sides end there; texture has other edges.
    pub beyond: f64,
    /// Share of the outline where the largest change of color around is on the straight side, 0 to 1.
    pub straight: f64,
    /// The same for the side that has least.
    pub least_straight: f64,
    /// Share of the side that has least along which the colors inside and outside differ, 0 to 1.
    pub differing: f64,
    /// Logarithm of 1 and the difference of colors across the side where it is least.
    pub contrast: f64,
    /// Logarithm of how much colors change from place to place just inside, relative to the
    /// difference across: low for paper.
    pub roughness: f64,
    /// The same relative to the change from place to place outside.
    pub smoother: f64,
    /// Logarithm of how much the colors just inside vary around the whole outline, relative to the
    /// difference across.
    pub variety: f64,
    /// Whether the inside is brighter, or darker, than the outside everywhere: 1, or less where it
    /// changes.
    pub polarity: f64,
    /// Logarithm of the share of the picture that it covers.
    pub area: f64,
    /// Logarithm of its shorter over its longer extent.
    pub slenderness: f64,
    /// How far from a right angle its corners are, for the camera that sees it best: the cosine of
    /// the angle, 0 to 1.
    pub skew: f64,
}

impl Evidence {
    /// Number of kinds of evidence.
    pub const COUNT: usize = 16;

    /// The evidence in the order of its fields; behind what is measured of edges, how much of them is
    /// there and straight.
    #[must_use]
    pub const fn numbers(&self) -> [f64; Self::COUNT] {
        [
            self.support,
            self.least_support,
            self.beyond,
            self.straight,
            self.least_straight,
            self.support * self.straight,
            self.least_support * self.least_straight,
            self.differing,
            self.contrast,
            self.roughness,
            self.smoother,
            self.variety,
            self.polarity,
            self.area,
            self.slenderness,
            self.skew,
        ]
    }
}

/// What is measured along one side.
struct Side {
    support: f64,
    beyond: f64,
    straight: f64,
    length: f64,
    /// Colors just inside and outside, at places along the side.
    colors: Vec<(Lab, Lab)>,
}

/// An end of a side.
#[derive(Clone, Copy)]
struct Corner {
    /// How far along the side's line it lies.
    along: f64,
    /// The direction away from the side: 1 or -1.
    away: f64,
    /// How far past it edges are looked for, in pixels.
    reach: f64,
}

/// Everything that evidence is taken from.
pub(super) struct Scene<'a> {
    pub(super) picture: &'a LabPicture,
    pub(super) fields: &'a [Field],
    pub(super) noise: f32,
}

impl Scene<'_> {
    /// The evidence for a quadrilateral; none if it is not convex, or hardly in the picture.
    pub(super) fn evidence(&self, corners: &Corners) -> Option<Evidence> {
        let area = convex_area(corners)?;
        let mut sides = Vec::with_capacity(4);
        for index in 0..4 {
            sides.push(self.side(corners, index)?);
        }
        let around: f64 = sides.iter().map(|side| side.length).sum();
        let threshold = (2.0 * self.noise).max(2.5);
        let differences: Vec<Vec<f32>> = sides.iter().map(Side::differences).collect();
        let shares = differences.iter().map(|side| {
            let differing = side.iter().filter(|difference| **difference > threshold).count();
            ratio(differing, side.len())
        });
        let contrasts = differences.iter().map(|side| median_of(side.iter().copied()));
        let contrast = contrasts.fold(f64::INFINITY, f64::min);
        let inner = median_of(sides.iter().flat_map(|side| side.changes(|colors| colors.0)));
        let outer = median_of(sides.iter().flat_map(|side| side.changes(|colors| colors.1)));
        let usual = median_of(differences.iter().flatten().copied());
        #[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
        let whole = (self.picture.width() * self.picture.height()) as f64;
        Some(Evidence {
            support: sides.iter().map(|side| side.support * side.length).sum::<f64>() / around,
            least_support: sides.iter().fold(1.0, |least, side| side.support.min(least)),
            beyond: sides.iter().map(|side| side.beyond).sum::<f64>() / 8.0,
            straight: sides.iter().map(|side| side.straight * side.length).sum::<f64>() / around,
            least_straight: sides.iter().fold(1.0, |least, side| side.straight.min(least)),
            differing: shares.fold(1.0, f64::min),
            contrast: contrast.ln_1p(),
            roughness: ((inner + 0.3) / (usual + 0.3)).ln(),
            smoother: ((inner + 0.3) / (outer + 0.3)).ln(),
            variety: ((variety(&sides) + 1.0) / (usual + 1.0)).ln(),
            polarity: polarity(&sides),
            area: (area / whole).ln(),
            slenderness: slenderness(&sides),
            skew: self.skew(corners),
        })
    }

    fn side(&self, corners: &Corners, index: usize) -> Option<Side> {
        let [a, b] = [corners[index], corners[(index + 1) % 4]];
        let opposite = corners[(index + 2) % 4];
        let line = Line::between(a, b)?;
        // Inside is where the opposite corner is.
        let inward = line.offset(opposite).signum();
        let (start, end) = (line.along(a), line.along(b));
        let length = (end - start).abs();
        let forward = (end - start).signum();
        let at = |along: f64| f64::from(support(self.fields, line.at(along), line.normal));
        let places = steps(length.max(1.0), 1.0);
        let supported = places.iter().map(|step| at(start + forward * step)).sum::<f64>();
        let reach = (0.15 * length).clamp(6.0, 40.0);
        let ends = [(end, forward), (start, -forward)].map(|(corner, away)| {
            self.past_corner(&line, inward, Corner { along: corner, away, reach })
        });
        let mut colors = Vec::new();
        for step in steps(length, 3.0) {
            let share = step / length.max(1.0);
            if !(0.03..=0.97).contains(&share) {
                continue;
            }
            colors.extend(self.colors_beside(&line, inward, start + forward * step));
        }
        Some(Side {
            support: (supported / length.max(1.0)).min(1.0),
            beyond: ends.iter().sum(),
            straight: straightness(&line, [a, b], self.picture),
            length,
            colors,
        })
    }

    /// How much the edge of a side goes on past one of its corners, 0 to 1.
    fn past_corner(&self, line: &Line, inward: f64, corner: Corner) -> f64 {
        let across = |along: f64| {
            let (inner, outer) = self.colors_beside(line, inward, along)?;
            Some([0, 1, 2].map(|part: usize| inner[part] - outer[part]))
        };
        let Corner { along, away, reach } = corner;
        let places = steps(reach, 1.0);
        let before: Vec<Lab> =
            places.iter().filter_map(|step| across(along - away * (BLURRED + step))).collect();
        #[expect(clippy::cast_precision_loss, reason = "there are few places")]
        let count = before.len().max(1) as f32;
        let usual =
            [0, 1, 2].map(|part| before.iter().map(|change| change[part]).sum::<f32>() / count);
        let product = |a: Lab, b: Lab| (0..3).map(|part| a[part] * b[part]).sum::<f32>();
        let here = |step: &f64| {
            let place = along + away * (BLURRED + step);
            let change = across(place)?;
            let larger = product(usual, usual).max(product(change, change)).max(1.0);
            let alike = (product(change, usual) / larger).max(0.0);
            Some(f64::from(support(self.fields, line.at(place), line.normal) * alike))
        };
        places.iter().filter_map(here).sum::<f64>() / reach
    }

    /// The mean colors inside and outside of a place along a side.
    fn colors_beside(&self, line: &Line, inward: f64, along: f64) -> Option<(Lab, Lab)> {
        let foot = line.at(along);
        let inner = self.mean_color(foot, line.normal, inward);
        inner.zip(self.mean_color(foot, line.normal, -inward))
    }

    /// The mean color beside a place of a side.
    fn mean_color(&self, foot: Point, [x, y]: [f64; 2], sign: f64) -> Option<Lab> {
        let mut sum = [0.0; 3];
        for depth in DEPTHS {
            let offset = sign * depth;
            let color = self.picture.at(Point::new(foot.x + offset * x, foot.y + offset * y))?;
            for (sum, part) in sum.iter_mut().zip(color) {
                *sum += part / 3.0;
            }
        }
        Some(sum)
    }

    fn skew(&self, corners: &Corners) -> f64 {
        let size = [self.picture.width(), self.picture.height()]
            .map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        Quadrilateral::new(corners).map_or(1.0, |shape| shape.skew(size.into()))
    }
}

impl Side {
    fn differences(&self) -> Vec<f32> {
        self.colors.iter().map(|(inner, outer)| distance(*inner, *outer)).collect()
    }

    /// Changes of color from place to place.
    fn changes(&self, of: impl Fn(&(Lab, Lab)) -> Lab) -> Vec<f32> {
        self.colors.windows(2).map(|pair| distance(of(&pair[0]), of(&pair[1]))).collect()
    }
}

/// Places from 0 up to a length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "there are some hundred places"
)]
fn steps(length: f64, step: f64) -> Vec<f64> {
    (0..(length / step).ceil().max(0.0) as usize).map(|index| index as f64 * step).collect()
}

#[expect(clippy::cast_precision_loss, reason = "there are few places")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn median_of(values: impl Iterator<Item = f32>) -> f64 {
    median(&mut values.collect::<Vec<f32>>()).map_or(0.0, f64::from)
}

/// The median distance of the colors just inside from their median.
fn variety(sides: &[Side]) -> f64 {
    let colors = || sides.iter().flat_map(|side| side.colors.iter().map(|(inner, _)| *inner));
    let middle = [0, 1, 2].map(|part| {
        median(&mut colors().map(|color| color[part]).collect::<Vec<f32>>()).unwrap_or_default()
    });
    median_of(colors().map(|color| distance(color, middle)))
}

/// How much of the difference in lightness has the same sign, 0 to 1.
fn polarity(sides: &[Side]) -> f64 {
    let (mut signed, mut whole) = (0.0, 1e-6);
    for (inner, outer) in sides.iter().flat_map(|side| &side.colors) {
        let difference = f64::from(inner[0] - outer[0]).clamp(-10.0, 10.0);
        signed += difference;
        whole += difference.abs();
    }
    (signed / whole).abs()
}

/// Logarithm of the shorter over the longer extent.
fn slenderness(sides: &[Side]) -> f64 {
    let [across, down] = [(0, 2), (1, 3)].map(|(a, b)| sides[a].length + sides[b].length);
    (across.min(down) / across.max(down)).ln()
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    /// The evidence for a light rectangle in a picture; `light` is what is light besides.
    fn evidence(light: impl Fn(u32, u32) -> bool) -> Evidence {
        let inside = |x: u32, y: u32| (30..90).contains(&x) && (20..70).contains(&y);
        let pixel = |x, y| if inside(x, y) || light(x, y) { Rgb([200; 3]) } else { Rgb([90; 3]) };
        let picture = LabPicture::of(&RgbImage::from_fn(120, 100, pixel).into()).blurred(1.0);
        let fields = [Field::of(&picture, 1.0, 0.0)];
        let corners = [(29.5, 19.5), (89.5, 19.5), (89.5, 69.5), (29.5, 69.5)];
        let scene = Scene { picture: &picture, fields: &fields, noise: 0.0 };
        scene.evidence(&corners.map(|(x, y)| Point::new(x, y))).unwrap()
    }

    #[test]
    fn a_plain_sheet_has_straight_edges_that_end() {
        let found = evidence(|_, _| false);
        assert!(found.least_support > 0.95 && found.least_straight > 0.95, "{found:?}");
        assert!(found.beyond < 0.01 && found.differing > 0.99, "{found:?}");
    }

    #[test]
    fn an_edge_past_a_corner_counts_if_it_is_the_side_that_goes_on() {
        // Below the right side, the edge goes on: light left of it, as along the side.
        let goes_on = evidence(|x, y| (60..90).contains(&x) && y >= 70);
        // Or another edge begins there: light right of it.
        let other = evidence(|x, y| x >= 90 && y >= 73);
        assert!(goes_on.beyond > 0.08, "{goes_on:?}");
        assert!(other.beyond < 0.02, "{other:?}");
    }
}
