//! The gradient of the weights.

use rayon::prelude::*;

use super::forward::{Fill, SLACK};
use super::input_gradient::widen;
use super::shape::{Planes, Shape};
use crate::buffers::Buffer;
use crate::simd::{Kernel, MAX_LANES, Program, Simd};

/// Groups of images that are summed apart, always the same, whatever the number of threads.
const PARTS: usize = 8;
/// Numbers of the output's gradient that are held at once.
const HELD: usize = 1 << 16;
/// Most filters, and most values of kernels, whose sums are held in registers.
const FILTERS: usize = 4;
const TAPS: usize = 5;

/// A gradient to be computed.
#[derive(Clone, Copy)]
pub(super) struct WeightGradient<'a> {
    pub(super) shape: Shape,
    pub(super) output: [usize; 2],
    pub(super) input: &'a [f32],
    pub(super) gradient: &'a [f32],
}

impl Program for WeightGradient<'_> {
    type Output = Vec<f32>;

    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let Shape { batch, groups, .. } = self.shape;
        let each = self.shape.group_channels() * self.shape.taps();
        let of_group = self.shape.group_filters() * each;
        let planes = Planes::new(self.shape, self.output);
        let offsets = planes.offsets();
        let parts = batch.min(PARTS);
        let mut sums = vec![0.0; parts * groups * of_group];
        sums.par_chunks_mut(of_group).enumerate().for_each(|(index, sums)| {
            let (part, group) = (index / groups, index % groups);
            for image in part * batch / parts..(part + 1) * batch / parts {
                s.run(Part { whole: self, planes, offsets: &offsets, image, group, sums });
            }
        });
        let (first, others) = sums.split_at_mut(groups * of_group);
        for other in others.chunks_exact(groups * of_group) {
            for (sum, number) in first.iter_mut().zip(other) {
                *sum += number;
            }
        }
        sums.truncate(groups * of_group);
        sums
    }
}

/// What an image adds to the gradient of a group's weights.
struct Part<'a> {
    whole: WeightGradient<'a>,
    planes: Planes,
    /// Of the values that a filter of a group reads.
    offsets: &'a [usize],
    image: usize,
    group: usize,
    /// `[filters, channels, taps]` of the group.
    sums: &'a mut [f32],
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let WeightGradient { shape, output, input, gradient } = self.whole;
        let Self { planes, offsets, .. } = self;
        let (channels, filters) = (shape.group_channels(), shape.group_filters());
        let pixels = shape.input[0] * shape.input[1];
        let first = self.image * shape.channels + self.group * channels;
        let pixels = &input[first * pixels..][..channels * pixels];
        let mut values = Buffer::take(channels * planes.channel() + SLACK);
        Fill { planes, pixels, values: &mut values }.run(s);
        let area = output[0] * output[1];
        let first = self.image * shape.filters + self.group * filters;
        let gradient = &gradient[first * area..][..filters * area];
        let places = planes.places().next_multiple_of(S::LANES);
        let mut wide = Buffer::take(filters * places);
        widen(&planes, gradient, 0, places, &mut wide);
        let chunk = (HELD / filters.max(1)).next_multiple_of(S::LANES).max(64 * S::LANES);
        for start in (0..places).step_by(chunk) {
            let range = [start, (start + chunk).min(places)];
            let products = Products { values: &values, wide: &wide, places, offsets, range };
            if S::ROWS == 8 {
                products.add::<S, FILTERS, TAPS>(s, filters, self.sums);
            } else {
                products.add::<S, FILTERS, 3>(s, filters, self.sums);
            }
        }
    }
}

/// Products of filters' gradients with shifted planes, over some places.
struct Products<'a> {
    values: &'a [f32],
    wide: &'a [f32],
    /// Numbers of a filter in `wide`.
    places: usize,
    offsets: &'a [usize],
    /// The first place, and that after the last; whole vectors.
    range: [usize; 2],
}

impl Products<'_> {
    #[inline(always)]
    fn add<S: Simd, const F: usize, const T: usize>(&self, s: S, filters: usize, sums: &mut [f32]) {
        let each = self.offsets.len();
        let furthest = self.offsets.iter().copied().max().unwrap_or(0);
        let behind = self.values.len().checked_sub(furthest);
        assert!(
            behind.is_some_and(|behind| self.range[1] <= behind),
            "values behind the last place"
        );
        assert!(
            filters * self.places <= self.wide.len() && self.range[1] <= self.places,
            "gradients"
        );
        for tap in (0..each).step_by(T) {
            // What completes a group repeats the last one.
            let offsets: [usize; T] =
                std::array::from_fn(|index| self.offsets[(tap + index).min(each - 1)]);
            for filter in (0..filters).step_by(F) {
                let starts: [usize; F] =
                    std::array::from_fn(|index| (filter + index).min(filters - 1) * self.places);
                // SAFETY: both lie within what was just checked.
                let products = unsafe { self.registers::<S, F, T>(s, &starts, &offsets) };
                for (row, products) in products.iter().enumerate().take(filters - filter) {
                    for (column, &product) in products.iter().enumerate().take(each - tap) {
                        sums[(filter + row) * each + tap + column] += product;
                    }
                }
            }
        }
    }

    /// # Safety
    /// From each start and each offset on there are numbers for the whole range.
    #[inline(always)]
    unsafe fn registers<S: Simd, const F: usize, const T: usize>(
        &self,
        s: S,
        starts: &[usize; F],
        offsets: &[usize; T],
    ) -> [[f32; T]; F] {
        let mut sums = [[s.splat(0.0); T]; F];
        let (wide, values) = (self.wide.as_ptr(), self.values.as_ptr());
        for place in (self.range[0]..self.range[1]).step_by(S::LANES) {
            // SAFETY: the caller's promise.
            unsafe {
                let mut columns = [s.splat(0.0); T];
                for (column, &offset) in columns.iter_mut().zip(offsets) {
                    *column = s.load(values.add(offset + place));
                }
                for (sums, &start) in sums.iter_mut().zip(starts) {
                    let gradient = s.load(wide.add(start + place));
                    for (sum, &column) in sums.iter_mut().zip(&columns) {
                        *sum = s.mul_add(gradient, column, *sum);
                    }
                    s.fence();
                }
            }
        }
        let mut lanes = [0.0_f32; MAX_LANES];
        let mut products = [[0.0; T]; F];
        // Loops rather than `map`, whose closures would be functions without vector instructions.
        for (products, sums) in products.iter_mut().zip(sums) {
            for (product, sum) in products.iter_mut().zip(sums) {
                // SAFETY: the array is as long as the longest vector.
                unsafe { s.store(lanes.as_mut_ptr(), sum) };
                *product = lanes[..S::LANES].iter().sum();
            }
        }
        products
    }
}
