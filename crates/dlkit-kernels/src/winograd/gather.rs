//! Patches of pixels, one for each lane of a vector, read and put in zeros at borders.

use crate::simd::{MAX_LANES, Simd};

/// Where each lane of a vector reads, from a place all have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes {
    offsets: [isize; MAX_LANES],
    lowest: isize,
    highest: isize,
}

/// Which rows and columns of each lane's patch are pixels (all bits set) and which are zeros.
#[derive(Clone, Copy)]
pub(super) struct Masks<S: Simd> {
    rows: [S::Vector; 6],
    columns: [S::Vector; 6],
}

impl Lanes {
    /// From the offset of each lane; `count` lanes are used.
    pub(super) fn new(count: usize, offset: impl Fn(usize) -> isize) -> Self {
        let mut offsets = [0; MAX_LANES];
        for (lane, place) in offsets.iter_mut().enumerate().take(count) {
            *place = offset(lane);
        }
        let used = &offsets[..count];
        Self {
            offsets,
            lowest: used.iter().copied().min().unwrap_or(0),
            highest: used.iter().copied().max().unwrap_or(0),
        }
    }

    /// The first six numbers at `shift` in each lane; what is outside the source is read as zero.
    #[inline(always)]
    pub(super) fn columns<S: Simd>(&self, s: S, source: &[f32], shift: isize) -> [S::Vector; 6] {
        let inside =
            shift + self.lowest >= 0 && shift + self.highest + 8 <= source.len().cast_signed();
        if inside {
            // SAFETY: every lane's offset is between the lowest and the highest, so eight numbers
            // from there are inside the source.
            unsafe { s.load_columns(source.as_ptr().wrapping_offset(shift), &self.offsets) }
        } else {
            let (copy, offsets) = self.copy(source, shift);
            // SAFETY: the copy has eight numbers for each lane, at the offsets that come with it.
            unsafe { s.load_columns(copy.as_ptr(), &offsets) }
        }
    }

    #[cold]
    #[inline(never)]
    fn copy(&self, source: &[f32], shift: isize) -> ([f32; 8 * MAX_LANES], [isize; MAX_LANES]) {
        let mut copy = [0.0; 8 * MAX_LANES];
        let mut offsets = [0; MAX_LANES];
        for (lane, place) in offsets.iter_mut().enumerate() {
            *place = (8 * lane).cast_signed();
            for j in 0..8 {
                let index = shift + self.offsets[lane] + j;
                let value = usize::try_from(index).ok().and_then(|index| source.get(index));
                copy[8 * lane + j.cast_unsigned()] = value.copied().unwrap_or(0.0);
            }
        }
        (copy, offsets)
    }
}

impl<S: Simd> Masks<S> {
    /// Masks from a lane's first row and column and the sides of its picture; a lane without a
    /// patch has `None`.
    #[inline(always)]
    pub(super) fn new(
        s: S,
        sides: [usize; 2],
        corner: impl Fn(usize) -> Option<[isize; 2]>,
    ) -> Self {
        let mut bits = [[[0.0_f32; MAX_LANES]; 6]; 2];
        for lane in 0..S::LANES {
            let Some(corner) = corner(lane) else { continue };
            for axis in 0..2 {
                for step in 0..6_u8 {
                    let place = corner[axis] + isize::from(step);
                    if (0..sides[axis].cast_signed()).contains(&place) {
                        bits[axis][usize::from(step)][lane] = f32::from_bits(u32::MAX);
                    }
                }
            }
        }
        let mut masks = Self { rows: [s.splat(0.0); 6], columns: [s.splat(0.0); 6] };
        for step in 0..6 {
            // SAFETY: each array is as long as the longest vector.
            unsafe {
                masks.rows[step] = s.load(bits[0][step].as_ptr());
                masks.columns[step] = s.load(bits[1][step].as_ptr());
            }
        }
        masks
    }
}

/// The patches of `N` rows of `N` pixels at `shift` in each lane.
#[inline(always)]
pub(super) fn patch<S: Simd, const N: usize>(
    s: S,
    source: &[f32],
    shift: isize,
    width: usize,
    lanes: &Lanes,
    masks: Option<&Masks<S>>,
) -> [[S::Vector; N]; N] {
    let mut pixels = [[s.splat(0.0); N]; N];
    for (row, line) in pixels.iter_mut().enumerate() {
        let columns = lanes.columns(s, source, shift + (row * width).cast_signed());
        line.copy_from_slice(&columns[..N]);
        if let Some(masks) = masks {
            for (column, pixel) in line.iter_mut().enumerate() {
                *pixel = s.keep(s.keep(*pixel, masks.rows[row]), masks.columns[column]);
            }
        }
    }
    pixels
}
