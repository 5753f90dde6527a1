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
    /// divide channels and filters, or a size cannot be counted.
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
        ];
        let divided = self.channels.checked_rem(self.groups)? == 0
            && self.filters.is_multiple_of(self.groups);
        (divided && !counts.contains(&0)).then_some([side(0)?, side(1)?])
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

/// The padded input in planes: pixels whose places leave the same remainders by the strides lie together,
/// so that what a value of the kernel reads is one plane, shifted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planes {
    shape: Shape,
    pub(super) output: [usize; 2],
    /// Rows and columns of a plane.
    pub(super) rows: usize,
    pub(super) columns: usize,
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
        Self { shape, output, rows: side(0), columns: side(1) }
    }

    /// Planes of a channel.
    pub(super) const fn each(&self) -> usize {
        self.shape.stride[0] * self.shape.stride[1]
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
        let columns = self.columns;
        (0..kernel[0]).flat_map(move |row| {
            (0..kernel[1]).map(move |column| {
                let [y, x] = [row * dilation[0], column * dilation[1]];
                Tap {
                    plane: y % stride[0] * stride[1] + x % stride[1],
                    shift: y / stride[0] * columns + x / stride[1],
                }
            })
        })
    }

    /// The largest shift.
    pub(super) fn largest_shift(&self) -> usize {
        self.taps().map(|tap| tap.shift).max().unwrap_or(0)
    }

    /// For each row of an image's channel: its row in the planes, and the first of the planes.
    const fn row(&self, y: usize) -> [usize; 2] {
        let y = y + self.shape.padding[0].0;
        [y / self.shape.stride[0], y % self.shape.stride[0] * self.shape.stride[1]]
    }

    /// Where the pixel of a padded row lies in the planes of its channel.
    const fn place(&self, first: usize, row: usize, x: usize) -> usize {
        let stride = self.shape.stride[1];
        (first + x % stride) * self.area() + row * self.columns + x / stride
    }

    /// Whether every value of the planes is a pixel.
    fn is_covered(&self) -> bool {
        let Shape { input, stride, padding, .. } = self.shape;
        padding == [(0, 0), (0, 0)] && [0, 1].iter().all(|&axis| input[axis] % stride[axis] == 0)
    }

    /// Puts the channels of an image into planes, zeros included.
    #[inline(always)]
    pub(super) fn fill(&self, image: &[f32], planes: &mut [f32]) {
        let Shape { input: [height, width], stride, padding, .. } = self.shape;
        let before = padding[1].0;
        if !self.is_covered() {
            planes.fill(0.0);
        }
        let channels = image.chunks_exact(height * width);
        for (channel, planes) in channels.zip(planes.chunks_exact_mut(self.channel())) {
            for (y, pixels) in channel.chunks_exact(width).enumerate() {
                let [row, first] = self.row(y);
                let start = self.place(first, row, before);
                if stride[1] == 1 {
                    planes[start..start + width].copy_from_slice(pixels);
                } else if stride[1] == 2 && width > 1 {
                    let (pairs, last) = pixels.as_chunks::<2>();
                    let [even, odd] = two(planes, [start, self.place(first, row, before + 1)]);
                    for ((even, odd), pair) in even.iter_mut().zip(odd).zip(pairs) {
                        [*even, *odd] = *pair;
                    }
                    if let [last] = last {
                        planes[start + pairs.len()] = *last;
                    }
                } else {
                    for x in 0..stride[1].min(width) {
                        let start = self.place(first, row, before + x);
                        let pixels = pixels[x..].iter().step_by(stride[1]);
                        for (target, &pixel) in planes[start..].iter_mut().zip(pixels) {
                            *target = pixel;
                        }
                    }
                }
            }
        }
    }

    /// Takes a channel's pixels, all of them, out of its planes.
    #[inline(always)]
    pub(super) fn take(&self, planes: &[f32], channel: &mut [MaybeUninit<f32>]) {
        let Shape { input: [_, width], stride, padding, .. } = self.shape;
        let before = padding[1].0;
        for (y, pixels) in channel.chunks_exact_mut(width).enumerate() {
            let [row, first] = self.row(y);
            if stride[1] == 2 && width > 1 {
                let [even, odd] = [0, 1].map(|x| &planes[self.place(first, row, before + x)..]);
                let (pairs, last) = pixels.as_chunks_mut::<2>();
                for (pair, (&even, &odd)) in pairs.iter_mut().zip(even.iter().zip(odd)) {
                    *pair = [MaybeUninit::new(even), MaybeUninit::new(odd)];
                }
                if let [last] = last {
                    last.write(even[pairs.len()]);
                }
                continue;
            }
            for x in 0..stride[1].min(width) {
                let start = self.place(first, row, before + x);
                let targets = pixels[x..].iter_mut().step_by(stride[1]);
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
