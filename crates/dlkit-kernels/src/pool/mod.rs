//! Pooling: the largest number of each window of a map, or the mean of its numbers.

mod average;
mod maximum;

pub use self::average::{average, average_gradient};
pub use self::maximum::{maximum, maximum_gradient};

/// Windows over planes of `height` rows and `width` columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Height and width of a plane.
    pub input: [usize; 2],
    /// Height and width of a window.
    pub size: [usize; 2],
    /// Rows and columns between windows.
    pub stride: [usize; 2],
    /// Rows and columns on each side that belong to windows but do not count, fewer than a window has.
    pub padding: [usize; 2],
}

impl Windows {
    /// Rows and columns of windows, if there are any and each holds a number.
    #[must_use]
    pub fn output(&self) -> Option<[usize; 2]> {
        let side = |axis: usize| {
            let Self { input, size, stride, padding } = self;
            let fits = stride[axis] > 0 && padding[axis] < size[axis] && input[axis] > 0;
            let room =
                input[axis].checked_add(padding[axis].checked_mul(2)?)?.checked_sub(size[axis])?;
            fits.then(|| room / stride[axis] + 1)
        };
        let area = self.input[0].checked_mul(self.input[1])?;
        Some([side(0)?, side(1)?]).filter(|_| u32::try_from(area).is_ok())
    }

    /// Whether windows are of 2x2 beside each other, the usual ones.
    fn are_pairs(&self) -> bool {
        [self.size, self.stride] == [[2; 2]; 2] && self.padding == [0; 2]
    }

    /// First and last but one place of window `index`.
    fn range(&self, axis: usize, index: usize) -> [usize; 2] {
        let start = index * self.stride[axis];
        let end = (start + self.size[axis] - self.padding[axis]).min(self.input[axis]);
        [start.saturating_sub(self.padding[axis]), end]
    }

    /// The places of all windows along an axis.
    fn ranges(&self, axis: usize, count: usize) -> Vec<[usize; 2]> {
        (0..count).map(|index| self.range(axis, index)).collect()
    }

    /// Numbers of a plane, and rows and columns of its windows.
    fn checked(&self) -> (usize, [usize; 2]) {
        let output = self.output();
        assert!(output.is_some(), "{self:?} have no output");
        (self.input[0] * self.input[1], output.unwrap_or_default())
    }
}

/// The two rows that a row of 2x2 windows covers, as pairs, one for each window.
#[inline(always)]
fn pairs(plane: &[f32], width: usize, row: usize) -> [&[[f32; 2]]; 2] {
    let (above, below) = plane[2 * row * width..2 * (row + 1) * width].split_at(width);
    [above.as_chunks::<2>().0, below.as_chunks::<2>().0]
}
