//! Aligns a picture with the known faces before it is recognized.

use nalgebra::DMatrix;
use rayon::prelude::*;
use serde::Serialize;

use super::error::EigenfacesError;
use super::model::Eigenfaces;
use super::products::inner_products;
use crate::shrink::{between, shrunk};

/// Where a picture is read: the place of each pixel of the aligned picture in the given one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Placement {
    /// Shift to the right, in pixels of the model.
    pub x: f64,
    /// Shift down, in pixels of the model.
    pub y: f64,
    /// How much larger than the aligned picture the given one shows the face.
    pub scale: f64,
    /// Turn in degrees, clockwise as seen: how much the given picture is turned.
    pub turn: f64,
}

impl Placement {
    /// The place itself.
    pub const NONE: Self = Self { x: 0.0, y: 0.0, scale: 1.0, turn: 0.0 };
}

/// A picture that was aligned.
#[derive(Clone, Debug, PartialEq)]
pub struct Aligned {
    /// The picture, row by row.
    pub picture: Vec<f32>,
    /// Where it was read in the given picture.
    pub placement: Placement,
}

/// Finds the shift, scale and turn that bring a picture nearest to the known faces: the sum of the
/// squared distances from face space and, within it, from the nearest known face is least. The
/// distance from face space alone prefers dull parts of the picture.
///
/// # References
/// Turk and Pentland: Eigenfaces for recognition, 1991, section "Locating and detecting faces".
#[derive(Clone, Debug)]
pub struct Aligner<'a> {
    model: &'a Eigenfaces,
    /// Largest shift in pixels.
    pixels: usize,
    /// Pixels of a block of the reduced pictures.
    step: usize,
    /// Reduced known faces as points, one column each.
    reduced: DMatrix<f64>,
}

/// Longest side of reduced pictures.
const REDUCED: usize = 28;
/// Scales that are tried first.
const SCALES: [f64; 5] = [0.8, 0.9, 1.0, 1.118, 1.25];
/// Turns that are tried first, in degrees.
const TURNS: [f64; 5] = [-15.0, -7.5, 0.0, 7.5, 15.0];
/// Placements that are refined.
const STARTS: usize = 3;
/// Times that the steps of the refinement are halved.
const HALVINGS: usize = 3;
/// Most moves with steps of one length.
const MOVES: usize = 3;

impl Eigenfaces {
    /// An aligner that shifts by up to `pixels` each way, scales by 0.8 to 1.25, and turns by up to
    /// 15 degrees.
    ///
    /// # Errors
    /// The shift is 0 or more than half of the shorter side of the model.
    pub fn aligner(&self, pixels: usize) -> Result<Aligner<'_>, EigenfacesError> {
        let most = (self.width.min(self.height) / 2).max(1);
        if !(1..=most).contains(&pixels) {
            return Err(EigenfacesError::Search { pixels, most });
        }
        let step = self.width.max(self.height).div_ceil(REDUCED);
        let columns = (0..self.names.len()).filter_map(|picture| self.thumbnail(picture));
        let columns: Vec<Vec<f64>> = columns
            .map(|picture| {
                #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
                let picture: Vec<f32> = picture.iter().map(|value| *value as f32).collect();
                self.normalization.apply(&shrunk(&picture, self.width, step).0).values
            })
            .collect();
        let rows = columns.first().map_or(0, Vec::len);
        let reduced = DMatrix::from_iterator(rows, columns.len(), columns.into_iter().flatten());
        Ok(Aligner { model: self, pixels, step, reduced })
    }
}

impl Aligner<'_> {
    /// Aligns a picture of the model's size. Beyond its border, it continues with the pixels there.
    ///
    /// # Errors
    /// The picture has another size, or infinite or NaN pixels.
    pub fn align(&self, picture: &[f32]) -> Result<Aligned, EigenfacesError> {
        self.model.check_picture(picture)?;
        let starts = self.starts(picture);
        let found = starts.into_par_iter().map(|start| self.refined(picture, start));
        let found: Vec<(f64, Placement)> = found.collect();
        let best = found.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let placement = best.map_or(Placement::NONE, |(_, placement)| placement);
        let picture = placed(picture, self.model.width, placement);
        Ok(Aligned { picture, placement })
    }

    /// The best placements of a coarse grid, by the reduced picture.
    fn starts(&self, picture: &[f32]) -> Vec<Placement> {
        let grid = self.grid();
        let (small, width) = shrunk(picture, self.model.width, self.step);
        #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
        let step = self.step as f64;
        let points: Vec<Vec<f64>> = grid
            .par_iter()
            .map(|place| {
                let place = Placement { x: place.x / step, y: place.y / step, ..*place };
                self.model.normalization.apply(&placed(&small, width, place)).values
            })
            .collect();
        let points = DMatrix::from_iterator(small.len(), grid.len(), points.into_iter().flatten());
        let products = inner_products(&self.reduced, &points);
        let known: Vec<f64> = self.reduced.column_iter().map(|c| c.norm_squared()).collect();
        let mut order: Vec<(f64, Placement)> = grid
            .into_iter()
            .enumerate()
            .map(|(index, place)| {
                let products = products.column(index);
                let near = products.iter().zip(&known).map(|(p, own)| own - 2.0 * p);
                let near = near.fold(f64::INFINITY, f64::min);
                (near + points.column(index).norm_squared(), place)
            })
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        order.into_iter().take(STARTS).map(|(_, place)| place).collect()
    }

    /// Every shift by whole blocks, with every scale and turn; the unchanged place is the first.
    fn grid(&self) -> Vec<Placement> {
        #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
        let [range, step] = [self.pixels as f64, self.step.min(self.pixels) as f64];
        #[expect(clippy::cast_possible_truncation, reason = "shifts are at most half of a side")]
        let most = (range / step).floor() as i32;
        let shifts: Vec<f64> = (-most..=most).map(|index| f64::from(index) * step).collect();
        let mut grid = vec![Placement::NONE];
        for y in &shifts {
            for x in &shifts {
                for scale in SCALES {
                    grid.extend(TURNS.map(|turn| Placement { x: *x, y: *y, scale, turn }));
                }
            }
        }
        grid
    }

    /// The nearest placement around a start, and its squared distance.
    fn refined(&self, picture: &[f32], start: Placement) -> (f64, Placement) {
        #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
        let shift = self.step as f64 / 2.0;
        let mut steps = [shift, shift, 0.05, 4.0];
        let mut best = (self.distances(picture, &[start])[0], start);
        for _ in 0..HALVINGS {
            for _ in 0..MOVES {
                let around = self.around(best.1, steps);
                let distances = self.distances(picture, &around);
                let nearest = distances.into_iter().zip(around).min_by(|a, b| a.0.total_cmp(&b.0));
                match nearest {
                    Some(nearest) if nearest.0 < best.0 => best = nearest,
                    _ => break,
                }
            }
            steps = steps.map(|step| step / 2.0);
        }
        best
    }

    /// The placements one step away, within the range.
    fn around(&self, place: Placement, steps: [f64; 4]) -> Vec<Placement> {
        #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
        let range = self.pixels as f64;
        let mut around = Vec::with_capacity(8);
        for (axis, step) in steps.into_iter().enumerate() {
            for step in [-step, step] {
                let mut moved = place;
                match axis {
                    0 => moved.x += step,
                    1 => moved.y += step,
                    2 => moved.scale += step,
                    _ => moved.turn += step,
                }
                moved.x = moved.x.clamp(-range, range);
                moved.y = moved.y.clamp(-range, range);
                moved.scale = moved.scale.clamp(SCALES[0], SCALES[SCALES.len() - 1]);
                moved.turn = moved.turn.clamp(TURNS[0], TURNS[TURNS.len() - 1]);
                around.push(moved);
            }
        }
        around
    }

    /// For each placement, the squared distance of the picture read there from the nearest known
    /// face in face space, with the squared distance from face space.
    fn distances(&self, picture: &[f32], places: &[Placement]) -> Vec<f64> {
        let model = self.model;
        let columns = places.iter().flat_map(|place| {
            let read = placed(picture, model.width, *place);
            model.normalization.apply(&read).values
        });
        let mut points = DMatrix::from_iterator(picture.len(), places.len(), columns);
        for mut point in points.column_iter_mut() {
            point -= &model.principal.mean;
        }
        let weights = inner_products(&model.principal.components, &points);
        let of = |index: usize| {
            let own = weights.column(index);
            let outside = points.column(index).norm_squared() - own.norm_squared();
            let near = model.gallery.column_iter().map(|known| (known - own).norm_squared());
            outside + near.fold(f64::INFINITY, f64::min)
        };
        (0..places.len()).map(of).collect()
    }
}

/// A picture read at a placement, between pixels linearly.
fn placed(picture: &[f32], width: usize, place: Placement) -> Vec<f32> {
    let height = picture.len() / width;
    #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^52")]
    let middle = [(width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0];
    let (sine, cosine) = place.turn.to_radians().sin_cos();
    let (sine, cosine) = (sine * place.scale, cosine * place.scale);
    let mut result = Vec::with_capacity(picture.len());
    for row in 0..height {
        for column in 0..width {
            #[expect(clippy::cast_precision_loss, reason = "sides are far below 2^52")]
            let [x, y] = [column as f64 - middle[0], row as f64 - middle[1]];
            let at = [
                middle[0] + place.x + cosine * x - sine * y,
                middle[1] + place.y + sine * x + cosine * y,
            ];
            result.push(between(picture, width, height, at));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_read_where_a_placement_says() {
        // 4 wide, 3 high; each pixel tells its place.
        let picture: Vec<f32> =
            (0..12_u8).map(|index| f32::from(index % 4 + 10 * (index / 4))).collect();
        assert_eq!(placed(&picture, 4, Placement::NONE), picture);
        let moved = placed(&picture, 4, Placement { x: 1.0, y: -1.0, ..Placement::NONE });
        assert_eq!(moved[..4], [1.0, 2.0, 3.0, 3.0]);
        assert_eq!(moved[8..], [11.0, 12.0, 13.0, 13.0]);
        // A square of 3: a turn by 90 degrees reads the first row down the right side.
        let square: Vec<f32> = (0..9_u8).map(f32::from).collect();
        let turned = placed(&square, 3, Placement { turn: 90.0, ..Placement::NONE });
        for (found, expected) in turned.iter().zip([2.0, 5.0, 8.0, 1.0, 4.0, 7.0, 0.0, 3.0, 6.0]) {
            assert!((found - expected).abs() < 1e-5, "{turned:?}");
        }
        let smaller = placed(&square, 3, Placement { scale: 0.5, ..Placement::NONE });
        for (place, expected) in [(0, 2.0), (4, 4.0), (8, 6.0)] {
            assert!((smaller[place] - expected).abs() < 1e-5, "{smaller:?}");
        }
    }
}
