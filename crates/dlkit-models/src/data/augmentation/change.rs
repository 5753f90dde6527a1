//! What is drawn for one sample in one epoch, and the picture it makes.

use rand::{Rng, RngExt};

use super::Augmentation;
use crate::value::number::float;

/// A change of one picture. Coordinates are pixels, x to the right and y down; the centers of pixels lie at
/// halves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// Source as seen from the center, from the shifted target as seen from it: `[[xx, xy], [yx, yy]]`.
    pub(super) matrix: [[f64; 2]; 2],
    /// Shift of the target, x and y.
    pub(super) shift: [f64; 2],
    /// A gray value `v` becomes `gain * (v - 127.5) + 127.5 + lift`.
    pub(super) gain: f64,
    pub(super) lift: f64,
    /// Left, top, right and bottom of what is cut out.
    pub(super) cut: Option<[f64; 4]>,
}

impl Change {
    /// Draws a change. Every kind draws, whether it is used or not, so that one more leaves the others alone.
    pub(super) fn draw(
        settings: &Augmentation,
        (height, width): (usize, usize),
        random: &mut impl Rng,
    ) -> Self {
        let Augmentation { shift, turn, zoom, brightness, contrast, cut_out, .. } = *settings;
        let [height, width] = [height, width].map(float);
        let flip = |random: &mut _, chance: f64| {
            if unit(random) < chance { -1.0 } else { 1.0 }
        };
        let flips =
            [settings.flip_horizontal, settings.flip_vertical].map(|chance| flip(random, chance));
        let of = |length: f64, value: f64| if value < 1.0 { value * length } else { value };
        let shift = [of(width, shift) * both_ways(random), of(height, shift) * both_ways(random)];
        let (sine, cosine) = (turn.to_radians() * both_ways(random)).sin_cos();
        let factor = zoom.powf(both_ways(random));
        let gain = 1.0 + contrast * both_ways(random);
        let lift = 255.0 * brightness * both_ways(random);
        let center = [unit(random) * width, unit(random) * height];
        let half = 0.5 * of(height.min(width), cut_out);
        let cut = (half > 0.0)
            .then(|| [center[0] - half, center[1] - half, center[0] + half, center[1] + half]);
        // Backwards: the turn is undone, then the zoom, then the flips.
        let matrix = [
            [flips[0] * cosine / factor, flips[0] * sine / factor],
            [-flips[1] * sine / factor, flips[1] * cosine / factor],
        ];
        Self { matrix, shift, gain, lift, cut }
    }

    /// The picture that the change makes of another, channel by channel.
    pub(super) fn applied(
        &self,
        pixels: &[u8],
        (height, width): (usize, usize),
        fill: u8,
    ) -> Vec<u8> {
        let mut changed = Vec::with_capacity(pixels.len());
        let size = (height * width).max(1);
        if self.moves() {
            let places = self.places(height, width);
            for channel in pixels.chunks(size) {
                changed.extend(places.iter().map(|place| self.toned(place.value(channel))));
            }
        } else {
            changed.extend(pixels.iter().map(|&pixel| self.toned(f64::from(pixel))));
        }
        if let Some(cut) = self.cut {
            for channel in changed.chunks_mut(size) {
                for (row, line) in channel.chunks_mut(width.max(1)).enumerate() {
                    let y = float(row) + 0.5;
                    for (column, pixel) in line.iter_mut().enumerate() {
                        let x = float(column) + 0.5;
                        if cut[0] <= x && x < cut[2] && cut[1] <= y && y < cut[3] {
                            *pixel = fill;
                        }
                    }
                }
            }
        }
        changed
    }

    /// Only exactly nothing needs no sampling.
    fn moves(&self) -> bool {
        self.matrix != [[1.0, 0.0], [0.0, 1.0]] || self.shift != [0.0, 0.0]
    }

    /// A gray value after the change of contrast and brightness.
    fn toned(&self, value: f64) -> u8 {
        let value = self.gain * (value - 127.5) + 127.5 + self.lift;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "values beyond 0 and 255 become these"
        )]
        let rounded = (value + 0.5) as u8;
        rounded
    }

    /// Where each pixel comes from, row by row.
    fn places(&self, height: usize, width: usize) -> Vec<Place> {
        let center = [0.5 * float(width), 0.5 * float(height)];
        let [[xx, xy], [yx, yy]] = self.matrix;
        let mut places = Vec::with_capacity(height * width);
        for row in 0..height {
            let y = float(row) + 0.5 - center[1] - self.shift[1];
            for column in 0..width {
                let x = float(column) + 0.5 - center[0] - self.shift[0];
                let source = [xx * x + xy * y + center[0], yx * x + yy * y + center[1]];
                places.push(Place::new(source, height, width));
            }
        }
        places
    }
}

/// The four pixels around a point, and how much each counts.
struct Place {
    indices: [usize; 4],
    weights: [f64; 4],
}

impl Place {
    /// Beyond the picture its border goes on.
    fn new([x, y]: [f64; 2], height: usize, width: usize) -> Self {
        let ([left, right], across) = between(x, width);
        let ([top, bottom], down) = between(y, height);
        let index = |row: usize, column: usize| row * width + column;
        Self {
            indices: [
                index(top, left),
                index(top, right),
                index(bottom, left),
                index(bottom, right),
            ],
            weights: [
                (1.0 - across) * (1.0 - down),
                across * (1.0 - down),
                (1.0 - across) * down,
                across * down,
            ],
        }
    }

    fn value(&self, channel: &[u8]) -> f64 {
        let values = self.indices.iter().zip(self.weights);
        values.map(|(&index, weight)| f64::from(channel[index]) * weight).sum()
    }
}

/// The pixels on both sides of a place along a side, and the share of the second.
fn between(place: f64, length: usize) -> ([usize; 2], f64) {
    let last = length.saturating_sub(1);
    let place = (place - 0.5).clamp(0.0, float(last));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the picture"
    )]
    let first = place as usize;
    ([first, (first + 1).min(last)], place - float(first))
}

/// Evenly from 0 to below 1.
fn unit(random: &mut impl Rng) -> f64 {
    random.random_range(0.0..1.0)
}

/// Evenly from -1 to 1.
fn both_ways(random: &mut impl Rng) -> f64 {
    random.random_range(-1.0..=1.0)
}
