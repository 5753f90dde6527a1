//! The sizes of a convolution, and how its input lies in planes.

use std::mem::MaybeUninit;

/// The sizes of a convolution. Arrays are over height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Images.
    pub batch: usize,
    /// Channels of the input.
    pub channels: usize,
    /// Channels of the output.
    pub filters: usize,
    /// Groups that channels and filters are divided into.
    pub groups: usize,
    /// Height and width of the input in pixels.
    pub input: [usize; 2],
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Pixels between two positions of the kernel.
    pub stride: [usize; 2],
    /// Pixels between two values that a kernel reads.
    pub dilation: [usize; 2],
    /// Zeros before and after the input along each axis.
    pub padding: [(usize, usize); 2],
}

impl Shape {
    /// Height and width of the output; none where the kernel does not fit, a side is zero, groups do not
    /// divide channels and filters, a stride is above 8, or memory could not be counted.
    #[must_use]
    pub fn output(&self) -> Option<[usize; 2]> {
        let side = |axis: usize| {
            let padded = self.padded(axis)?;
            let left = padded.checked_sub(self.reach(axis)?.checked_add(1)?)?;
            Some(left.checked_div(self.stride[axis])? + 1)
        };
        let counts = [
            self.batch,
            self.channels,
            self.filters,
            self.groups,
            self.dilation[0],
            self.dilation[1],
            self.input[0],
            self.input[1],
        ];
        let divided = self.channels.checked_rem(self.groups)? == 0
            && self.filters.is_multiple_of(self.groups);
        let small = self.stride.iter().all(|stride| (1..=LARGEST_STRIDE).contains(stride));
        let output = [side(0)?, side(1)?];
        (divided && small && !counts.contains(&0) && self.is_countable()).then_some(output)
    }

    /// Whether the planes of an image and the gradients around them have fewer numbers than a quarter of
    /// the address space.
    fn is_countable(&self) -> bool {
        const MOST: usize = usize::MAX >> 4;
        let sides = || Some([self.padded(0)?, self.padded(1)?]);
        let numbers = || {
            let [height, width] = sides()?;
            let area = height
                .checked_add(self.stride[0])?
                .checked_mul(width.checked_add(self.stride[1])?)?;
            let layers = self.channels.checked_add(self.filters)?.checked_mul(self.batch)?;
            area.checked_add(1 << 10)?.checked_mul(4)?.checked_mul(layers)
        };
        numbers().is_some_and(|numbers| numbers <= MOST)
    }

    /// Channels that a filter reads.
    pub(super) const fn group_channels(&self) -> usize {
        self.channels / self.groups
    }

    /// Filters that read the same channels.
    pub(super) const fn group_filters(&self) -> usize {
        self.filters / self.groups
    }

    /// Values of a kernel in one channel.
    pub(super) const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    fn padded(&self, axis: usize) -> Option<usize> {
        let (before, after) = self.padding[axis];
        self.input[axis].checked_add(before)?.checked_add(after)
    }

    /// Pixels between the first and the last that a kernel reads.
    fn reach(&self, axis: usize) -> Option<usize> {
        self.kernel[axis].checked_sub(1)?.checked_mul(self.dilation[axis])
    }
}

/// The largest stride: planes of larger ones would be mostly padding.
const LARGEST_STRIDE: usize = 8;

/// The padded input in planes: pixels whose places leave the same remainders by the strides lie together,
/// so that what a value of the kernel reads is one plane, shifted. There are planes only of what is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes {
    shape: Shape,
    pub(super) output: [usize; 2],
    /// Rows and columns of a plane.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// For each remainder along the axes, the number of its planes, if any value of the kernel reads it.
    slots: [[Option<usize>; LARGEST_STRIDE]; 2],
    /// Remainders that are read along the axes.
    used: [usize; 2],
}

/// Where a value of the kernel reads: a plane of the channel and a shift in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub(super) plane: usize,
    pub(super) shift: usize,
}

impl Planes {
    /// The planes of a shape whose output was computed.
    pub(super) fn new(shape: Shape, output: [usize; 2]) -> Self {
        let side =
            |axis: usize| shape.padded(axis).unwrap_or_default().div_ceil(shape.stride[axis]);
        let mut slots = [[None; LARGEST_STRIDE]; 2];
        let mut used = [0; 2];
        for axis in 0..2 {
            for place in 0..shape.kernel[axis] {
                let slot = &mut slots[axis][place * shape.dilation[axis] % shape.stride[axis]];
                if slot.is_none() {
                    *slot = Some(used[axis]);
                    used[axis] += 1;
                }
            }
        }
        Self { shape, output, rows: side(0), columns: side(1), slots, used }
    }

    /// The plane of two remainders, if it is read.
    fn plane(&self, [row, column]: [usize; 2]) -> Option<usize> {
        Some(self.slots[0][row]? * self.used[1] + self.slots[1][column]?)
    }

    /// Planes of a channel.
    pub(super) const fn each(&self) -> usize {
        self.used[0] * self.used[1]
    }

    /// Values of a plane.
    pub(super) const fn area(&self) -> usize {
        self.rows * self.columns
    }

    /// Values of all planes of a channel.
    pub(super) const fn channel(&self) -> usize {
        self.each() * self.area()
    }

    /// Places of outputs, counted along rows as long as those of planes: the last ones of a row, beyond the
    /// output, mean nothing.
    pub(super) const fn places(&self) -> usize {
        (self.output[0] - 1) * self.columns + self.output[1]
    }

    /// The values of the kernel in order.
    pub(super) fn taps(&self) -> impl Iterator<Item = Tap> {
        let Shape { kernel, stride, dilation, .. } = self.shape;
        let planes = *self;
        (0..kernel[0]).flat_map(move |row| {
            (0..kernel[1]).filter_map(move |column| {
                let [y, x] = [row * dilation[0], column * dilation[1]];
                let plane = planes.plane([y % stride[0], x % stride[1]])?;
                Some(Tap { plane, shift: y / stride[0] * planes.columns + x / stride[1] })
            })
        })
    }

    /// Where the values that a filter of the first group reads begin: channel by channel, in the order of
    /// its weights.
    pub(super) fn offsets(&self) -> Vec<usize> {
        let channels = 0..self.shape.group_channels();
        let of_channel = |channel: usize| {
            let start = channel * self.channel();
            self.taps().map(move |tap| start + tap.plane * self.area() + tap.shift)
        };
        channels.flat_map(of_channel).collect()
    }

    /// The largest shift.
    pub(super) fn largest_shift(&self) -> usize {
        self.taps().map(|tap| tap.shift).max().unwrap_or(0)
    }

    /// Where the pixel of a row lies in the planes of its channel; nowhere if nothing reads it.
    fn start(&self, y: usize, x: usize) -> Option<usize> {
        let Shape { stride, padding, .. } = self.shape;
        let [y, x] = [y + padding[0].0, x + padding[1].0];
        let plane = self.plane([y % stride[0], x % stride[1]])?;
        Some(plane * self.area() + y / stride[0] * self.columns + x / stride[1])
    }

    /// Whether every value of the planes is a pixel.
    fn is_covered(&self) -> bool {
        let Shape { input, stride, padding, .. } = self.shape;
        padding == [(0, 0), (0, 0)] && [0, 1].iter().all(|&axis| input[axis] % stride[axis] == 0)
    }

    /// Puts the channels of an image into planes, zeros included.
    #[inline(always)]
    pub(super) fn fill(&self, image: &[f32], planes: &mut [f32]) {
        let Shape { input: [height, width], stride, .. } = self.shape;
        if !self.is_covered() {
            planes.fill(0.0);
        }
        let channels = image.chunks_exact(height * width);
        for (channel, planes) in channels.zip(planes.chunks_exact_mut(self.channel())) {
            for (y, pixels) in channel.chunks_exact(width).enumerate() {
                if let (2, Some(even), Some(odd)) = (stride[1], self.start(y, 0), self.start(y, 1))
                    && width > 1
                {
                    let (pairs, last) = pixels.as_chunks::<2>();
                    let [evens, odds] = two(planes, [even, odd]);
                    for ((even, odd), pair) in evens.iter_mut().zip(odds).zip(pairs) {
                        [*even, *odd] = *pair;
                    }
                    if let [last] = last {
                        planes[even + pairs.len()] = *last;
                    }
                    continue;
                }
                for x in 0..stride[1].min(width) {
                    let Some(start) = self.start(y, x) else { continue };
                    if stride[1] == 1 {
                        planes[start..start + width].copy_from_slice(pixels);
                        continue;
                    }
                    let pixels = pixels[x..].iter().step_by(stride[1]);
                    for (target, &pixel) in planes[start..].iter_mut().zip(pixels) {
                        *target = pixel;
                    }
                }
            }
        }
    }

    /// Takes a channel's pixels, all of them, out of its planes; zeros where nothing reads them.
    #[inline(always)]
    pub(super) fn take(&self, planes: &[f32], channel: &mut [MaybeUninit<f32>]) {
        let Shape { input: [_, width], stride, .. } = self.shape;
        for (y, pixels) in channel.chunks_exact_mut(width).enumerate() {
            if let (2, Some(even), Some(odd)) = (stride[1], self.start(y, 0), self.start(y, 1))
                && width > 1
            {
                let (evens, odds) = (&planes[even..], &planes[odd..]);
                let (pairs, last) = pixels.as_chunks_mut::<2>();
                let count = pairs.len();
                for (pair, (&even, &odd)) in pairs.iter_mut().zip(evens.iter().zip(odds)) {
                    *pair = [MaybeUninit::new(even), MaybeUninit::new(odd)];
                }
                if let [last] = last {
                    last.write(evens[count]);
                }
                continue;
            }
            for x in 0..stride[1].min(width) {
                let targets = pixels[x..].iter_mut().step_by(stride[1]);
                let Some(start) = self.start(y, x) else {
                    for target in targets {
                        target.write(0.0);
                    }
                    continue;
                };
                for (target, &value) in targets.zip(&planes[start..]) {
                    target.write(value);
                }
            }
        }
    }
}

/// Two slices of one that begin at different places; the first of them ends where the other begins.
#[inline(always)]
fn two(numbers: &mut [f32], [left, right]: [usize; 2]) -> [&mut [f32]; 2] {
    let (lower, upper) = numbers.split_at_mut(left.max(right));
    let lower = &mut lower[left.min(right)..];
    if left < right { [lower, upper] } else { [upper, lower] }
}
