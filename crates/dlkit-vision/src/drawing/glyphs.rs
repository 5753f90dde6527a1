//! Digits and letters as strokes.

use image::RgbImage;

use super::shapes::line;
use crate::homography::{Correspondence, Point};

/// Strokes of a glyph as lines through points (x, y): y is 0 at the top of a digit and
/// [`BASELINE`] at its foot.
type Strokes = &'static [&'static [[f64; 2]]];

/// The height of a digit in the units of strokes.
const BASELINE: f64 = 6.0;
/// The space between glyphs, in the same units.
const SPACE: f64 = 1.5;

/// The width and the strokes of a character.
const fn glyph(character: char) -> (f64, Strokes) {
    match character {
        '0' => (4.0, ZERO),
        '1' => (2.4, &[&[[0.5, 1.2], [2.2, 0.0], [2.2, 6.0]]]),
        '2' => (4.0, TWO),
        '3' => (4.0, THREE),
        '4' => (4.2, &[&[[3.1, 6.0], [3.1, 0.0], [0.0, 4.3], [4.2, 4.3]]]),
        '5' => (4.0, FIVE),
        '6' => (4.0, SIX),
        '7' => (4.0, &[&[[0.0, 0.0], [4.0, 0.0], [1.5, 6.0]]]),
        '8' => (4.0, EIGHT),
        '9' => (4.0, NINE),
        'a' => (3.8, A),
        'c' => (
            3.8,
            &[&[
                [3.8, 2.8],
                [2.8, 2.0],
                [1.2, 2.0],
                [0.0, 3.2],
                [0.0, 4.8],
                [1.2, 6.0],
                [2.8, 6.0],
                [3.8, 5.2],
            ]],
        ),
        'e' => (4.0, E),
        'g' => (3.8, G),
        'i' => (0.4, &[&[[0.2, 2.0], [0.2, 6.0]], &[[0.2, 0.3], [0.2, 0.4]]]),
        'l' => (0.4, &[&[[0.2, 0.0], [0.2, 6.0]]]),
        'o' => (4.0, O),
        'r' => (2.2, &[&[[0.0, 2.0], [0.0, 6.0]], &[[0.0, 3.5], [1.0, 2.2], [2.2, 2.0]]]),
        's' => (3.8, S),
        't' => {
            (2.8, &[&[[1.1, 0.6], [1.1, 5.0], [1.8, 6.0], [2.8, 6.0]], &[[0.0, 2.0], [2.8, 2.0]]])
        }
        'u' => (
            3.8,
            &[
                &[[0.0, 2.0], [0.0, 4.9], [1.0, 6.0], [2.4, 6.0], [3.8, 4.9]],
                &[[3.8, 2.0], [3.8, 6.0]],
            ],
        ),
        _ => (2.0, &[]),
    }
}

const ZERO: Strokes = &[&[
    [1.3, 0.0],
    [2.7, 0.0],
    [3.7, 0.9],
    [4.0, 2.2],
    [4.0, 3.8],
    [3.7, 5.1],
    [2.7, 6.0],
    [1.3, 6.0],
    [0.3, 5.1],
    [0.0, 3.8],
    [0.0, 2.2],
    [0.3, 0.9],
    [1.3, 0.0],
]];
const TWO: Strokes = &[&[
    [0.1, 1.4],
    [0.5, 0.5],
    [1.4, 0.0],
    [2.7, 0.0],
    [3.6, 0.6],
    [3.9, 1.5],
    [3.6, 2.4],
    [0.0, 6.0],
    [4.0, 6.0],
]];
const THREE: Strokes = &[
    &[[0.2, 0.8], [1.2, 0.0], [2.7, 0.0], [3.7, 0.7], [3.7, 2.0], [2.8, 2.8], [1.6, 2.8]],
    &[[2.8, 2.8], [3.7, 3.3], [4.0, 4.3], [3.6, 5.4], [2.6, 6.0], [1.2, 6.0], [0.0, 5.1]],
];
const FIVE: Strokes = &[&[
    [3.7, 0.0],
    [0.6, 0.0],
    [0.3, 2.8],
    [1.5, 2.2],
    [2.8, 2.3],
    [3.7, 3.1],
    [4.0, 4.2],
    [3.6, 5.3],
    [2.6, 6.0],
    [1.1, 6.0],
    [0.0, 5.2],
]];
const SIX: Strokes = &[&[
    [3.6, 0.6],
    [2.6, 0.0],
    [1.6, 0.1],
    [0.6, 1.2],
    [0.1, 2.7],
    [0.0, 4.2],
    [0.4, 5.3],
    [1.3, 6.0],
    [2.7, 6.0],
    [3.6, 5.4],
    [4.0, 4.3],
    [3.6, 3.2],
    [2.7, 2.6],
    [1.4, 2.6],
    [0.4, 3.3],
    [0.0, 4.2],
]];
const EIGHT: Strokes = &[&[
    [1.3, 2.8],
    [0.4, 2.2],
    [0.2, 1.3],
    [0.6, 0.4],
    [1.5, 0.0],
    [2.5, 0.0],
    [3.4, 0.4],
    [3.8, 1.3],
    [3.6, 2.2],
    [2.7, 2.8],
    [1.3, 2.8],
    [0.3, 3.4],
    [0.0, 4.4],
    [0.4, 5.5],
    [1.4, 6.0],
    [2.6, 6.0],
    [3.6, 5.5],
    [4.0, 4.4],
    [3.7, 3.4],
    [2.7, 2.8],
]];
const NINE: Strokes = &[&[
    [0.4, 5.4],
    [1.4, 6.0],
    [2.4, 5.9],
    [3.4, 4.8],
    [3.9, 3.3],
    [4.0, 1.8],
    [3.6, 0.7],
    [2.7, 0.0],
    [1.3, 0.0],
    [0.4, 0.6],
    [0.0, 1.7],
    [0.4, 2.8],
    [1.3, 3.4],
    [2.6, 3.4],
    [3.6, 2.7],
    [4.0, 1.8],
]];
const A: Strokes = &[
    &[[0.4, 2.6], [1.2, 2.0], [2.6, 2.0], [3.5, 2.5], [3.8, 3.4], [3.8, 6.0]],
    &[
        [3.8, 3.8],
        [1.4, 3.8],
        [0.4, 4.2],
        [0.1, 5.0],
        [0.5, 5.7],
        [1.4, 6.0],
        [2.6, 5.9],
        [3.8, 5.0],
    ],
];
const E: Strokes = &[&[
    [0.0, 4.0],
    [4.0, 4.0],
    [3.8, 2.9],
    [2.8, 2.0],
    [1.3, 2.0],
    [0.3, 2.8],
    [0.0, 4.0],
    [0.3, 5.2],
    [1.3, 6.0],
    [2.7, 6.0],
    [3.7, 5.3],
]];
const G: Strokes = &[
    &[[3.8, 2.0], [3.8, 6.7], [3.4, 7.6], [2.5, 8.0], [1.2, 8.0], [0.3, 7.5]],
    &[
        [3.8, 3.1],
        [2.7, 2.0],
        [1.2, 2.0],
        [0.3, 2.8],
        [0.0, 4.0],
        [0.3, 5.2],
        [1.2, 6.0],
        [2.7, 6.0],
        [3.8, 4.9],
    ],
];
const O: Strokes = &[&[
    [1.3, 2.0],
    [2.7, 2.0],
    [3.7, 2.8],
    [4.0, 4.0],
    [3.7, 5.2],
    [2.7, 6.0],
    [1.3, 6.0],
    [0.3, 5.2],
    [0.0, 4.0],
    [0.3, 2.8],
    [1.3, 2.0],
]];
const S: Strokes = &[&[
    [3.5, 2.7],
    [2.7, 2.0],
    [1.2, 2.0],
    [0.3, 2.5],
    [0.3, 3.3],
    [1.1, 3.8],
    [2.7, 4.1],
    [3.6, 4.6],
    [3.7, 5.4],
    [2.7, 6.0],
    [1.1, 6.0],
    [0.1, 5.3],
]];

/// A text of digits and of the letters of legends, `height` pixels high.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    /// The height of a digit, in pixels.
    pub(super) height: f64,
}

impl Text<'_> {
    /// The width in pixels.
    pub(super) fn width(&self) -> f64 {
        let widths = self.text.chars().map(|character| glyph(character).0 + SPACE);
        (widths.sum::<f64>() - SPACE).max(0.0) * self.height / BASELINE
    }

    /// Draws it in each of some colors, one over the other, with strokes of these half-widths. The
    /// foot of the first digit begins at `start`.
    pub(super) fn draw(&self, picture: &mut RgbImage, start: Point, layers: &[(f64, [f64; 3])]) {
        let scale = self.height / BASELINE;
        for (half_width, color) in layers {
            let mut left = start.x;
            for character in self.text.chars() {
                let (width, strokes) = glyph(character);
                let place = |[x, y]: [f64; 2]| {
                    Point::new(left + x * scale, start.y + (y - BASELINE) * scale)
                };
                for ends in strokes.iter().flat_map(|stroke| stroke.windows(2)) {
                    let stroke = Correspondence { source: place(ends[0]), target: place(ends[1]) };
                    line(picture, stroke, *half_width, *color);
                }
                left += (width + SPACE) * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns and rows where `text` is drawn.
    fn drawn(text: &str) -> Vec<(u32, u32)> {
        let mut picture = RgbImage::new(80, 40);
        let text = Text { text, height: 18.0 };
        text.draw(&mut picture, Point::new(5.0, 28.0), &[(1.0, [255.0; 3])]);
        let bright = picture.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] > 128);
        bright.map(|(x, y, _)| (x, y)).collect()
    }

    #[test]
    fn every_digit_and_letter_has_its_own_strokes() {
        let mut shapes = Vec::new();
        for character in "0123456789acegilorstu".chars() {
            let text = character.to_string();
            let pixels = drawn(&text);
            assert!(pixels.len() > 10, "{character}");
            let width = Text { text: &text, height: 18.0 }.width();
            assert!(pixels.iter().all(|(x, _)| f64::from(*x) < 5.0 + width + 2.0), "{character}");
            if character.is_ascii_digit() {
                let rows = pixels.iter().map(|(_, y)| *y);
                assert!(rows.clone().min() >= Some(9) && rows.max() <= Some(29), "{character}");
            }
            assert!(!shapes.contains(&pixels), "{character}");
            shapes.push(pixels);
        }
        assert!(drawn(" ").is_empty());
    }

    #[test]
    fn the_width_is_that_of_what_is_drawn() {
        let text = Text { text: "47", height: 18.0 };
        let last = drawn("47").into_iter().map(|(x, _)| x).max().unwrap();
        assert!((f64::from(last) - (5.0 + text.width())).abs() < 2.0, "{last} {}", text.width());
    }
}
