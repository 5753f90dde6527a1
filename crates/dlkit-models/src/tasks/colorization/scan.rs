//! What a network is shown of a damaged scan: no border, the whole range from dark to bright, no specks.
//!
//! Only what the network sees is changed. The result keeps the lightness of the scan.

use std::ops::Range;

use super::tiles;
use crate::value::number::{float, signed};

/// How pictures are prepared for the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preparation {
    /// As scans: a uniform white or black border stays without colors, a faded picture is shown with its
    /// range stretched, specks and scratches are filled from around.
    #[default]
    Scan,
    /// As they are.
    None,
}

/// Most places of a row or column that are looked at.
const MOST_LOOKED_AT: usize = 512;
/// L of white borders at least, and of black ones at most.
const WHITE: f32 = 85.0;
const BLACK: f32 = 10.0;
/// Most that L differs within a border, and the share of its places that may differ more: dirt, lettering
/// and scratches.
const EVEN: f32 = 6.0;
const SHARE_EVEN: f64 = 0.9;
/// The least share of a side that a border takes, and the most.
const THINNEST: f64 = 0.01;
const THICKEST: f64 = 0.4;

/// The part of a picture within its border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

impl Frame {
    /// All of a picture.
    pub(super) const fn whole([height, width]: [usize; 2]) -> Self {
        Self { rows: 0..height, columns: 0..width }
    }

    /// Finds the border of a picture of a height and a width: on two sides at least, of one lightness,
    /// white or black. Without one, the frame is the whole picture.
    ///
    /// # Shapes
    /// - lightness: L of the pixel in a row and a column
    pub(super) fn find(size: [usize; 2], lightness: &impl Fn(usize, usize) -> f32) -> Self {
        let [height, width] = size;
        let row = |row: usize| level(width, |column| lightness(row, column));
        let column = |column: usize| level(height, |row| lightness(row, column));
        let sides = [
            border(height, row),
            border(height, |place| row(height - 1 - place)),
            border(width, column),
            border(width, |place| column(width - 1 - place)),
        ];
        let alike = |level: f32| {
            move |side: &Option<Side>| side.filter(|side| (side.level - level).abs() <= EVEN)
        };
        // The level that most sides have.
        let count = |level: f32| sides.iter().filter_map(alike(level)).count();
        let levels = sides.iter().flatten().map(|side| side.level);
        let Some(level) =
            levels.max_by_key(|&level| count(level)).filter(|&level| count(level) >= 2)
        else {
            return Self::whole(size);
        };
        let [top, bottom, left, right] =
            sides.each_ref().map(|side| alike(level)(side).map_or(0, |side| side.depth));
        Self { rows: top..height - bottom, columns: left..width - right }
    }

    /// Whether a pixel lies within.
    pub(super) fn contains(&self, row: usize, column: usize) -> bool {
        self.rows.contains(&row) && self.columns.contains(&column)
    }

    /// The same on a smaller picture, without the pixels that are mixed with the border.
    pub(super) fn scaled(&self, from: [usize; 2], to: [usize; 2]) -> Self {
        let scaled = |range: &Range<usize>, axis: usize| {
            let (from, to) = (from[axis].max(1), to[axis]);
            // The pixel at the border, and one that the border rings into.
            let start = match range.start {
                0 => 0,
                start => (start * to).div_ceil(from) + usize::from(from != to),
            };
            let end = match range.end {
                end if end >= from => to,
                end => (end * to / from).saturating_sub(usize::from(from != to)),
            };
            if start < end {
                return start..end;
            }
            let middle = ((range.start + range.end) * to / (2 * from)).min(to.saturating_sub(1));
            middle..middle + 1
        };
        Self { rows: scaled(&self.rows, 0), columns: scaled(&self.columns, 1) }
    }
}

/// The border on one side.
#[derive(Clone, Copy)]
struct Side {
    /// Rows or columns.
    depth: usize,
    level: f32,
}

/// The border that rows or columns form, counted from a side, by their levels.
fn border(size: usize, level: impl Fn(usize) -> Option<f32>) -> Option<Side> {
    let first = level(0)?;
    let same = |place: &usize| level(*place).is_some_and(|level| (level - first).abs() <= EVEN);
    let depth = (0..size).take_while(same).count();
    let share = float(depth) / float(size);
    (THINNEST..=THICKEST).contains(&share).then_some(Side { depth, level: first })
}

/// The lightness of a row or column, if it is evenly white or black.
fn level(length: usize, lightness: impl Fn(usize) -> f32) -> Option<f32> {
    let step = length.div_ceil(MOST_LOOKED_AT).max(1);
    let mut values: Vec<f32> = (0..length).step_by(step).map(lightness).collect();
    values.sort_by(f32::total_cmp);
    let middle = *values.get(values.len() / 2)?;
    let even = values.iter().filter(|value| (*value - middle).abs() <= EVEN).count();
    let is_extreme = middle >= WHITE || middle <= BLACK;
    (is_extreme && float(even) >= SHARE_EVEN * float(values.len())).then_some(middle)
}

/// A scan whose range from dark to bright is at most this is faded.
const FADED: f32 = 50.0;
/// The range that it is shown with.
const SHOWN: [f32; 2] = [8.0, 92.0];
/// The share of pixels beyond each end of a range.
const BEYOND: f64 = 0.01;
/// How much L of a speck differs from nearly all around it.
const SPECK: f32 = 12.0;

/// A picture as a network is shown it: at its own size or another.
///
/// # Shapes
/// - `F`: L of the pixel in a row and a column of what is shown, before anything is changed
pub(super) struct Prepared<F> {
    /// The part of the picture, at its own size, that is given colors.
    pub(super) frame: Frame,
    shown: Option<Shown>,
    as_it_is: F,
}

impl<F: Fn(usize, usize) -> f32> Prepared<F> {
    /// Prepares a picture of a size, height and width, that is shown at another.
    ///
    /// # Shapes
    /// - picture: its size, and L of the pixel in a row and a column
    /// - seen: the same of what is shown
    pub(super) fn new(
        preparation: Preparation,
        (size, lightness): ([usize; 2], impl Fn(usize, usize) -> f32),
        (seen_size, as_it_is): ([usize; 2], F),
    ) -> Self {
        let (frame, shown) = match preparation {
            Preparation::None => (Frame::whole(size), None),
            Preparation::Scan => {
                let frame = Frame::find(size, &lightness);
                let shown = Shown::new(seen_size, frame.scaled(size, seen_size), &as_it_is);
                (frame, Some(shown))
            }
        };
        Self { frame, shown, as_it_is }
    }

    /// L of a pixel of what is shown.
    pub(super) fn lightness(&self, row: usize, column: usize) -> f32 {
        match &self.shown {
            Some(shown) => shown.lightness(row, column),
            None => (self.as_it_is)(row, column),
        }
    }
}

/// L of a scan as a network is shown it.
struct Shown {
    values: Vec<f32>,
    width: usize,
    frame: Frame,
}

impl Shown {
    /// Prepares a picture of a height and a width whose part within its border is `frame`.
    ///
    /// # Shapes
    /// - lightness: L of the pixel in a row and a column
    fn new(
        [height, width]: [usize; 2],
        frame: Frame,
        lightness: &impl Fn(usize, usize) -> f32,
    ) -> Self {
        let values = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        let values = values.map(|(row, column)| lightness(row, column)).collect();
        let mut shown = Self { values, width, frame };
        shown.fill_specks();
        shown.stretch();
        shown
    }

    /// L of a pixel; beyond the frame, that of the pixel mirrored at its border.
    fn lightness(&self, row: usize, column: usize) -> f32 {
        let Frame { rows, columns } = &self.frame;
        self.values[mirrored(row, rows) * self.width + mirrored(column, columns)]
    }

    /// Gives pixels that are far brighter or darker than nearly all around them the median of these.
    fn fill_specks(&mut self) {
        let mut filled = self.values.clone();
        for row in self.frame.rows.clone() {
            for column in self.frame.columns.clone() {
                let own = self.lightness(row, column);
                let mut around = self.around(row, column);
                let brighter = around.iter().filter(|other| own > *other + SPECK).count();
                let darker = around.iter().filter(|other| own < *other - SPECK).count();
                if around.is_empty() {
                    continue;
                }
                // A scratch runs through two of the eight neighbors.
                if brighter.max(darker) * 4 >= around.len() * 3 {
                    around.sort_by(f32::total_cmp);
                    filled[row * self.width + column] = around[around.len() / 2];
                }
            }
        }
        self.values = filled;
    }

    fn around(&self, row: usize, column: usize) -> Vec<f32> {
        let near = |place: usize, within: &Range<usize>| {
            place.saturating_sub(1).max(within.start)..(place + 2).min(within.end)
        };
        let Frame { rows, columns } = &self.frame;
        let places = near(row, rows).flat_map(|r| near(column, columns).map(move |c| (r, c)));
        let others = places.filter(|place| *place != (row, column));
        others.map(|(row, column)| self.values[row * self.width + column]).collect()
    }

    /// Stretches the range of a faded picture.
    fn stretch(&mut self) {
        let Frame { rows, columns } = &self.frame;
        let mut within: Vec<f32> = rows
            .clone()
            .flat_map(|row| &self.values[row * self.width..][columns.clone()])
            .copied()
            .collect();
        within.sort_by(f32::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the number of pixels"
        )]
        let beyond = (BEYOND * float(within.len())) as usize;
        let (Some(&low), Some(&high)) = (within.get(beyond), within.iter().rev().nth(beyond))
        else {
            return;
        };
        let range = high - low;
        // A picture of one color has nothing to stretch.
        if !(1.0..=FADED).contains(&range) {
            return;
        }
        let factor = (SHOWN[1] - SHOWN[0]) / range;
        for value in &mut self.values {
            *value = ((*value - low) * factor + SHOWN[0]).clamp(0.0, 100.0);
        }
    }
}

/// A place mirrored at the ends of a range until it lies within, the ends not repeated.
fn mirrored(place: usize, within: &Range<usize>) -> usize {
    let from_start = signed(place) - signed(within.start);
    within.start + tiles::mirrored(from_start, within.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [usize; 2] = [60, 80];

    /// A scan with a border of a lightness around a dark picture.
    fn bordered(border: f32) -> impl Fn(usize, usize) -> f32 {
        move |row, column| {
            let inside = (6..54).contains(&row) && (10..75).contains(&column);
            if inside { 30.0 + float_of((row + column) % 20) } else { border }
        }
    }

    fn float_of(value: usize) -> f32 {
        f32::from(u8::try_from(value).unwrap())
    }

    #[test]
    fn borders_are_found_if_white_or_black_on_two_sides() {
        let frame = Frame { rows: 6..54, columns: 10..75 };
        assert_eq!(Frame::find(SIZE, &bordered(96.0)), frame);
        assert_eq!(Frame::find(SIZE, &bordered(3.0)), frame);
        assert_eq!(Frame::find(SIZE, &bordered(60.0)), Frame::whole(SIZE));
        // A bright sky is no border.
        let sky =
            |row: usize, column: usize| if row < 20 { 95.0 } else { bordered(30.0)(row, column) };
        assert_eq!(Frame::find(SIZE, &sky), Frame::whole(SIZE));
        // A scratch through the border and dirt on it do not matter.
        let scratched = |row: usize, column: usize| {
            if column == 40 || (row, column) == (2, 3) { 50.0 } else { bordered(96.0)(row, column) }
        };
        assert_eq!(Frame::find(SIZE, &scratched), frame);
        for level in [0.0, 50.0, 100.0] {
            assert_eq!(Frame::find([1, 1], &|_, _| level), Frame::whole([1, 1]));
            assert_eq!(Frame::find(SIZE, &|_, _| level), Frame::whole(SIZE));
        }
    }

    #[test]
    fn a_frame_on_a_smaller_picture_has_nothing_of_the_border() {
        let frame = Frame { rows: 6..54, columns: 10..80 };
        // A seventh of a row is 8.6 pixels: 0.7 to 6.3 of 7 without mixed pixels and their neighbors.
        assert_eq!(frame.scaled(SIZE, [7, 9]), Frame { rows: 2..5, columns: 3..9 });
        assert_eq!(frame.scaled(SIZE, SIZE), frame);
        assert!(frame.contains(6, 79) && !frame.contains(5, 20) && !frame.contains(20, 9));
        let thin = Frame { rows: 0..1, columns: 79..80 };
        assert_eq!(thin.scaled(SIZE, [1, 1]), Frame::whole([1, 1]));
        assert_eq!(thin.scaled(SIZE, [30, 40]), Frame { rows: 0..1, columns: 39..40 });
    }

    #[test]
    fn borders_show_what_is_mirrored_at_them() {
        let frame = Frame { rows: 6..54, columns: 10..75 };
        let shown = Shown::new(SIZE, frame, &|row, column| float_of(row) + 0.1 * float_of(column));
        for (row, column, expected) in [(5, 20, (7, 20)), (59, 79, (47, 69)), (30, 9, (30, 11))] {
            let found = shown.lightness(row, column);
            assert!(
                (found - shown.lightness(expected.0, expected.1)).abs() < 1e-6,
                "{row} {column}"
            );
        }
    }

    #[test]
    fn faded_pictures_are_stretched_and_others_left_alone() {
        let shown = |range: f32| {
            let gray = move |row: usize, _: usize| 40.0 + range * float_of(row) / 59.0;
            let shown = Shown::new(SIZE, Frame::whole(SIZE), &gray);
            [shown.lightness(0, 0), shown.lightness(59, 0)]
        };
        assert_eq!(shown(55.0).map(f32::to_bits), [40.0_f32, 95.0].map(f32::to_bits));
        let [low, high] = shown(20.0);
        assert!((low - SHOWN[0]).abs() < 0.1 && (high - SHOWN[1]).abs() < 0.1, "{low} {high}");
        assert_eq!(shown(0.0).map(f32::to_bits), [40.0_f32; 2].map(f32::to_bits));
    }

    #[test]
    fn a_single_pixel_stays_as_it_is() {
        let shown = Shown::new([1, 1], Frame::whole([1, 1]), &|_, _| 40.0);
        assert!((shown.lightness(0, 0) - 40.0).abs() < 1e-6);
    }

    #[test]
    fn specks_and_scratches_are_filled_and_edges_stay() {
        let edge = |row: usize| if row < 30 { 20.0 } else { 80.0 };
        let damaged = |row: usize, column: usize| match (row, column) {
            (10, 10) | (40, 50) => 100.0,
            (_, 25) => 98.0,
            (row, column) if row == column + 8 => 0.0,
            (row, _) => edge(row),
        };
        let shown = Shown::new(SIZE, Frame::whole(SIZE), &damaged);
        for (row, column) in [(10, 10), (40, 50), (12, 25), (50, 25), (45, 37), (29, 60), (30, 60)]
        {
            let found = shown.lightness(row, column);
            assert!((found - edge(row)).abs() < 1e-6, "{row} {column}: {found}");
        }
    }
}
