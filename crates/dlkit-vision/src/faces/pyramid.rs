//! A picture in smaller and smaller sizes.

use crate::shrink::{between, shrunk};

/// A gray picture in 256 levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

/// The picture itself and its halves, each the mean of 2 x 2 pixels of the one before.
pub(super) struct Halves(Vec<(Vec<f32>, usize)>);

impl Halves {
    /// Halves a picture until a side is shorter than `least`.
    pub(super) fn of(values: &[f32], width: usize, least: usize) -> Self {
        let mut halves = vec![(values.to_vec(), width)];
        while let Some((last, width)) = halves.last() {
            if (*width).min(last.len() / width) < 2 * least {
                break;
            }
            let next = shrunk(last, *width, 2);
            halves.push(next);
        }
        Self(halves)
    }

    /// The picture made smaller by a scale of 1 or more.
    pub(super) fn level(&self, scale: f64) -> Option<Level> {
        let (whole, whole_width) = self.0.first()?;
        let sides = [*whole_width, whole.len() / whole_width];
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sides of pictures"
        )]
        let [width, height] = sides.map(|side| ((side as f64 / scale).round() as usize).max(1));
        // The smallest half that still has every pixel.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a scale is at least 1"
        )]
        let index = (scale.log2() + 1e-9).floor().max(0.0) as usize;
        let index = index.min(self.0.len() - 1);
        let (half, half_width) = self.0.get(index)?;
        let half_height = half.len() / half_width;
        let step = scale / f64::from(1_u32 << index.min(31));
        let mut pixels = Vec::with_capacity(width * height);
        for row in 0..height {
            #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
            let y = (row as f64 + 0.5) * step - 0.5;
            for column in 0..width {
                #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
                let x = (column as f64 + 0.5) * step - 0.5;
                let value = between(half, *half_width, half_height, [x, y]);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped to a byte"
                )]
                pixels.push((value * 255.0).round().clamp(0.0, 255.0) as u8);
            }
        }
        Some(Level { width, height, pixels })
    }
}

impl Level {
    /// Sums of all pixels above and to the left of each corner of pixels, modulo 2^32, which keeps
    /// the sums of blocks.
    ///
    /// # Shapes
    /// - the sums: `[height + 1, width + 1]`, row by row
    pub(super) fn sums(&self) -> Vec<u32> {
        let stride = self.width + 1;
        let mut sums = vec![0_u32; stride * (self.height + 1)];
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            let (above, below) = sums.split_at_mut((y + 1) * stride);
            let above = &above[y * stride..];
            let mut sum = 0_u32;
            for (x, pixel) in row.iter().enumerate() {
                sum = sum.wrapping_add(u32::from(*pixel));
                below[x + 1] = above[x + 1].wrapping_add(sum);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_pixels_before() {
        let level = Level { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(level.sums(), [0, 0, 0, 0, 0, 1, 3, 6, 0, 5, 12, 21]);
    }

    /// A ramp stays one, whatever the size.
    #[test]
    fn levels_are_the_picture_in_other_sizes() {
        let ramp: Vec<f32> = (0..20 * 30_u16).map(|index| f32::from(index % 30) / 30.0).collect();
        let halves = Halves::of(&ramp, 30, 5);
        for scale in [1.0, 1.5, 2.0, 3.0] {
            let level = halves.level(scale).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let width = (30.0 / scale) as usize;
            assert_eq!(level.width, width);
            let middle = f64::from(level.pixels[level.width * (level.height / 2) + width / 2]);
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let expected = 255.0 * (((width / 2) as f64 + 0.5) * scale - 0.5) / 30.0;
            assert!((middle - expected).abs() < 1.0, "{scale}: {middle} {expected}");
        }
    }
}
