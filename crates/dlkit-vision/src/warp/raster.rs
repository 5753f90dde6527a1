//! The samples of a picture, and weighted sums of its pixels.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use super::coordinates::Place;
use super::kernel::Kernel;
use super::sample::Sample;
use super::vectors::Vectors;

/// The samples of a picture with `CHANNELS` per pixel, row by row.
///
/// Sums use `LANES` lanes at once, of which the first `CHANNELS` count. Three channels use four
/// lanes, because four fit a vector. With `ALPHA` the last channel is the opacity. Colors are then
/// multiplied by opacity (premultiplied), so that transparent pixels do not affect the sum.
#[derive(Clone, Copy)]
pub(super) struct Raster<'a, S, const CHANNELS: usize, const LANES: usize, const ALPHA: bool> {
    samples: &'a [S],
    width: usize,
    height: usize,
    /// The background around the picture, premultiplied.
    background: [f32; LANES],
    /// Whether every pixel is opaque, so that opacity does not matter inside.
    opaque: bool,
}

impl<'a, S: Sample, const CHANNELS: usize, const LANES: usize, const ALPHA: bool>
    Raster<'a, S, CHANNELS, LANES, ALPHA>
{
    /// `background` has parts from 0 to 1; the opacity, if there is one, is last.
    pub(super) fn new(samples: &'a [S], (width, height): (u32, u32), background: [f32; 4]) -> Self {
        let opacity = if ALPHA { background[CHANNELS - 1] } else { 1.0 };
        let background = std::array::from_fn(|lane| {
            let factor = if ALPHA && lane == CHANNELS - 1 { 1.0 } else { opacity };
            if lane < CHANNELS { background[lane] * factor * S::BRIGHTEST } else { 0.0 }
        });
        let opaque =
            !ALPHA || samples.chunks_exact(CHANNELS).all(|pixel| is_brightest(pixel[CHANNELS - 1]));
        Self { samples, width: width as usize, height: height as usize, background, opaque }
    }

    pub(super) const fn background(&self) -> [f32; LANES] {
        self.background
    }

    /// Columns and rows, at least 1 each, as signed numbers.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "from u32")]
    const fn signed_size(&self) -> [i32; 2] {
        [self.width as i32, self.height as i32]
    }

    /// Whether the picture contains all pixels that a kernel of `TAPS` reads around a place.
    #[inline(always)]
    pub(super) fn is_inside<const TAPS: i32>(&self, column: i32, row: i32) -> bool {
        let before = (TAPS - 1) / 2;
        let [width, height] = self.signed_size();
        column >= before
            && column < width - (TAPS - 1 - before)
            && row >= before
            && row < height - (TAPS - 1 - before)
    }

    /// Whether the picture contains none of these pixels.
    #[inline(always)]
    pub(super) fn is_outside<const TAPS: i32>(&self, column: i32, row: i32) -> bool {
        let before = (TAPS - 1) / 2;
        let after = TAPS - 1 - before;
        let [width, height] = self.signed_size();
        column < -after || column >= width + before || row < -after || row >= height + before
    }

    /// Whether a place is so far outside that no pixel within `reach` of it is in the picture.
    #[inline(always)]
    pub(super) fn is_far<const TAPS: i32>(&self, place: &Place, reach: i32) -> bool {
        let [width, height] = self.signed_size();
        let [column, row] = [place.column, place.row];
        let reach = reach + TAPS;
        column < -reach || column > width + reach || row < -reach || row > height + reach
    }

    /// The color at any place.
    #[inline(always)]
    pub(super) fn at<K: Kernel<TAPS>, const TAPS: usize, const SIGNED_TAPS: i32>(
        &self,
        kernel: &K,
        place: &Place,
    ) -> [f32; LANES] {
        if self.is_inside::<SIGNED_TAPS>(place.column, place.row)
            && let Some(sum) = self.inside(kernel, place)
        {
            sum
        } else if self.is_outside::<SIGNED_TAPS>(place.column, place.row) {
            self.background
        } else {
            self.at_edge(kernel, place)
        }
    }

    /// The samples at any place; a separate function, so that pixels inside do not wait for its
    /// memory.
    #[cold]
    #[inline(never)]
    pub(super) fn rounded_at<K: Kernel<TAPS>, const TAPS: usize, const SIGNED_TAPS: i32>(
        &self,
        kernel: &K,
        place: &Place,
    ) -> [S; LANES] {
        Self::rounded(self.at::<K, TAPS, SIGNED_TAPS>(kernel, place))
    }

    /// The color at a place inside; none for the last pixel of the picture if no fourth lane
    /// follows it.
    #[inline(always)]
    #[expect(clippy::cast_sign_loss, reason = "inside, neither is negative")]
    pub(super) fn inside<K: Kernel<TAPS>, const TAPS: usize>(
        &self,
        kernel: &K,
        place: &Place,
    ) -> Option<[f32; LANES]> {
        let before = (TAPS - 1) / 2;
        let (column, row) = (place.column as usize - before, place.row as usize - before);
        let first = (row * self.width + column) * CHANNELS;
        let across = kernel.weights(place.right);
        let down = kernel.weights(place.down);
        if ALPHA && !self.opaque {
            self.sum::<TAPS, true>(first, &across, &down)
        } else {
            self.sum::<TAPS, false>(first, &across, &down)
        }
    }

    /// The samples at a place inside, four lanes at once; none as with [`Raster::inside`].
    #[inline(always)]
    #[expect(clippy::cast_sign_loss, reason = "inside, neither is negative")]
    pub(super) fn rounded_inside<V: Vectors, K: Kernel<TAPS>, const TAPS: usize>(
        &self,
        vectors: V,
        kernel: &K,
        place: &Place,
    ) -> Option<[S; 4]> {
        let before = (TAPS - 1) / 2;
        let (column, row) = (place.column as usize - before, place.row as usize - before);
        let first = (row * self.width + column) * CHANNELS;
        if TAPS == 1 && !ALPHA {
            return self.samples.get(first..)?.first_chunk().copied();
        }
        let across = kernel.weights_by(vectors, place.right).map(|weight| vectors.splat(weight));
        let down = kernel.weights_by(vectors, place.down);
        let weighted = ALPHA && !self.opaque;
        let mut sum = vectors.splat(-0.0);
        for (line, weight) in down.iter().enumerate() {
            let start = first + line * self.width * CHANNELS;
            let samples = self.samples.get(start..start + (TAPS - 1) * CHANNELS + 4)?;
            let mut along = vectors.splat(-0.0);
            for (tap, weight) in across.iter().enumerate() {
                let pixel = vectors.load(samples[tap * CHANNELS..].first_chunk()?);
                let pixel =
                    if weighted { vectors.premultiplied(pixel, S::BRIGHTEST) } else { pixel };
                along = vectors.add_weighted(along, pixel, *weight);
            }
            sum = vectors.add_weighted(sum, along, vectors.splat(*weight));
        }
        if !weighted {
            return Some(vectors.rounded(sum));
        }
        let sum = vectors.array(sum);
        let rounded = Self::rounded(std::array::from_fn(|lane| sum[lane]));
        Some(std::array::from_fn(|lane| rounded[lane]))
    }

    /// The weighted sum over `TAPS` x `TAPS` pixels from sample `first`; none if the picture ends
    /// before the last lane.
    ///
    /// It sums down the columns first, many lanes at once, and then across. Sums start at -0, which
    /// changes no number and so costs nothing.
    #[inline(always)]
    fn sum<const TAPS: usize, const WEIGHTED: bool>(
        &self,
        first: usize,
        across: &[f32; TAPS],
        down: &[f32; TAPS],
    ) -> Option<[f32; LANES]> {
        let lanes = lanes_of_window(TAPS, CHANNELS, LANES);
        let stride = self.width * CHANNELS;
        let mut columns = [-0.0; MOST_LANES];
        for (line, weight) in down.iter().enumerate() {
            let start = first + line * stride;
            let samples = self.samples.get(start..start + lanes)?;
            let mut numbers = [0.0; MOST_LANES];
            for lane in 0..lanes {
                numbers[lane] = samples[lane].number();
            }
            if WEIGHTED {
                premultiply::<S>(&mut numbers[..lanes], CHANNELS);
            }
            for lane in 0..lanes {
                columns[lane] += numbers[lane] * weight;
            }
        }
        let mut sum = [-0.0; LANES];
        for (tap, weight) in across.iter().enumerate() {
            for lane in 0..LANES {
                sum[lane] += columns[tap * CHANNELS + lane] * weight;
            }
        }
        Some(sum)
    }

    /// The color at a place where the kernel reaches beyond the picture.
    #[cold]
    #[inline(never)]
    fn at_edge<K: Kernel<TAPS>, const TAPS: usize>(
        &self,
        kernel: &K,
        place: &Place,
    ) -> [f32; LANES] {
        let before = i64::try_from((TAPS - 1) / 2).unwrap_or(0);
        let across = kernel.weights(place.right);
        let down = kernel.weights(place.down);
        let mut sum = [0.0; LANES];
        for (row, down) in (i64::from(place.row) - before..).zip(down) {
            for (column, across) in (i64::from(place.column) - before..).zip(across) {
                let weight = across * down;
                match self.pixel(column, row) {
                    Some(mut pixel) => {
                        if ALPHA {
                            premultiply::<S>(&mut pixel, CHANNELS);
                        }
                        add(&mut sum, pixel, weight);
                    }
                    None => add(&mut sum, self.background, weight),
                }
            }
        }
        sum
    }

    /// The samples of a pixel; none outside.
    fn pixel(&self, column: i64, row: i64) -> Option<[f32; LANES]> {
        let column = usize::try_from(column).ok().filter(|column| *column < self.width)?;
        let row = usize::try_from(row).ok().filter(|row| *row < self.height)?;
        let first = (row * self.width + column) * CHANNELS;
        let samples = self.samples.get(first..first + CHANNELS)?;
        let mut pixel = [0.0; LANES];
        for (lane, sample) in pixel.iter_mut().zip(samples) {
            *lane = sample.number();
        }
        Some(pixel)
    }

    /// The samples of a sum; lanes beyond the channels have no meaning.
    #[inline(always)]
    pub(super) fn rounded(sum: [f32; LANES]) -> [S; LANES] {
        let factor = if ALPHA {
            let opacity = sum[CHANNELS - 1];
            if opacity > 0.0 { S::BRIGHTEST / opacity } else { 0.0 }
        } else {
            1.0
        };
        std::array::from_fn(|lane| {
            let plain = !ALPHA || lane == CHANNELS - 1;
            S::nearest(if plain { sum[lane] } else { sum[lane] * factor })
        })
    }
}

/// Lanes of the widest window: eight pixels of four channels.
const MOST_LANES: usize = 32;

/// Lanes of a row of `taps` pixels, with the spare lanes of the last pixel, in whole vectors of
/// four.
const fn lanes_of_window(taps: usize, channels: usize, lanes: usize) -> usize {
    ((taps - 1) * channels + lanes).next_multiple_of(4)
}

/// Multiplies the colors of pixels by their opacity, the last channel.
#[inline(always)]
fn premultiply<S: Sample>(numbers: &mut [f32], channels: usize) {
    for pixel in numbers.chunks_exact_mut(channels) {
        let opacity = pixel[channels - 1] * (1.0 / S::BRIGHTEST);
        for number in &mut pixel[..channels - 1] {
            *number *= opacity;
        }
    }
}

fn add<const LANES: usize>(sum: &mut [f32; LANES], pixel: [f32; LANES], weight: f32) {
    for (sum, part) in sum.iter_mut().zip(pixel) {
        *sum += part * weight;
    }
}

fn is_brightest<S: Sample>(sample: S) -> bool {
    sample.number() >= S::BRIGHTEST
}
