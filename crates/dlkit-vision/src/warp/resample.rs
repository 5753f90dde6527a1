//! Computes every pixel of a canvas from the picture.

#![expect(
    clippy::inline_always,
    reason = "inlined, they are compiled with the vector instructions of their caller"
)]

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::coordinates::{InverseMap, Place, RUN, Run};
use super::kernel::Kernel;
use super::raster::Raster;
use super::sample::Sample;
use super::vectors::{Plain, Vectors};

/// Rows that one thread computes at a time: their source pixels stay in the cache, however the
/// picture is turned.
const BAND: usize = 16;

/// Up to this many source pixels a step on the canvas takes one sample: above 1.5, two are nearer.
const ONE_SAMPLE: f64 = 1.5;

/// Most samples along one axis of a pixel. A picture shrunk 32 times still uses every pixel.
const MOST_SAMPLES: f64 = 32.0;

/// How every pixel is computed.
#[derive(Clone, Copy)]
pub(super) struct Plan<K> {
    pub(super) map: InverseMap,
    pub(super) kernel: K,
    /// Whether a pixel that covers several source pixels is the mean of several samples.
    pub(super) antialias: bool,
    /// Columns of the canvas.
    pub(super) width: usize,
}

/// Fills a canvas, `width` pixels a row.
pub(super) fn resample<
    S,
    K,
    const C: usize,
    const L: usize,
    const A: bool,
    const T: usize,
    const TI: i32,
>(
    raster: &Raster<'_, S, C, L, A>,
    plan: &Plan<K>,
    canvas: &mut [S],
) where
    S: Sample,
    K: Kernel<T>,
{
    let (pixels, _) = canvas.as_chunks_mut::<C>();
    pixels.par_chunks_mut(BAND * plan.width).enumerate().for_each(|(index, band)| {
        let top = index * BAND;
        let band = Band::<'_, S, K, C, L, A, T, TI> { raster, plan, top, pixels: band };
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            simd.vectorize(Work { band, vectors: simd });
            return;
        }
        Work { band, vectors: Plain }.call();
    });
}

/// Some rows of the canvas.
struct Band<'a, S, K, const C: usize, const L: usize, const A: bool, const T: usize, const TI: i32>
{
    raster: &'a Raster<'a, S, C, L, A>,
    plan: &'a Plan<K>,
    top: usize,
    pixels: &'a mut [[S; C]],
}

/// Some rows and the vector instructions to use.
struct Work<B, V> {
    band: B,
    vectors: V,
}

impl<S, K, V, const C: usize, const L: usize, const A: bool, const T: usize, const TI: i32>
    NullaryFnOnce for Work<Band<'_, S, K, C, L, A, T, TI>, V>
where
    S: Sample,
    K: Kernel<T>,
    V: Vectors,
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { band: Band { raster, plan, top, pixels: band }, vectors } = self;
        let mut run = Run::new();
        for left in (0..plan.width).step_by(RUN) {
            for (offset, row) in band.chunks_exact_mut(plan.width).enumerate() {
                let end = plan.width.min(left + RUN);
                #[expect(clippy::cast_precision_loss, reason = "canvases are below 2^52 pixels")]
                let (x, y) = (left as f64, (top + offset) as f64);
                let pixels = &mut row[left..end];
                if plan.antialias
                    && plan.map.longest_steps(x, y).iter().any(|step| *step > ONE_SAMPLE)
                {
                    shrink::<S, K, C, L, A, T, TI>(raster, plan, [x, y], pixels);
                    continue;
                }
                plan.map.run(x, y, K::SHIFT, &mut run);
                fill::<S, K, V, C, L, A, T, TI>(raster, vectors, &plan.kernel, &run, pixels);
            }
        }
    }
}

/// Most samples of a run, with spare lanes.
const BUFFER: usize = RUN * 4;

/// One sample for each pixel of a run.
#[inline(always)]
fn fill<
    S: Sample,
    K: Kernel<T>,
    V: Vectors,
    const C: usize,
    const L: usize,
    const A: bool,
    const T: usize,
    const TI: i32,
>(
    raster: &Raster<'_, S, C, L, A>,
    vectors: V,
    kernel: &K,
    run: &Run,
    pixels: &mut [[S; C]],
) {
    // A local copy, so that the compiler knows that stores do not change it.
    let raster = *raster;
    // Whole vectors are stored, each over the spare lane of the one before.
    let mut buffer = [S::DARKEST; BUFFER];
    let mut store = |index: usize, pixel: &[S]| {
        if let Some(samples) = buffer.get_mut(index * C..index * C + L) {
            samples.copy_from_slice(&pixel[..L]);
        }
    };
    let outside = Raster::<S, C, L, A>::rounded(raster.background());
    let count = pixels.len().min(RUN);
    let [columns, rows] = run.bounds();
    let all_inside =
        raster.is_inside::<TI>(columns.0, rows.0) && raster.is_inside::<TI>(columns.1, rows.1);
    for index in 0..count {
        let place = run.place(index);
        let inside = all_inside || raster.is_inside::<TI>(place.column, place.row);
        if L == 4
            && inside
            && let Some(pixel) = raster.rounded_inside(vectors, kernel, &place)
        {
            store(index, &pixel);
        } else if L != 4
            && inside
            && let Some(sum) = raster.inside(kernel, &place)
        {
            store(index, &Raster::<S, C, L, A>::rounded(sum));
        } else if raster.is_outside::<TI>(place.column, place.row) {
            store(index, &outside);
        } else {
            store(index, &raster.rounded_at::<K, T, TI>(kernel, &place));
        }
    }
    pixels.as_flattened_mut().copy_from_slice(&buffer[..count * C]);
}

/// Each pixel as the mean of several samples: along each axis, as many as it covers source pixels,
/// rounded.
#[inline(never)]
fn shrink<
    S: Sample,
    K: Kernel<T>,
    const C: usize,
    const L: usize,
    const A: bool,
    const T: usize,
    const TI: i32,
>(
    raster: &Raster<'_, S, C, L, A>,
    plan: &Plan<K>,
    [left, y]: [f64; 2],
    pixels: &mut [[S; C]],
) {
    for (index, pixel) in pixels.iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "below 64")]
        let x = left + index as f64;
        let place = Place::of(plan.map.source(x, y), K::SHIFT);
        let steps = plan.map.steps(x, y);
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let reach = (steps[0] + steps[1]).min(1e6) as i32;
        let sum = if raster.is_far::<TI>(&place, reach) {
            raster.background()
        } else {
            mean::<S, K, C, L, A, T, TI>(raster, plan, [x, y], steps)
        };
        let rounded = Raster::<S, C, L, A>::rounded(sum);
        pixel.copy_from_slice(&rounded[..C]);
    }
}

/// The mean over a grid of samples within a pixel.
#[inline(always)]
fn mean<
    S: Sample,
    K: Kernel<T>,
    const C: usize,
    const L: usize,
    const A: bool,
    const T: usize,
    const TI: i32,
>(
    raster: &Raster<'_, S, C, L, A>,
    plan: &Plan<K>,
    [x, y]: [f64; 2],
    steps: [f64; 2],
) -> [f32; L] {
    let [across, down] = steps.map(samples);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 32")]
    let [columns, rows] = [across as u32, down as u32];
    let mut sum = [0.0; L];
    for row in 0..rows {
        for column in 0..columns {
            let u = x + (f64::from(column) + 0.5) / across - 0.5;
            let v = y + (f64::from(row) + 0.5) / down - 0.5;
            let place = Place::of(plan.map.source(u, v), K::SHIFT);
            let color = raster.at::<K, T, TI>(&plan.kernel, &place);
            for (sum, part) in sum.iter_mut().zip(color) {
                *sum += part;
            }
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "1 to 1024")]
    let share = (1.0 / (across * down)) as f32;
    sum.map(|sum| sum * share)
}

/// Samples along an axis for a step of `step` source pixels; 1 for NaN.
fn samples(step: f64) -> f64 {
    step.round().clamp(1.0, MOST_SAMPLES).max(1.0)
}
